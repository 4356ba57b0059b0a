/** A line over the candles with a value for each bar, drawn by hand: a series of the library's own costs more than it gives. */
import type {
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';

type Value = number | null;

const day = 86_400;

export class SessionLine implements ISeriesPrimitive<Time> {
  private chart: SeriesAttachedParameter<Time> | null = null;
  private times: readonly number[] = [];
  private values: readonly Value[] = [];
  private colour = '';
  private readonly views = [
    {
      renderer: () => ({
        draw: (target: Parameters<IPrimitivePaneRenderer['draw']>[0]) =>
          target.useMediaCoordinateSpace(({ context }) => this.draw(context)),
      }),
    },
  ];

  attached(chart: SeriesAttachedParameter<Time>): void {
    this.chart = chart;
  }

  paneViews() {
    return this.views;
  }

  /** Times in seconds, one for each value. What changes the values changes the candles too, and with those it is drawn. */
  show(times: readonly number[], values: readonly Value[], colour: string): void {
    const comesOrGoes = (values.length === 0) !== (this.values.length === 0);
    this.times = times;
    this.values = values;
    this.colour = colour;
    if (comesOrGoes) this.chart?.requestUpdate();
  }

  /** Breaks where a session begins or is not known. */
  private draw(pen: CanvasRenderingContext2D): void {
    const scale = this.chart!.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (!range) return;
    pen.beginPath();
    let down = false;
    const last = Math.min(this.values.length - 1, Math.ceil(range.to));
    for (let at = Math.max(0, Math.floor(range.from)); at <= last; at++) {
      const value = this.values[at] ?? null;
      const x = scale.logicalToCoordinate(at as Logical);
      const y = value === null ? null : this.chart!.series.priceToCoordinate(value);
      const begins = at > 0 && Math.floor(this.times[at]! / day) !== Math.floor(this.times[at - 1]! / day);
      if (begins || x === null || y === null) down = false;
      if (x === null || y === null) continue;
      if (down) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      down = true;
    }
    pen.strokeStyle = this.colour;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
}
