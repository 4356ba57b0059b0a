/** How amounts look. Works on the strings themselves: every digit shown was sent by the gateway or rounded exactly. */
import { convention, group } from './convention';
import { abs, compare, decimals, isDecimal, isZero, multiply, round, sign, toUnits, trim } from './decimal';

export const nothing = '—';

type Amount = string | null | undefined;

export function fixed(value: Amount, places: number): string {
  return isDecimal(value) ? group(round(value, places)) : nothing;
}

/** At a grid such as a market's tick or step size; without one as it came. */
export function onGrid(value: Amount, grid: Amount): string {
  if (!isDecimal(value)) return nothing;
  if (!isDecimal(grid)) return group(value);
  return group(round(value, decimals(grid.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, ''))));
}

export function plain(value: Amount): string {
  return isDecimal(value) ? group(value) : nothing;
}

const subscripts = '₀₁₂₃₄₅₆₇₈₉';

const keptTexts = 4000;

/** Writes each amount once: the same prices and sizes come many times a second. */
function once(write: (value: Amount, grid: Amount) => string): (value: Amount, grid?: Amount) => string {
  const texts = new Map<string, string>();
  let by = convention;
  return (value, grid) => {
    if (by !== convention || texts.size > keptTexts) texts.clear();
    by = convention;
    const key = `${value} ${grid}`;
    let text = texts.get(key);
    if (text === undefined) texts.set(key, (text = write(value, grid)));
    return text;
  };
}

/** A price for a narrow column: on its grid, with four or more zeros after the point written as a count: 0.0₄123. */
export const narrowPrice = once((value, tick) => {
  const text = onGrid(value, tick);
  const head = /^\u2212?0/.exec(text)?.[0];
  if (head === undefined || !text.startsWith(convention.point, head.length)) return text;
  const fraction = text.slice(head.length + convention.point.length);
  const zeros = /^0{4,}(?=[1-9])/.exec(fraction)?.[0].length ?? 0;
  if (zeros === 0) return text;
  const count = [...String(zeros)].map((digit) => subscripts[Number(digit)]).join('');
  return `${head}${convention.point}0${count}${fraction.slice(zeros)}`;
});

/** A computed price off the grid, such as an entry or a liquidation price: at most six digits that count. */
export function narrowAverage(value: Amount, tick: Amount): string {
  if (!isDecimal(value) || !isDecimal(tick)) return narrowPrice(value, tick);
  const leading = /^-?0*\.(0*)/.exec(value)?.[1]?.length;
  const places = leading === undefined ? decimals(tick) : Math.min(decimals(tick), leading + 6);
  return narrowPrice(round(value, places), undefined);
}

/** Most digits of a size in a narrow column; the exact one is beside it. */
const sizeDigits = 8;

/** A size for a narrow column, on its grid where one is given: the larger it is, the fewer digits after the point. */
export const narrowSize = once((value, step) => {
  if (!isDecimal(value)) return nothing;
  if (isDecimal(step) && compare(step, '10') >= 0) return compact(value);
  const whole = abs(value).split('.')[0]!.replace(/^0+/, '').length;
  if (whole > 6) return fixed(value, 0);
  const room = sizeDigits - whole;
  const places = isDecimal(step) ? decimals(trim(step)) : decimals(value);
  return places > room ? fixed(value, room) : onGrid(value, step);
});

const magnitudes = ['', 'K', 'M', 'B', 'T'];

/** Three or four digits that count and a magnitude: "116.5M". For overviews only, the exact value belongs beside it. */
export function compact(value: Amount): string {
  if (!isDecimal(value)) return nothing;
  const whole = value.replace('-', '').split('.')[0]!.replace(/^0+/, '');
  const power = Math.min(magnitudes.length - 1, Math.max(0, Math.ceil(whole.length / 3) - 1));
  if (power === 0) return fixed(value, whole.length >= 3 ? 0 : 2);
  const places = 3 - (whole.length - 3 * power);
  const scale = 3 * power;
  const units = toUnits(value, 0)
    .toString()
    .replace('-', '')
    .padStart(scale + 1, '0');
  const shifted = `${value.startsWith('-') ? '-' : ''}${units.slice(0, -scale)}.${units.slice(-scale)}`;
  return fixed(shifted, Math.max(0, places)) + magnitudes[power];
}

/** Dollars with cents; below a cent two significant digits, so that a small fee never reads 0.00. */
export function dollars(value: Amount): string {
  if (!isDecimal(value)) return nothing;
  const size = value.replace('-', '');
  if (isZero(size) || compare(size, '0.01') >= 0) return group(round(value, 2));
  const leading = /^0*\.(0*)/.exec(size)?.[1]?.length ?? 0;
  return group(round(value, leading + 2).replace(/(\.\d*?)0+$/, '$1'));
}

export function wholeDollars(value: Amount): string {
  return fixed(value, 0);
}

/** A fraction as percent: "0.1234" → "12.34 %". */
export function percent(value: Amount, places = 2): string {
  return isDecimal(value) ? `${fixed(multiply(value, '100'), places)} %` : nothing;
}

export function times(value: Amount): string {
  return isDecimal(value) ? `${fixed(value, 2)}×` : nothing;
}

/** Basis points with one digit: "0.000123" → "1.2 bp". */
export function basisPoints(value: Amount): string {
  return isDecimal(value) ? `${fixed(multiply(value, '10000'), 1)} bp` : nothing;
}

/** Puts a plus before what is above zero, for values whose direction matters. */
export function signed(value: Amount, shown: string): string {
  return isDecimal(value) && sign(value) > 0 ? `+${shown}` : shown;
}

export function direction(value: Amount): 'up' | 'down' | '' {
  if (!isDecimal(value)) return '';
  return (['down', '', 'up'] as const)[sign(value) + 1]!;
}
