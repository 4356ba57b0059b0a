/** Candles as a chart draws them: the rule for bars without trades, and flat bars where time passed without a candle. */
import { compare, isDecimal } from '../format/decimal';
import type { Candle } from './candles';

export interface Bar {
  /** Seconds since 1970, the bar's start. */
  time: number;
  open: string;
  high: string;
  low: string;
  close: string;
  usdVolume: string;
  trades: number;
  /** `traded`, `quoted` (from the middle of the book: at most one trade), or `empty` (no candle at all). */
  kind: 'traded' | 'quoted' | 'empty';
}

export const resolutions = [
  { id: '1MIN', label: '1m', seconds: 60, window: 60 },
  { id: '5MINS', label: '5m', seconds: 300, window: 60 },
  { id: '15MINS', label: '15m', seconds: 900, window: 60 },
  { id: '30MINS', label: '30m', seconds: 1800, window: 60 },
  { id: '1HOUR', label: '1h', seconds: 3600, window: 72 },
  { id: '4HOURS', label: '4h', seconds: 14_400, window: 72 },
  { id: '1DAY', label: '1D', seconds: 86_400, window: 61 },
] as const;

export function secondsOf(resolution: string): number {
  return resolutions.find((one) => one.id === resolution)?.seconds ?? 60;
}

/** With at most one trade the middle of the book tells more than that trade: open and close are the middles then. */
export function barOf(candle: Candle): Bar {
  const { open, high, low, close, orderbookMidPriceOpen: first, orderbookMidPriceClose: last } = candle;
  const bar: Bar = {
    time: Date.parse(candle.startedAt) / 1000,
    open,
    high,
    low,
    close,
    usdVolume: candle.usdVolume ?? '0',
    trades: candle.trades ?? 0,
    kind: 'traded',
  };
  if (bar.trades > 1 || !isDecimal(first) || !isDecimal(last)) return bar;
  const points = bar.trades === 1 && isDecimal(close) ? [first, last, close] : [first, last];
  points.sort(compare);
  return { ...bar, open: first, close: last, high: points.at(-1)!, low: points[0]!, kind: 'quoted' };
}

/** Bars in order, each time once; holes become flat bars without volume, at most a thousand of them. */
export function barsOf(candles: readonly Candle[], seconds: number): Bar[] {
  const bars: Bar[] = [];
  let filled = 0;
  for (const candle of candles) {
    const bar = barOf(candle);
    const before = bars.at(-1);
    if (before && bar.time <= before.time) continue;
    for (let time = (before?.time ?? bar.time) + seconds; time < bar.time && filled < 1000; time += seconds) {
      filled++;
      const price = before!.close;
      bars.push({
        time,
        open: price,
        high: price,
        low: price,
        close: price,
        usdVolume: '0',
        trades: 0,
        kind: 'empty',
      });
    }
    bars.push(bar);
  }
  return bars;
}
