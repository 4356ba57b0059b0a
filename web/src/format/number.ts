/** How amounts look. Works on the strings themselves: every digit shown was sent by the gateway or rounded exactly. */
import { compare, decimals, isDecimal, isZero, multiply, round, sign } from '../feed/decimal';

export const nothing = '—';

type Amount = string | null | undefined;

/** "-1234567.50" → "−1,234,567.50". */
function group(text: string): string {
  const negative = text.startsWith('-') && !isZero(text);
  const digits = text.replace('-', '');
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return (negative ? '\u2212' : '') + (fraction === undefined ? grouped : `${grouped}.${fraction}`);
}

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

/** A price for a narrow column: on its grid, with four or more zeros after the point written as a count: 0.0₄123. */
export function narrowPrice(value: Amount, tick: Amount): string {
  return onGrid(value, tick).replace(/^(\u2212?0\.)(0{4,})(?=[1-9])/, (_, head: string, zeros: string) => {
    const count = [...String(zeros.length)].map((digit) => subscripts[Number(digit)]).join('');
    return `${head}0${count}`;
  });
}

/** A computed price off the grid, such as an entry or a liquidation price: at most six digits that count. */
export function narrowAverage(value: Amount, tick: Amount): string {
  if (!isDecimal(value) || !isDecimal(tick)) return narrowPrice(value, tick);
  const leading = /^-?0*\.(0*)/.exec(value)?.[1]?.length;
  const places = leading === undefined ? decimals(tick) : Math.min(decimals(tick), leading + 6);
  return narrowPrice(round(value, places), undefined);
}

/** A size for a narrow column, on its grid where one is given: millions and more without the digits after the point. */
export function narrowSize(value: Amount, step?: Amount): string {
  if (!isDecimal(value)) return nothing;
  return compare(value.replace('-', ''), '1000000') >= 0 ? fixed(value, 0) : onGrid(value, step);
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

/** Puts a plus before what is above zero, for values whose direction matters. */
export function signed(value: Amount, shown: string): string {
  return isDecimal(value) && sign(value) > 0 ? `+${shown}` : shown;
}

export function direction(value: Amount): 'up' | 'down' | '' {
  if (!isDecimal(value)) return '';
  return (['down', '', 'up'] as const)[sign(value) + 1]!;
}
