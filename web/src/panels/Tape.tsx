/** The market's trades, newest first. Scrolling away holds the list still and counts what came meanwhile. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { desk } from '../app/desk';
import { settings } from '../app/settings';
import { compare, isDecimal, multiply, pixels } from '../format/decimal';
import { fixed, narrowPrice, narrowSize, percent } from '../format/number';
import { timeAs, timeOfDay } from '../format/time';
import { tradeTags } from '../format/words';
import type { Market } from '../state/markets';
import type { Trade } from '../state/trades';
import { Panel } from './Panel';
import { Heads, Meter, useBeat } from './parts';
import { RowPool, type Row } from './rows';
import { beats } from '../app/beats';

const rows = 40;
/** Kept still while a person reads further down. */
const keptStill = 300;
const ratioOver = 60_000;
/** Of the row, for the largest trades. */
const barWidth = 0.4;

const waiting = signal(0);
const smallest = signal('0');

export function Tape() {
  const body = useRef<HTMLTableSectionElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const painter = useRef<TapePainter | null>(null);
  useEffect(() => {
    painter.current = new TapePainter(body.current!, scroller.current!);
    return desk.market.subscribe(() => painter.current?.release());
  }, []);
  useBeat('tape', () => painter.current?.paint());
  useEffect(() => painter.current?.paint(), [smallest.value, settings.bookUnit.value]);
  const market = desk.market.value;
  return (
    <Panel name="tape" title="Trades" topic={market === null ? undefined : desk.tape} head={<TapeHead />}>
      <div
        class="scroll"
        ref={scroller}
        onScroll={() => painter.current?.scrolled()}
        tabIndex={0}
        role="region"
        aria-label="Trades"
      >
        <table class="bars trades" data-testid="tape">
          <caption class="hidden-label">Trades of the chosen market, newest first</caption>
          <thead>
            <Heads names={['Price', 'Size', 'Time']} />
          </thead>
          <tbody ref={body} />
        </table>
      </div>
      {waiting.value > 0 && (
        <button class="resume" data-testid="tape-new" onClick={() => painter.current?.release()}>
          {waiting.value} new ↑
        </button>
      )}
      <Ratio />
    </Panel>
  );
}

function TapeHead() {
  return (
    <label class="tools">
      <span class="hidden-label">Smallest trade shown</span>
      <select value={smallest.value} onChange={(event) => (smallest.value = event.currentTarget.value)}>
        <option value="0">All</option>
        <option value="1000">≥ $1k</option>
        <option value="10000">≥ $10k</option>
        <option value="100000">≥ $100k</option>
      </select>
    </label>
  );
}

function Ratio() {
  void beats.market.value;
  const since = desk.gatewayNow - ratioOver;
  let [bought, all] = [0, 0];
  for (const { side, size, createdAt } of newestFirst()) {
    if (Date.parse(createdAt ?? '') < since || !isDecimal(size)) break;
    // A share in whole percent: doubles are exact enough.
    all += Number(size);
    if (side === 'BUY') bought += Number(size);
  }
  const share = all === 0 ? null : (bought / all).toFixed(4);
  const words = share === null ? 'no trade in 60 s' : `buys ${percent(share, 0)} of 60 s`;
  return (
    <p class="ratio">
      <span>{words}</span>
      <Meter share={pixels(share)} tone={share === null ? 'none' : 'up'} label={words} />
    </p>
  );
}

class TapePainter {
  private readonly pool: RowPool;
  /** The list as it stood when the reader scrolled away; null while it follows. */
  private still: readonly Trade[] | null = null;

  constructor(
    body: HTMLTableSectionElement,
    private readonly scroller: HTMLElement,
  ) {
    this.pool = new RowPool(body, ['price', 'size', 'time']);
  }

  scrolled(): void {
    const away = this.scroller.scrollTop > 8;
    if (away === (this.still !== null)) return;
    this.still = away ? this.newest(keptStill) : null;
    this.paint();
  }

