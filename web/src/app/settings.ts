/** What a person chose, as signals, remembered where the browser allows it. */
import { effect, signal, type Signal } from '@preact/signals';
import { languageOf, useNumbersOf } from '../format/convention';
import { useTimesOf, useZone } from '../format/time';
import { kept } from './storage';

const prefix = 'tidegate.';

function remembered<T extends string>(name: string, standard: T, allowed?: readonly T[]): Signal<T> {
  const found = kept.get(prefix + name) as T | null;
  const value = found !== null && (allowed === undefined || allowed.includes(found)) ? found : standard;
  const made = signal<T>(value);
  let first = true;
  effect(() => {
    const now = made.value;
    if (!first) kept.set(prefix + name, now);
    first = false;
  });
  return made;
}

export type Switch = 'on' | 'off';
const switches: readonly Switch[] = ['on', 'off'];

export const settings = {
  theme: remembered('theme', 'system', ['system', 'dark', 'light'] as const),
  palette: remembered('palette', 'green-up', ['green-up', 'red-up', 'blue-up'] as const),
  zone: remembered<string>('zone', 'local'),
  /** Empty: the browser's own. */
  locale: remembered<string>('locale', ''),
  rate: remembered('rate', 'normal', ['fast', 'normal', 'calm'] as const),
  shortcuts: remembered('shortcuts', 'on', switches),
  market: remembered<string>('market', ''),
  resolution: remembered<string>('resolution', '15MINS'),
  bookUnit: remembered('book-unit', 'base', ['base', 'quote'] as const),
  bookBars: remembered('book-bars', 'total', ['total', 'size'] as const),
  /** On a phone only: wider pages have room for one above the other. */
  bookSides: remembered('book-sides', 'beside', ['beside', 'stacked'] as const),
  lines: remembered('chart-lines', 'on', switches),
  marks: remembered('chart-marks', 'on', switches),
  vwap: remembered('chart-vwap', 'off', switches),
  tables: remembered('tables-market', 'all', ['all', 'market'] as const),
  margin: remembered('tables-margin', 'all', ['all', 'cross', 'isolated'] as const),
  source: remembered('fills-source', 'all', ['all', 'stream', 'backfill', 'poll', 'repair'] as const),
  times: remembered('tables-time', 'date', ['date', 'age'] as const),
  view: remembered('view', 'parent', ['parent', 'single'] as const),
  /** Seconds between two readings of the price to a screen reader. */
  spoken: remembered('spoken', 'off', ['off', '10', '60'] as const),
  toasts: remembered('toasts', 'on', switches),
  sound: remembered('sound', 'off', switches),
  system: remembered('system-notices', 'off', switches),
  mirrored: remembered('mirrored', 'off', switches),
  bottomHeight: remembered<string>('bottom-height', '276'),
  favourites: remembered<string>('favourites', ''),
};

/** Market panels stand still while set; never remembered, for nobody expects to find a still page tomorrow. */
export const paused = signal(false);

export const favourites = {
  has: (ticker: string): boolean => settings.favourites.value.split(' ').includes(ticker),
  toggle(ticker: string): void {
    const list = settings.favourites.value.split(' ').filter((one) => one !== '');
    const without = list.filter((one) => one !== ticker);
    settings.favourites.value = (without.length < list.length ? without : [...list, ticker]).join(' ');
  },
};

/** As narrow as the style sheet's own step to one thing at a time. */
export const phone = matchMedia('(max-width: 720px)');
export const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
const darkSystem = matchMedia('(prefers-color-scheme: dark)');

/** Grows when colours or formats changed, for what is drawn by hand. */
export const looks = signal(0);

export function applySettings(root: HTMLElement): void {
  const dark = signal(darkSystem.matches);
  darkSystem.addEventListener('change', () => (dark.value = darkSystem.matches));
  effect(() => {
    const { theme, palette, zone, locale, mirrored } = settings;
    root.dataset.theme = theme.value === 'system' ? (dark.value ? 'dark' : 'light') : theme.value;
    root.dataset.palette = palette.value;
    root.dataset.mirrored = mirrored.value;
    useNumbersOf(locale.value);
    const named = locale.value === '' || locale.value === 'none' ? navigator.language : locale.value;
    useTimesOf(named);
    root.lang = languageOf(named);
    useZone(zone.value);
    looks.value = looks.peek() + 1;
  });
}

/** Milliseconds that the gateway may gather changes for before it sends them. */
export function conflation(): number {
  if (settings.rate.value === 'fast') return 0;
  return settings.rate.value === 'calm' || reducedMotion.matches ? 1000 : 100;
}
