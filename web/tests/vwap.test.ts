import { describe, expect, it } from 'vitest';
import { barsOf } from '../src/state/bars';
import { SessionVwap } from '../src/state/vwap';

const hour = 3600;
const candle = (at: number, usdVolume: string, baseTokenVolume: string) => ({
  startedAt: new Date(at * hour * 1000).toISOString(),
  open: '1',
  high: '1',
  low: '1',
  close: '1',
  usdVolume,
  baseTokenVolume,
  trades: 2,
});

describe('the average price of a session', () => {
  it('begins anew at midnight UTC, and is not known where the day is not held from its beginning', () => {
    const vwap = new SessionVwap();
    const bars = barsOf([candle(23, '900', '1'), candle(24, '300', '3'), candle(25, '100', '1')], hour);
    vwap.take(bars, true, 2);
    expect(vwap.values).toEqual([null, '100.00', '100.00']);
    vwap.take(barsOf([candle(48, '0', '0'), candle(49, '7', '2')], hour), true, 2);
    expect(vwap.values).toEqual([null, '3.50']);
  });

  it('follows the newest bar while it grows, and the next one', () => {
    const vwap = new SessionVwap();
    vwap.take(barsOf([candle(24, '100', '1'), candle(25, '100', '1')], hour), true, 1);
    vwap.take(barsOf([candle(24, '100', '1'), candle(25, '300', '1'), candle(26, '300', '1')], hour), false, 1);
    expect(vwap.values).toEqual(['100.0', '200.0', '233.3']);
  });
});
