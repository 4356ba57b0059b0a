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
  /** In the base currency. */
  volume: string;
  trades: number;
  /** `traded`, `quoted` (from the middle of the book: at most one trade), or `empty` (no candle at all). */
  kind: 'traded' | 'quoted' | 'empty';
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
    usdVolume: amount(candle.usdVolume),
    volume: amount(candle.baseTokenVolume),
    trades: candle.trades ?? 0,
    kind: 'traded',
  };
  if (bar.trades > 1 || !isDecimal(first) || !isDecimal(last)) return bar;
  const points = bar.trades === 1 && isDecimal(close) ? [first, last, close] : [first, last];
  points.sort(compare);
  return { ...bar, open: first, close: last, high: points.at(-1)!, low: points[0]!, kind: 'quoted' };
}

function amount(value: string | undefined): string {
  return isDecimal(value) ? value : '0';
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
        volume: '0',
        trades: 0,
        kind: 'empty',
      });
    }
    bars.push(bar);
  }
  return bars;
}
