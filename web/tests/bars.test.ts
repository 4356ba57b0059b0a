import { describe, expect, it } from 'vitest';
import { barOf, barsOf } from '../src/state/bars';
import { CandlesStore, type Candle } from '../src/state/candles';

const at = (minute: number): string => new Date(minute * 60_000).toISOString();
const candle = (minute: number, more: Partial<Candle> = {}): Candle => ({
  startedAt: at(minute),
  open: '10',
  high: '12',
  low: '9',
  close: '11',
  usdVolume: '100',
  trades: 5,
  ...more,
});

describe('bars', () => {
  it('follow the trades where there are some', () => {
    const bar = barOf(candle(1, { orderbookMidPriceOpen: '1', orderbookMidPriceClose: '2' }));
    expect(bar).toMatchObject({ open: '10', high: '12', low: '9', close: '11', kind: 'traded' });
  });

  it('follow the middle of the book where there were none', () => {
    const middles = { trades: 0, orderbookMidPriceOpen: '10.5', orderbookMidPriceClose: '10.25' };
    expect(barOf(candle(1, middles))).toMatchObject({
      open: '10.5',
      high: '10.5',
      low: '10.25',
      close: '10.25',
      kind: 'quoted',
    });
    expect(barOf(candle(1, { trades: 0 })).kind).toBe('traded');
  });

  it('are flat and without volume where time passed without a candle', () => {
    const bars = barsOf([candle(1), candle(4)], 60);
    expect(bars.map((bar) => [bar.time, bar.kind, bar.close, bar.usdVolume])).toEqual([
      [60, 'traded', '11', '100'],
      [120, 'empty', '11', '0'],
      [180, 'empty', '11', '0'],
      [240, 'traded', '11', '100'],
    ]);
  });

  it('come each time once, even where a candle is told twice', () => {
    expect(barsOf([candle(1), candle(1), candle(2)], 60).map((bar) => bar.time)).toEqual([60, 120]);
  });
});

describe('older candles', () => {
  it('are put before the held ones, each start once', () => {
    const store = new CandlesStore();
    store.replace({ candles: [candle(5), candle(6)] });
    const revision = store.revision;
    expect(store.prepend({ candles: [candle(5), candle(4), candle(3)] })).toBe(2);
    expect(store.candles.map((one) => one.startedAt)).toEqual([at(3), at(4), at(5), at(6)]);
    expect(store.revision).toBeGreaterThan(revision);
  });

  it('stay when a snapshot joins them, and go when it leaves a hole', () => {
    const store = new CandlesStore();
    store.replace({ candles: [candle(5), candle(6)] });
    store.prepend({ candles: [candle(4)] });
    store.replace({ candles: [candle(6), candle(7)] });
    expect(store.candles.map((one) => one.startedAt)).toEqual([at(4), at(5), at(6), at(7)]);
    store.replace({ candles: [candle(20)] });
    expect(store.candles.map((one) => one.startedAt)).toEqual([at(20)]);
  });
});
