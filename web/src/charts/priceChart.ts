/** Candles, volume, lines of the own account and marks of its fills, drawn by lightweight-charts. */
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  LineStyle,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { pixels } from '../format/decimal';
import type { Bar } from '../state/bars';
import { SessionLine } from './sessionLine';
import { axisPrice, chartOptions, faded, lookOf, type Look } from './look';

export interface AccountLine {
  key: string;
  price: string;
  title: string;
  kind: 'entry' | 'liquidation' | 'buy' | 'sell';
}

export interface FillMark {
  time: number;
  side: 'BUY' | 'SELL';
  size: string;
  /** Of all fills of the side within the bar. */
  average: string;
  /** The average as it is written. */
  text: string;
}

export interface ChartState {
  /** Changes where the series is another one: market, resolution, older bars. */
  revision: string;
  bars: readonly Bar[];
  window: number;
  tick: string;
  daily: boolean;
  lines: readonly AccountLine[];
  marks: readonly FillMark[];
  /** The average price of the session, for each bar; empty where it is not wanted. */
  vwap: readonly (string | null)[];
}

/** Narrower than this the titles of lines would hide the candles: their prices on the axis have to do. */
const titlesFrom = 500;
/** Free to the right of the newest candle, in pixels: with the titles of lines there, and without. */
const titleWidth = 110;
const candlesFree = 36;
/** More marks than this stand without their price: it would hide the candles. */
const pricedMarks = 24;
/** Asked for when fewer bars than this are left of what is seen. */
const olderFrom = 20;

