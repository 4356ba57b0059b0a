/** How a locale writes numbers: asked of the browser once, then applied to strings, so that no digit passes a double. */
export interface Convention {
  point: string;
  separator: string;
  /** Digits of the group before the point, and of those before it: 3 and 2 in India. */
  first: number;
  others: number;
  /** Digits before the point from which on groups are made: Spanish leaves four together. */
  from: number;
}

const english: Convention = { point: '.', separator: ',', first: 3, others: 3, from: 4 };

export let convention = english;

export function conventionOf(locale: string): Convention {
  let formatter: Intl.NumberFormat;
  try {
    formatter = new Intl.NumberFormat(locale, { numberingSystem: 'latn', minimumFractionDigits: 1 });
  } catch {
    return english;
  }
  const parts = formatter.formatToParts(1234567890.5);
  const groups = parts.filter((part) => part.type === 'integer').map((part) => part.value.length);
  const short = formatter.formatToParts(1234.5).some((part) => part.type === 'group');
  return {
    point: parts.find((part) => part.type === 'decimal')?.value ?? '.',
    separator: parts.find((part) => part.type === 'group')?.value ?? '',
    first: groups.at(-1) ?? 3,
    others: groups.at(-2) ?? 3,
    from: short ? 4 : 5,
  };
}

/** The page speaks English, wherever its numbers are written: "en-DE" beside German digits. */
export function languageOf(locale: string): string {
  try {
    const { region } = new Intl.Locale(locale).maximize();
    return region === undefined ? 'en' : `en-${region}`;
  } catch {
    return 'en';
  }
}

/** `none` leaves the groups out; an empty text takes the browser's own locale. */
export function useNumbersOf(locale: string): void {
  convention =
    locale === 'none' ? { ...english, separator: '' } : conventionOf(locale === '' ? navigator.language : locale);
}

/** "-1234567.50" → "−1,234,567.50" in English. Zero has no sign. */
export function group(text: string): string {
  const negative = text.startsWith('-') && /[1-9]/.test(text);
  const digits = text.replace('-', '');
  const at = digits.indexOf('.');
  const whole = at < 0 ? digits : digits.slice(0, at);
  const fraction = at < 0 ? '' : convention.point + digits.slice(at + 1);
  return (negative ? '\u2212' : '') + groups(whole) + fraction;
}

function groups(whole: string): string {
  const { separator, first, others, from } = convention;
  if (separator === '' || whole.length < from) return whole;
  let end = whole.length - first;
  let text = whole.slice(end);
  for (let size = others; end > 0; end -= size) text = whole.slice(Math.max(0, end - size), end) + separator + text;
  return text;
}
