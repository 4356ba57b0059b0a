/**
 * Exact arithmetic on plain decimal strings ("-12.0300"), as the gateway sends every amount.
 * Nothing here passes through a double, so no digit is lost between the wire and the glass.
 */

const plain = /^-?\d+(\.\d+)?$/;

export function isDecimal(text: unknown): text is string {
  return typeof text === 'string' && plain.test(text);
}

interface Parts {
  negative: boolean;
  whole: string;
  fraction: string;
}

function split(text: string): Parts {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const point = digits.indexOf('.');
  const whole = (point < 0 ? digits : digits.slice(0, point)).replace(/^0+/, '');
  const fraction = point < 0 ? '' : digits.slice(point + 1).replace(/0+$/, '');
  return { negative: negative && (whole !== '' || fraction !== ''), whole, fraction };
}

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  const x = split(a);
  const y = split(b);
  if (x.negative !== y.negative) return x.negative ? -1 : 1;
  const size = compareSize(x, y);
  return x.negative ? -size : size;
}

function compareSize(x: Parts, y: Parts): number {
  if (x.whole.length !== y.whole.length) return x.whole.length - y.whole.length;
  if (x.whole !== y.whole) return x.whole < y.whole ? -1 : 1;
  // Trailing zeros are cut, so plain text order is the order of the fractions.
  if (x.fraction === y.fraction) return 0;
  return x.fraction < y.fraction ? -1 : 1;
}

export function isZero(text: string): boolean {
  return /^-?0*(\.0*)?$/.test(text);
}

export function sign(text: string): -1 | 0 | 1 {
  if (isZero(text)) return 0;
  return text.startsWith('-') ? -1 : 1;
}

/** Digits after the point. */
export function decimals(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** The value times 10^places as an integer; digits beyond `places` are rounded half away from zero. */
export function toUnits(text: string, places: number): bigint {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const point = digits.indexOf('.');
  const whole = point < 0 ? digits : digits.slice(0, point);
  const fraction = point < 0 ? '' : digits.slice(point + 1);
  let units = BigInt(whole + fraction.slice(0, places).padEnd(places, '0'));
  if (fraction.length > places && fraction.charCodeAt(places) >= 53 /* '5' */) units += 1n;
  return negative ? -units : units;
}

/** The inverse of {@link toUnits}, with exactly `places` digits after the point. */
export function fromUnits(units: bigint, places: number): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return negative ? `-${text}` : text;
}

export function add(a: string, b: string): string {
  const places = Math.max(decimals(a), decimals(b));
  return fromUnits(toUnits(a, places) + toUnits(b, places), places);
}

export function subtract(a: string, b: string): string {
  const places = Math.max(decimals(a), decimals(b));
  return fromUnits(toUnits(a, places) - toUnits(b, places), places);
}

export function multiply(a: string, b: string): string {
  const x = decimals(a);
  const y = decimals(b);
  return fromUnits(toUnits(a, x) * toUnits(b, y), x + y);
}

/** `a / b` with `places` digits, rounded half away from zero; null where `b` is zero. */
export function divide(a: string, b: string, places: number): string | null {
  if (isZero(b)) return null;
  const common = Math.max(decimals(a), decimals(b));
  const dividend = toUnits(a, common) * 10n ** BigInt(places);
  const divisor = toUnits(b, common);
  const negative = dividend < 0n !== divisor < 0n;
  const top = dividend < 0n ? -dividend : dividend;
  const bottom = divisor < 0n ? -divisor : divisor;
  const rounded = (2n * top + bottom) / (2n * bottom);
  return fromUnits(negative ? -rounded : rounded, places);
}

export function round(text: string, places: number): string {
  return fromUnits(toUnits(text, places), places);
}

export function abs(text: string): string {
  return text.startsWith('-') ? text.slice(1) : text;
}

export function negate(text: string): string {
  return text.startsWith('-') ? text.slice(1) : `-${text}`;
}

/** (a + b) / 2, exactly. */
export function middle(a: string, b: string): string {
  const places = Math.max(decimals(a), decimals(b)) + 1;
  return fromUnits((toUnits(a, places) + toUnits(b, places)) / 2n, places);
}

/** Without the zeros that end the digits after the point. */
export function trim(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

/** A value for a pixel, never for the eye: a double is exact enough to place a bar. */
export function pixels(text: unknown): number {
  return isDecimal(text) ? Number(text) : 0;
}

/** Accepts what a market may name as its grid, "1e-9" included, and writes it out. */
export function plainDecimal(text: string | undefined): string | undefined {
  if (text === undefined || isDecimal(text)) return text;
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text) ?? [];
  if (whole === '') return undefined;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point >= digits.length) return digits.padEnd(point, '0');
  return point > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : `0.${'0'.repeat(-point)}${digits}`;
}
