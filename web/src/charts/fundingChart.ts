/** The funding rate of the past: one column for each payment, above or below zero. */
import { createChart, HistogramSeries, type UTCTimestamp } from 'lightweight-charts';
import { chartOptions, lookOf } from './look';

export interface RatePoint {
  time: number;
  /** In percent; for the pixel. */
  rate: number;
}

export function drawFunding(element: HTMLElement, points: readonly RatePoint[], places: number): () => void {
  const look = lookOf(element);
  const chart = createChart(element, { autoSize: true, ...chartOptions(look, false) });
  const series = chart.addSeries(HistogramSeries, {
    priceLineVisible: false,
    priceFormat: { type: 'custom', minMove: 10 ** -places, formatter: (value: number) => `${value.toFixed(places)} %` },
  });
  series.setData(
    points.map(({ time, rate }) => ({
      time: time as UTCTimestamp,
      value: rate,
      color: rate < 0 ? look.down : look.up,
    })),
  );
  chart.timeScale().fitContent();
  return () => chart.remove();
}
