/** Colours and formats of the drawn charts, taken from the page's own style, so that a theme changes both. */
import type { ChartOptions, DeepPartial } from 'lightweight-charts';
import { narrowPrice } from '../format/number';
import { timeAs } from '../format/time';

export interface Look {
  panel: string;
  raised: string;
  line: string;
  text: string;
  muted: string;
  up: string;
  down: string;
  warn: string;
  accent: string;
}

export function lookOf(element: Element): Look {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    panel: of('panel'),
    raised: of('raised'),
    line: of('line'),
    text: of('text'),
    muted: of('muted'),
    up: of('up'),
    down: of('down'),
    warn: of('warn'),
    accent: of('accent'),
  };
}

/** The library's kinds of marks on its time axis: year, month, day of month, time, time with seconds. */
const axisShapes = ['year', 'month', 'day', 'minute', 'clock'] as const;

/** The library knows UTC only. Times stay UTC in the data and become the reader's where they are written; days stay UTC. */
export function chartOptions(look: Look, daily: boolean): DeepPartial<ChartOptions> {
  const zone = daily ? 'UTC' : undefined;
  return {
    layout: {
      attributionLogo: false, // its style element would break the content security policy; the status bar names the library
      background: { color: look.panel },
      textColor: look.muted,
      fontFamily: 'system-ui, sans-serif',
      fontSize: 11,
    },
    grid: { vertLines: { color: look.raised }, horzLines: { color: look.raised } },
    crosshair: {
      vertLine: { color: look.muted, labelBackgroundColor: look.raised },
      horzLine: { color: look.muted, labelBackgroundColor: look.raised },
    },
    rightPriceScale: { borderColor: look.line },
    timeScale: {
      borderColor: look.line,
      timeVisible: !daily,
      secondsVisible: false,
      tickMarkFormatter: (time: unknown, kind: number) =>
        timeAs(axisShapes[kind] ?? 'minute', Number(time) * 1000, ...(zone ? [zone] : [])),
    },
    localization: {
      timeFormatter: (time: unknown) =>
        daily ? timeAs('day', Number(time) * 1000, 'UTC') : timeAs('bar', Number(time) * 1000),
    },
  };
}

/** The axis' own marks come as doubles; this is the one place where a number becomes text again. */
export function axisPrice(tick: string): { type: 'custom'; minMove: number; formatter: (price: number) => string } {
  const places = Math.min(20, (tick.split('.')[1] ?? '').length + 1);
  return { type: 'custom', minMove: Number(tick), formatter: (price) => narrowPrice(price.toFixed(places), tick) };
}

export function faded(colour: string, alpha: string): string {
  return /^#[0-9a-f]{6}$/i.test(colour) ? colour + alpha : colour;
}