  release(): void {
    this.still = null;
    this.scroller.scrollTop = 0;
    this.paint();
  }

  paint(): void {
    const market = desk.marketOf(desk.market.peek());
    waiting.value = this.still === null ? 0 : this.countSince(this.still[0]);
    const shown = this.still ?? this.newest(rows);
    const large = largeSize(desk.tape?.store.trades ?? []);
    const list: Row[] = [];
    shown.forEach((trade, at) => {
      list.push(rowOf(trade, market, large));
      const before = shown[at + 1];
      if (isLate(trade) && before && !isLate(before)) list.push(divider(shown, at));
    });
    this.pool.show(list);
  }

  /** So many of those that are wanted, the newest first. */
  private newest(most: number): Trade[] {
    const found: Trade[] = [];
    for (const trade of newestFirst()) {
      if (found.length === most) break;
      if (isWanted(trade)) found.push(trade);
    }
    return found;
  }

  private countSince(last: Trade | undefined): number {
    let count = 0;
    for (const trade of newestFirst()) {
      if (trade.id === last?.id) break;
      if (isWanted(trade)) count++;
    }
    return count;
  }
}

function* newestFirst(): Generator<Trade> {
  const trades = desk.tape?.store.trades ?? [];
  for (let at = trades.length - 1; at >= 0; at--) yield trades[at]!;
}

function isWanted({ size, price }: Trade): boolean {
  const least = smallest.peek();
  return least === '0' || (isDecimal(size) && isDecimal(price) && compare(multiply(size, price), least) >= 0);
}

function isLate(trade: Trade): boolean {
  return trade.source !== undefined && trade.source !== 'stream';
}

/** The size that 95 of 100 recent trades stay below: what fills a bar. */
function largeSize(trades: readonly Trade[]): number {
  const sizes = trades.slice(-200).map((trade) => pixels(trade.size));
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length * 0.95)] || 1;
}

function rowOf(trade: Trade, market: Market | undefined, large: number): Row {
  const buy = trade.side === 'BUY';
  const tone = buy ? 'up' : trade.side === 'SELL' ? 'down' : '';
  const glyph = buy ? '▲' : trade.side === 'SELL' ? '▼' : '';
  const tag = tradeTags[trade.type ?? ''];
  const price = narrowPrice(trade.price, market?.tickSize);
  return {
    key: trade.id,
    bar: barWidth * Math.min(1, pixels(trade.size) / large),
    marks: `${tone} ${tag ? 'tagged' : ''}${isLate(trade) ? ' late' : ''}`.trim(),
    label: `${buy ? 'Buy' : trade.side === 'SELL' ? 'Sell' : ''} ${price}${tag ? `, ${tag}` : ''}`,
    cells: [
      { text: `${price} ${glyph}${tag ? ` ${tag}` : ''}`, exact: trade.price, tone },
      { text: sizeOf(trade, market), exact: trade.size },
      { text: timeOfDay(trade.createdAt), exact: trade.createdAt, tone: 'muted' },
    ],
  };
}

function sizeOf(trade: Trade, market: Market | undefined): string {
  const inQuote = settings.bookUnit.peek() === 'quote' && isDecimal(trade.size) && isDecimal(trade.price);
  return inQuote ? fixed(multiply(trade.size!, trade.price!), 0) : narrowSize(trade.size, market?.stepSize);
}

/** Closes a run of recovered trades, the oldest of which stands at `at`. */
function divider(shown: readonly Trade[], at: number): Row {
  let start = at;
  while (start > 0 && isLate(shown[start - 1]!)) start--;
  const count = at - start + 1;
  const [from, to] = [shown[at]!, shown[start]!];
  const range = `${timeAs('clock', from.createdAt)}–${timeAs('clock', to.createdAt)}`;
  const words = `recovered: ${count} ${count === 1 ? 'trade' : 'trades'}, ${range}`;
  return {
    key: `gap ${from.id}`,
    bar: 0,
    marks: 'divider',
    label: words,
    cells: [{ text: words }],
  };
}