export class PriceChart {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<'Candlestick'>;
  private readonly volume: ISeriesApi<'Histogram'>;
  private readonly marks: ISeriesMarkersPluginApi<Time>;
  private readonly vwap = new SessionLine();
  private readonly drawnLines = new Map<string, IPriceLine>();
  private look: Look;
  private state: ChartState | null = null;
  private newest = '';
  private shownMarks = '';
  private free = 0;
  private focused: number | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly pointed: (bar: Bar | null) => void,
    private readonly older: () => void,
  ) {
    this.look = lookOf(element);
    this.chart = createChart(element, { autoSize: true, ...chartOptions(this.look, false) });
    this.candles = this.chart.addSeries(CandlestickSeries, { borderVisible: true });
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: '',
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: { type: 'volume' },
    });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.8, bottom: 0 } });
    this.candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.24 } });
    this.marks = createSeriesMarkers(this.candles, []);
    this.candles.attachPrimitive(this.vwap);
    this.chart.subscribeCrosshairMove((event) => {
      const index = event.logical === undefined ? -1 : Math.round(event.logical);
      this.pointed(event.point ? (this.state?.bars[index] ?? null) : null);
    });
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < olderFrom) this.older();
    });
    this.dress();
  }

  /** Takes colours, zone and number formats anew. */
  dress(): void {
    this.look = lookOf(this.element);
    const { up, down } = this.look;
    this.chart.applyOptions(chartOptions(this.look, this.state?.daily ?? false));
    const colours = { upColor: up, downColor: down, wickUpColor: up, wickDownColor: down };
    this.candles.applyOptions({ ...colours, borderUpColor: up, borderDownColor: down });
    for (const line of this.drawnLines.values()) this.candles.removePriceLine(line);
    this.drawnLines.clear();
    this.shownMarks = '';
    if (!this.state) return;
    this.candles.applyOptions({ priceFormat: axisPrice(this.state.tick) });
    this.setAll(this.state);
    this.drawLines(this.state.lines);
    this.drawMarks(this.state.marks);
    this.drawVwap(this.state);
  }

  paint(next: ChartState): void {
    const before = this.state;
    this.state = next;
    if (before?.tick !== next.tick) this.candles.applyOptions({ priceFormat: axisPrice(next.tick) });
    if (before?.daily !== next.daily) this.chart.applyOptions(chartOptions(this.look, next.daily));
    if (before?.revision !== next.revision) this.setAll(next, before);
    else this.update(next, before);
    this.drawLines(next.lines);
    this.drawMarks(next.marks);
    this.drawVwap(next);
  }

  destroy(): void {
    this.chart.remove();
  }

  /** Narrower or wider by a half, around the newest bar that is seen. */
  zoom(by: 1 | -1): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const width = (range.to - range.from) * (by === 1 ? 2 / 3 : 3 / 2);
    this.chart.timeScale().setVisibleLogicalRange({ from: range.to - width, to: range.to });
  }

  /** Moves the crosshair by bars, for the keyboard; null puts it on the newest. */
  step(by: number | null): Bar | null {
    const bars = this.state?.bars ?? [];
    if (bars.length === 0) return null;
    const from = this.focused ?? bars.length;
    this.focused = by === null ? bars.length - 1 : Math.max(0, Math.min(bars.length - 1, from + by));
    const bar = bars[this.focused]!;
    this.chart.setCrosshairPosition(pixels(bar.close), bar.time as UTCTimestamp, this.candles);
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (range && (this.focused < range.from || this.focused > range.to)) {
      const width = range.to - range.from;
      this.chart.timeScale().setVisibleLogicalRange({ from: this.focused - width / 2, to: this.focused + width / 2 });
    }
    this.pointed(bar);
    return bar;
  }

  leave(): void {
    this.focused = null;
    this.chart.clearCrosshairPosition();
    this.pointed(null);
  }

  /** The bars that are seen now, for a table of them. */
  visible(): readonly Bar[] {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    const bars = this.state?.bars ?? [];
    return range ? bars.slice(Math.max(0, Math.floor(range.from)), Math.ceil(range.to) + 1) : bars.slice(-60);
  }

  private setAll(next: ChartState, before: ChartState | null = next): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    this.newest = '';
    this.candles.setData(next.bars.map((bar) => this.candle(bar)));
    this.volume.setData(next.bars.map((bar) => this.column(bar)));
    const series = (state: ChartState) => state.revision.split(' ')[0];
    const same = before !== null && before.bars.length > 0 && series(before) === series(next);
    if (!same) this.showNewest(next);
    else if (range) {
      // Older bars came before those that were seen: what is seen stays where it was.
      const added = next.bars.findIndex((bar) => bar.time === before.bars[0]!.time);
      if (added > 0) {
        this.chart.timeScale().setVisibleLogicalRange({ from: range.from + added, to: range.to + added });
      }
    }
  }

  private showNewest({ bars, window }: ChartState): void {
    if (bars.length === 0) return;
    this.candles.priceScale().applyOptions({ autoScale: true });
    const scale = this.chart.timeScale();
    const room = Math.max(1, scale.width() - this.free);
    scale.setVisibleLogicalRange({ from: bars.length - window, to: bars.length + (this.free / room) * window });
  }

  private update(next: ChartState, before: ChartState | null): void {
    const last = before?.bars.at(-1)?.time ?? -Infinity;
    for (const bar of next.bars.slice(-3)) {
      // To give the newest as it stands on the chart once more would draw everything once more.
      const text = JSON.stringify(bar);
      if (bar.time < last || text === this.newest) continue;
      this.newest = text;
      this.candles.update(this.candle(bar));
      this.volume.update(this.column(bar));
    }
  }

  // Pixels, not amounts: doubles are exact enough to place a bar.
  private candle(bar: Bar) {
    const place = {
      time: bar.time as UTCTimestamp,
      open: pixels(bar.open),
      high: pixels(bar.high),
      low: pixels(bar.low),
      close: pixels(bar.close),
    };
    if (bar.kind === 'traded') return place;
    if (bar.kind === 'quoted') return { ...place, color: this.look.panel };
    return { ...place, color: this.look.line, borderColor: this.look.line, wickColor: this.look.line };
  }

  private column(bar: Bar) {
    const rises = pixels(bar.close) >= pixels(bar.open);
    const color = faded(rises ? this.look.up : this.look.down, '55');
    return { time: bar.time as UTCTimestamp, value: pixels(bar.usdVolume), color };
  }

  private drawLines(lines: readonly AccountLine[]): void {
    const titled = this.isWide;
    const wanted = new Map(lines.map((line) => [line.key, titled ? line : { ...line, title: '' }]));
    this.keepFree(titled && lines.length > 0 ? titleWidth : candlesFree);
    for (const [key, drawn] of this.drawnLines) {
      if (wanted.has(key)) continue;
      this.candles.removePriceLine(drawn);
      this.drawnLines.delete(key);
    }
    for (const [key, line] of wanted) {
      // The axis snaps its label to the tick, so an exact price off the grid stands in the title.
      const options = { price: pixels(line.price), title: line.title, color: this.colourOf(line.kind) };
      const drawn = this.drawnLines.get(key);
      if (drawn) {
        if (drawn.options().title !== line.title || drawn.options().price !== options.price)
          drawn.applyOptions(options);
        continue;
      }
      const lineStyle = line.kind === 'entry' ? LineStyle.Solid : LineStyle.Dashed;
      const made = this.candles.createPriceLine({ ...options, lineWidth: 1, lineStyle, axisLabelVisible: true });
      this.drawnLines.set(key, made);
    }
  }

  /** Titles stand at the right edge: the newest candles keep clear of them. */
  private keepFree(right: number): void {
    // Whoever looks at the past is not taken to the newest candle.
    if (right === this.free || (this.free > 0 && this.chart.timeScale().scrollPosition() < 0)) return;
    this.free = right;
    this.chart.timeScale().applyOptions({ rightOffsetPixels: right });
  }

  // As the chart itself keeps it: the element's own would make the browser lay out in the middle of a paint.
  private get isWide(): boolean {
    return this.chart.timeScale().width() >= titlesFrom;
  }

  private colourOf(kind: AccountLine['kind']): string {
    const { accent, warn, up, down } = this.look;
    return { entry: accent, liquidation: warn, buy: up, sell: down }[kind];
  }

  private drawVwap({ bars, vwap }: ChartState): void {
    this.vwap.show(
      bars.map((bar) => bar.time),
      vwap.map((value) => (value === null ? null : pixels(value))),
      this.look.accent,
    );
  }

  private drawMarks(marks: readonly FillMark[]): void {
    const priced = marks.length <= pricedMarks && this.isWide;
    const key = `${priced} ${marks.map(({ time, side, text }) => `${time}${side}${text}`).join(' ')}`;
    if (key === this.shownMarks) return;
    this.shownMarks = key;
    this.marks.setMarkers(
      marks.map(({ time, side, text }) => ({
        ...(priced ? { text } : {}),
        time: time as UTCTimestamp,
        position: side === 'BUY' ? ('belowBar' as const) : ('aboveBar' as const),
        shape: side === 'BUY' ? ('arrowUp' as const) : ('arrowDown' as const),
        color: side === 'BUY' ? this.look.up : this.look.down,
        size: 0.8,
      })),
    );
  }
}
