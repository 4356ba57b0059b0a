/** The chosen market over time: candles, depth, funding, and what kind of market it is. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asObject } from '@tidegate/client';
import type { PriceChart } from '../charts';
import { desk } from '../app/desk';
import { looks, settings } from '../app/settings';
import { announcement } from '../app/toasts';
import { chartView } from '../app/windows';
import { compare, divide, isDecimal, subtract } from '../format/decimal';
import { compact, direction, fixed, narrowPrice, nothing, percent, signed } from '../format/number';
import { timeAs } from '../format/time';
import { barsOf, resolutions, secondsOf, type Bar } from '../state/bars';
import type { CandlesStore } from '../state/candles';
import { accountLines, fillMarks } from './chartMarks';
import { Later } from './Later';
import { Panel } from './Panel';
import { Num, Tabs, useBeat } from './parts';

const pointed = signal<Bar | null>(null);
const shown = signal<Bar | null>(null);
const asTable = signal<readonly Bar[] | null>(null);
const older = signal<'no' | 'loading' | 'done' | string>('no');

/** Bars are made anew only when the candles changed. */
const made: { store: CandlesStore | null; revision: number; length: number; bars: Bar[] } = {
  store: null,
  revision: -1,
  length: 0,
  bars: [],
};

function barsNow(store: CandlesStore, seconds: number): Bar[] {
  const revised = made.store !== store || made.revision !== store.revision || made.length !== store.candles.length;
  if (revised) {
    made.bars = barsOf(store.candles, seconds);
    Object.assign(made, { store, revision: store.revision, length: store.candles.length });
  } else {
    const fresh = barsOf(store.candles.slice(-1), seconds)[0];
    if (fresh) made.bars[made.bars.length - 1] = fresh;
  }
  return made.bars;
}

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
          <Toggle name="marks" text="Fills" note="Marks of own fills" />
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

function Toggle({ name, text, note }: { name: 'lines' | 'marks'; text: string; note: string }) {
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
  useEffect(paint, [settings.lines.value, settings.marks.value]);
  useBeat('market', paint);
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
  const bars = barsNow(topic.store, seconds);
  shown.value = bars.at(-1) ?? null;
  drawn?.paint({
    revision: `${ticker}/${id} ${topic.store.revision} ${bars.length > 0 ? bars[0]!.time : ''}`,
    bars,
    window,
    tick: desk.marketOf(ticker)?.tickSize ?? '0.01',
    daily: id === '1DAY',
    lines: settings.lines.peek() === 'on' ? accountLines(desk, ticker) : [],
    marks: settings.marks.peek() === 'on' ? fillMarks(desk, ticker, seconds, bars) : [],
  });
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

function barWords(bar: Bar): string {
  const price = (value: string) => narrowPrice(value, desk.marketOf(desk.market.peek())?.tickSize);
  return `${timeAs('bar', bar.time * 1000)}, open ${price(bar.open)}, high ${price(bar.high)}, low ${price(bar.low)}, close ${price(bar.close)}, volume ${compact(bar.usdVolume)} dollars`;
}

function Legend() {
  const bar = pointed.value ?? shown.value;
  const tick = desk.marketOf(desk.market.value)?.tickSize;
  if (!bar) return <p class="legend" data-testid="candle-last" />;
  const change =
    isDecimal(bar.open) && isDecimal(bar.close) ? divide(subtract(bar.close, bar.open), bar.open, 6) : null;
  const tone = isDecimal(bar.close) && isDecimal(bar.open) && compare(bar.close, bar.open) < 0 ? 'down' : 'up';
  const kinds = { traded: '', quoted: 'middle of the book', empty: 'no trade' };
  return (
    <p class="legend" data-testid="candle-last" data-value={String(bar.time)}>
      {(['open', 'high', 'low', 'close'] as const).map((field) => (
        <span key={field}>
          {field[0]!.toUpperCase()} <Num text={narrowPrice(bar[field], tick)} exact={bar[field]} tone={tone} />
        </span>
      ))}
      <span data-tone={direction(change)}>{change === null ? nothing : signed(change, percent(change))}</span>
      <span>V ${compact(bar.usdVolume)}</span>
      <span>{fixed(String(bar.trades), 0)} trades</span>
      {bar.kind !== 'traded' && <span>{kinds[bar.kind]}</span>}
      {older.value === 'loading' && <span>fetching older…</span>}
      {older.value !== 'no' && older.value !== 'loading' && older.value !== 'done' && (
        <button class="plain" onClick={() => (older.value = 'no')} title={older.value}>
          older failed, try again
        </button>
      )}
    </p>
  );
}

function BarTable({ bars }: { bars: readonly Bar[] }) {
  const tick = desk.marketOf(desk.market.value)?.tickSize;
  const daily = secondsOf(desk.resolution.value) >= 86_400;
  return (
    <div class="bar-table scroll" tabIndex={0} role="region" aria-label="Bars as a table">
      <table>
        <caption class="hidden-label">The bars that are seen, the newest first</caption>
        <thead>
          <tr>
            {['Start', 'Open', 'High', 'Low', 'Close', 'Volume', 'Trades'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...bars]
            .reverse()
            .slice(0, 200)
            .map((bar) => (
              <tr key={bar.time} data-value={bar.time}>
                <th scope="row">{daily ? timeAs('day', bar.time * 1000, 'UTC') : timeAs('bar', bar.time * 1000)}</th>
                {[bar.open, bar.high, bar.low, bar.close].map((value, at) => (
                  <td key={at}>{narrowPrice(value, tick)}</td>
                ))}
                <td>${compact(bar.usdVolume)}</td>
                <td>{bar.trades}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
