/** The funding rate of the past, as a line. */
import { createChart, BaselineSeries, type UTCTimestamp } from 'lightweight-charts';
import { chartOptions, lookOf } from './look';

export interface RatePoint {
  time: number;
  /** In percent; for the pixel. */
  rate: number;
}

export function drawFunding(element: HTMLElement, points: readonly RatePoint[], places: number): () => void {
  const look = lookOf(element);
  const chart = createChart(element, { autoSize: true, ...chartOptions(look, false) });
  const series = chart.addSeries(BaselineSeries, {
    baseValue: { type: 'price', price: 0 },
    topLineColor: look.up,
    bottomLineColor: look.down,
    topFillColor1: `${look.up}44`,
    topFillColor2: `${look.up}08`,
    bottomFillColor1: `${look.down}08`,
    bottomFillColor2: `${look.down}44`,
    lineWidth: 2,
    priceLineVisible: false,
    priceFormat: { type: 'custom', minMove: 10 ** -places, formatter: (value: number) => `${value.toFixed(places)} %` },
  });
  series.setData(points.map(({ time, rate }) => ({ time: time as UTCTimestamp, value: rate })));
  chart.timeScale().fitContent();
  return () => chart.remove();
}
