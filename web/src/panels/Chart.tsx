/** The chosen market over time: candles, depth, funding, and what kind of market it is. */
import { useEffect, useRef } from 'preact/hooks';
import { asObject } from '@tidegate/client';
import type { PriceChart } from '../charts';
import { desk } from '../app/desk';
import { looks, settings } from '../app/settings';
import { announcement } from '../app/toasts';
import { chartView } from '../app/windows';
import { resolutions } from '../state/resolutions';
import { asTable, barsNow, made, older, pointed, showsVwap, shown } from './chartBars';
import { barWords, BarTable, Legend } from './ChartLegend';
import { accountLines, fillMarks } from './chartMarks';
import { Later } from './Later';
import { Panel } from './Panel';
import { Tabs, useBeat } from './parts';
import '../styles/chart.css';

export function Chart() {
  const candles = desk.market.value === null ? undefined : desk.candles;
  const view = chartView.value;
  return (
    <Panel name="chart" title="Chart" topic={view === 'price' ? candles : undefined} head={<ChartHead />}>
      <div class="chart-box" id="chart-view" role="tabpanel" aria-labelledby={`chart-view-${view}`}>
        {view === 'price' && <Price />}
        {view === 'depth' && <Later class="depth" load={async () => (await import('./Depth')).Depth} />}
        {view === 'funding' && (
          <Later key={desk.market.value} class="chart" load={async () => (await import('./MarketFacts')).Funding} />
        )}
        {view === 'details' && <Later class="facts" load={async () => (await import('./MarketFacts')).Details} />}
      </div>
    </Panel>
  );
}

function ChartHead() {
  return (
    <>
      <Tabs
        label="Views of the market"
        value={chartView}
        panel="chart-view"
        tabs={[
          ['price', 'Price'],
          ['depth', 'Depth'],
          ['funding', 'Funding'],
          ['details', 'Details'],
        ]}
      />
      {chartView.value === 'price' && (
        <div class="tools">
          <div class="choice" role="group" aria-label="Resolution" data-testid="resolutions">
            {resolutions.map(({ id, label }) => (
              <button
                key={id}
                aria-pressed={desk.resolution.value === id}
                data-value={id}
                onClick={() => desk.watchResolution(id)}
              >
                {label}
              </button>
            ))}
          </div>
          <Toggle name="lines" text="Lines" note="Entries, liquidation prices and open orders" />
          <Toggle name="marks" text="Fills" note="Marks of own fills, at their average price" />
          <Toggle name="vwap" text="VWAP" note="Average price by volume since midnight UTC" />
          <button
            class="wide-only"
            aria-pressed={asTable.value !== null}
            onClick={() => (asTable.value = asTable.value === null ? (drawn?.visible() ?? []) : null)}
          >
            Table
          </button>
        </div>
      )}
    </>
  );
}

function Toggle({ name, text, note }: { name: 'lines' | 'marks' | 'vwap'; text: string; note: string }) {
  const value = settings[name];
  return (
    <button
      class="wide-only"
      aria-pressed={value.value === 'on'}
      title={note}
      onClick={() => (value.value = value.value === 'on' ? 'off' : 'on')}
    >
      {text}
    </button>
  );
}

let drawn: PriceChart | null = null;

function Price() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let gone = false;
    void import('../charts').then(({ PriceChart }) => {
      if (gone) return;
      drawn = new PriceChart(
        box.current!,
        (bar) => (pointed.value = bar),
        () => void loadOlder(),
      );
      paint();
    });
    const stop = looks.subscribe(() => drawn?.dress());
    return () => {
      gone = true;
      stop();
      drawn?.destroy();
      drawn = null;
    };
  }, []);
  useEffect(() => {
    older.value = 'no';
    asTable.value = null;
    paint();
  }, [desk.market.value, desk.resolution.value]);
  useEffect(paint, [settings.lines.value, settings.marks.value, settings.vwap.value]);
  useBeat('chart', paint);
  return (
    <>
      <Legend />
      <div
        class="chart"
        data-testid="chart"
        ref={box}
        tabIndex={0}
        role="application"
        aria-label={`Candles of ${desk.market.value ?? 'the market'}. Arrows move bar by bar, plus and minus zoom, Home and End jump.`}
        onKeyDown={press}
        onBlur={() => drawn?.leave()}
      />
      {asTable.value && <BarTable bars={asTable.value} />}
    </>
  );
}

function paint(): void {
  const topic = desk.candles;
  const ticker = desk.market.peek();
  if (!topic || ticker === null) return;
  const resolution = desk.resolution.peek();
  const { id, window, seconds } = resolutions.find((one) => one.id === resolution) ?? resolutions[0];
  const tick = desk.marketOf(ticker)?.tickSize ?? '0.01';
  const bars = barsNow(topic.store, seconds, tick);
  shown.value = bars.at(-1) ?? null;
  drawn?.paint({
    revision: `${ticker}/${id} ${topic.store.revision} ${bars.length > 0 ? bars[0]!.time : ''}`,
    bars,
    window,
    tick,
    daily: id === '1DAY',
    lines: settings.lines.peek() === 'on' ? accountLines(desk, ticker) : [],
    marks: settings.marks.peek() === 'on' ? fillMarks(desk, ticker, seconds, bars) : [],
    vwap: showsVwap() ? made.vwap.values : [],
  });
  if (showsVwap() && bars.length > 0 && made.vwap.values.at(-1) === null) void loadOlder();
}

/** Reading back: a thousand candles before the oldest, joined by their start. */
async function loadOlder(): Promise<void> {
  const topic = desk.candles;
  const ticker = desk.market.peek();
  const first = topic?.store.candles[0];
  if (!topic || !first || ticker === null || older.peek() !== 'no') return;
  older.value = 'loading';
  const resolution = desk.resolution.peek();
  try {
    const body = await desk.rest.get(`/v4/candles/perpetualMarkets/${encodeURIComponent(ticker)}`, {
      resolution,
      toISO: first.startedAt,
      limit: 1000,
    });
    const added = topic.store.prepend(asObject(body));
    if (desk.candles !== topic) return;
    older.value = added > 0 ? 'no' : 'done';
    paint();
  } catch (error) {
    older.value = error instanceof Error ? error.message : String(error);
  }
}

function press(event: KeyboardEvent): void {
  if (!drawn || event.ctrlKey || event.metaKey || event.altKey) return;
  const steps: Record<string, number | null> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageUp: -10,
    PageDown: 10,
    Home: -1e9,
    End: null,
  };
  if (event.key in steps) {
    const bar = drawn.step(steps[event.key]!);
    if (bar) announcement.value = { text: barWords(bar), urgent: false };
  } else if (event.key === '+' || event.key === '=') drawn.zoom(1);
  else if (event.key === '-') drawn.zoom(-1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
