/** The bars that the chart shows now, and what is reckoned from them. */
import { signal } from '@preact/signals';
import { desk } from '../app/desk';
import { settings } from '../app/settings';
import { decimals } from '../format/decimal';
import { barsOf, type Bar } from '../state/bars';
import { secondsOf } from '../state/resolutions';
import type { CandlesStore } from '../state/candles';
import { SessionVwap } from '../state/vwap';

/** Under the crosshair; the newest. */
export const pointed = signal<Bar | null>(null);
export const shown = signal<Bar | null>(null);
export const asTable = signal<readonly Bar[] | null>(null);
/** How reading back does: nothing asked, asked, no more there, or why it failed. */
export const older = signal<'no' | 'loading' | 'done' | string>('no');

/** Bars are made anew only when the candles changed. */
export const made: { store: CandlesStore | null; revision: number; length: number; bars: Bar[]; vwap: SessionVwap } = {
  store: null,
  revision: -1,
  length: 0,
  bars: [],
  vwap: new SessionVwap(),
};

export function barsNow(store: CandlesStore, seconds: number, tick: string): Bar[] {
  const revised = made.store !== store || made.revision !== store.revision || made.length !== store.candles.length;
  if (revised) {
    made.bars = barsOf(store.candles, seconds);
    Object.assign(made, { store, revision: store.revision, length: store.candles.length });
  } else {
    const fresh = barsOf(store.candles.slice(-1), seconds)[0];
    if (fresh) made.bars[made.bars.length - 1] = fresh;
  }
  if (settings.vwap.peek() === 'on') {
    made.vwap.take(made.bars, revised || made.vwap.values.length === 0, decimals(tick) + 1);
  }
  return made.bars;
}

/** A bar of a day is its own session. */
export function showsVwap(): boolean {
  return settings.vwap.peek() === 'on' && secondsOf(desk.resolution.peek()) < 86_400;
}
