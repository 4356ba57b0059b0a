/** Candles and volume by lightweight-charts, loaded apart so that the rest of the page never waits for it. */
import type { IChartApi, ISeriesApi, UTCTimestamp } from 'lightweight-charts';
import type { Candle, CandlesStore } from '../feed/candles';
import { decimals } from '../feed/decimal';
import { narrowPrice } from '../format/number';
import { byTestId } from './dom';

const up = '#2ccc98';
const down = '#ff6b6b';

interface Drawn {
  chart: IChartApi;
  candles: ISeriesApi<'Candlestick'>;
  volume: ISeriesApi<'Histogram'>;
}

let drawn: Drawn | null = null;
let shownStore: CandlesStore | null = null;
let shownRevision = -1;
let shownUntil = '';
let shownEmpty = true;
let shownTick = '';
let tick: string | undefined;

export async function loadChart(painted: () => void): Promise<void> {
  const { createChart, CandlestickSeries, HistogramSeries } = await import('lightweight-charts');
  const chart = createChart(byTestId('chart'), {
    autoSize: true,
    layout: {
      attributionLogo: false, // its style element would break the content security policy; the footer names the library
      background: { color: '#161b22' },
      textColor: '#9aa5b4',
      fontFamily: 'system-ui, sans-serif',
      fontSize: 11,
    },
    grid: { vertLines: { color: '#1f2630' }, horzLines: { color: '#1f2630' } },
    rightPriceScale: { borderColor: '#2a323d' },
    timeScale: {
      borderColor: '#2a323d',
      timeVisible: true,
      secondsVisible: false,
      rightOffset: 4,
      tickMarkFormatter: axisTime,
    },
    localization: { timeFormatter: (time: unknown) => localTime.format(Number(time) * 1000) },
  });
  const candles = chart.addSeries(CandlestickSeries, {
    upColor: up,
    downColor: down,
    wickUpColor: up,
    wickDownColor: down,
    borderVisible: false,
  });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: '',
    priceLineVisible: false,
    lastValueVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  drawn = { chart, candles, volume };
  painted();
}

// The library knows UTC only. Times stay UTC in the data and become local where they are written.
const localTime = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const localDay = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });
const localMinute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

function axisTime(time: unknown, kind: number): string {
  const milliseconds = Number(time) * 1000;
  return kind <= 2 ? localDay.format(milliseconds) : localMinute.format(milliseconds);
}

export function paintChart(store: CandlesStore | undefined, tickSize: string | undefined): void {
  if (!drawn || !store) return;
  usePrecision(drawn, tickSize);
  if (store !== shownStore || store.revision !== shownRevision) {
    const fresh = store !== shownStore || shownEmpty;
    drawn.candles.setData(store.candles.map(bar));
    drawn.volume.setData(store.candles.map(volumeBar));
    if (fresh && store.candles.length > 0) showNewest(drawn.chart, store.candles.length);
    shownStore = store;
    shownRevision = store.revision;
    shownEmpty = store.candles.length === 0;
  } else {
    for (const candle of store.candles.slice(-3)) {
      if (candle.startedAt < shownUntil) continue;
      drawn.candles.update(bar(candle));
      drawn.volume.update(volumeBar(candle));
    }
  }
  shownUntil = store.candles.at(-1)?.startedAt ?? '';
}

function showNewest(chart: IChartApi, count: number): void {
  chart.timeScale().setVisibleLogicalRange({ from: Math.max(-0.5, count - 90), to: count + 4 });
}

function usePrecision({ candles }: Drawn, tickSize: string | undefined): void {
  if (tickSize === undefined || tickSize === shownTick) return;
  shownTick = tick = tickSize;
  candles.applyOptions({
    priceFormat: {
      type: 'custom',
      minMove: Number(tickSize),
      // Axis marks are computed by the library as doubles; this is the one place where a number comes back as text.
      formatter: (price: number) => narrowPrice(price.toFixed(Math.min(20, decimals(tick ?? '0') + 1)), tick),
    },
  });
}

// Pixels, not amounts: doubles are exact enough to place a bar.
export function bar(candle: Candle) {
  return {
    time: startOf(candle),
    open: Number(candle.open),
    high: Number(candle.high),
    low: Number(candle.low),
    close: Number(candle.close),
  };
}

function volumeBar(candle: Candle) {
  const rises = Number(candle.close) >= Number(candle.open);
  return { time: startOf(candle), value: Number(candle.usdVolume ?? 0), color: rises ? '#2ccc9855' : '#ff6b6b55' };
}

function startOf(candle: Candle): UTCTimestamp {
  return (Date.parse(candle.startedAt) / 1000) as UTCTimestamp;
}
