/** The order book in real rows: grouped, cumulated, with own orders and the line up to which it is known. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { desk } from '../app/desk';
import { copy } from '../app/browser';
import { grouping, settings } from '../app/settings';
import { say } from '../app/toasts';
import { compare, divide, isDecimal, middle, multiply, pixels, subtract, trim } from '../format/decimal';
import {
  basisPoints,
  compact,
  fixed,
  narrowPrice,
  narrowSize,
  nothing,
  onGrid,
  percent,
  plain,
} from '../format/number';
import { distance, groupings, isCrossed, ladder, stepOf, type Rung } from '../state/ladder';
import { baseOf, type Market } from '../state/markets';
import { freshness, Panel } from './Panel';
import { Choice, Heads, useBeat } from './parts';
import { RowPool, setAttribute, setText, type Row } from './rows';

/** The multiple of the tick that rows are grouped to; remembered for each market. */
export const multiple = signal(1);
/** How often a best bid stood at or above a best ask: the gateway promises never. */
let crossings = 0;

export function regroup(by: 1 | -1): void {
  const ticker = desk.market.peek();
  if (ticker === null) return;
  const next = groupings[groupings.indexOf(multiple.peek()) + by];
  if (next === undefined) return;
  multiple.value = next;
  grouping.keep(ticker, next);
}

const rowHeight = 20;
/** A side shows at least these; where they have no room the farthest are cut off, with the spread in the middle. */
const fewest = 10;

export function Book() {
  const asks = useRef<HTMLTableSectionElement>(null);
  const bids = useRef<HTMLTableSectionElement>(null);
  const spread = useRef<HTMLParagraphElement>(null);
  const horizon = useRef<HTMLParagraphElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const hint = useRef<HTMLParagraphElement>(null);
  const painter = useRef<BookPainter | null>(null);
  useEffect(() => {
    painter.current = new BookPainter(asks.current!, bids.current!, spread.current!, horizon.current!, hint.current!);
    const sized = new ResizeObserver(() => painter.current?.fit(box.current!));
    sized.observe(box.current!);
    return () => sized.disconnect();
  }, []);
  useEffect(
    () =>
      desk.market.subscribe((ticker) => {
        if (ticker !== null) multiple.value = grouping.of(ticker);
      }),
    [],
  );
  useBeat('book', () => painter.current?.paint());
  useEffect(() => painter.current?.paint(), [multiple.value, settings.bookUnit.value, settings.bookBars.value]);
  const market = desk.market.value;
  const topic = market === null ? undefined : desk.book;
  return (
    <Panel name="book" title="Order book" topic={topic} head={<BookHead />}>
      <div
        class="ladder"
        ref={box}
        onClick={copyPrice}
        onKeyDown={(event) => event.key === 'Enter' && copyPrice(event)}
      >
        <table class="bars" data-testid="book-asks" data-side="ask">
          <caption class="hidden-label">Asks, best last</caption>
          <thead>
            <Heads names={['Price', 'Size', 'Total']} />
          </thead>
          <tbody ref={asks} />
        </table>
        <p class="spread" ref={spread} data-testid="book-spread" dir="ltr">
          <b> </b> <span> </span>
        </p>
        <table class="bars" data-testid="book-bids" data-side="bid">
          <caption class="hidden-label">Bids, best first</caption>
          <thead class="hidden-label">
            <Heads names={['Price', 'Size', 'Total']} />
          </thead>
          <tbody ref={bids} />
        </table>
        <p class="horizon" ref={horizon} data-testid="book-horizon" />
        <p class="hover-hint" ref={hint} aria-hidden="true" hidden />
      </div>
    </Panel>
  );
}

function BookHead() {
  const ticker = desk.market.value ?? '';
  const tick = desk.marketOf(ticker)?.tickSize ?? '1';
  const base = baseOf(ticker) || 'base';
  return (
    <div class="tools">
      <label>
        <span class="hidden-label">Group prices by</span>
        <select
          data-testid="book-grouping"
          value={String(multiple.value)}
          onChange={(event) => {
            multiple.value = Number(event.currentTarget.value);
            grouping.keep(ticker, multiple.value);
          }}
        >
          {groupings.map((one) => (
            <option key={one} value={String(one)}>
              {narrowPrice(stepOf(tick, one), undefined)}
            </option>
          ))}
        </select>
      </label>
      <Choice
        label="Unit of sizes"
        value={settings.bookUnit}
        options={[
          ['base', [...base].slice(0, 5).join('')],
          ['quote', '$'],
        ]}
      />
    </div>
  );
}

function copyPrice(event: Event): void {
  const target = event.target instanceof Element ? event.target.closest('tr') : null;
  const price = target?.getAttribute('data-key');
  if (!price) return;
  void copy(price).then((done) => say(done ? 'Price copied' : 'Copying is not allowed here', price));
}

class BookPainter {
  private readonly asks: RowPool;
  private readonly bids: RowPool;
  private rows = 0;
  private seen: Rung[][] = [[], []];

  constructor(
    askBody: HTMLTableSectionElement,
    bidBody: HTMLTableSectionElement,
    private readonly spread: HTMLElement,
    private readonly horizon: HTMLElement,
    private readonly hint: HTMLElement,
  ) {
    this.asks = new RowPool(askBody, ['price', 'size', 'total']);
    this.bids = new RowPool(bidBody, ['price', 'size', 'total']);
    this.watch(askBody, 'ask');
    this.watch(bidBody, 'bid');
  }

  /** As many rows a side as there is room for: head, spread and the horizon's line stay. */
  fit(box: HTMLElement): void {
    const height = box.clientHeight;
    const rows = Math.max(fewest, Math.min(25, Math.floor((height - 24 - 28 - 20) / 2 / rowHeight)));
    if (rows !== this.rows) {
      this.rows = rows;
      this.paint();
    }
    box.scrollTop = this.spread.offsetTop - (height - this.spread.offsetHeight) / 2;
  }

  paint(): void {
    const topic = desk.book;
    const market = desk.marketOf(desk.market.peek());
    if (!topic) return this.reserve();
    const { bids, asks } = topic.store;
    if (isCrossed(bids, asks)) crossings++;
    const orders = desk.orders?.store.orders.filter((order) => order.ticker === desk.market.peek()) ?? [];
    const step = stepOf(market?.tickSize ?? '1', multiple.peek());
    const view = { step, rows: this.rows, orders };
    const askRungs = ladder(asks, 'ask', { ...view, knownTo: topic.knownTo?.ask ?? null });
    const bidRungs = ladder(bids, 'bid', { ...view, knownTo: topic.knownTo?.bid ?? null });
    this.seen = [askRungs, bidRungs];
    const by = settings.bookBars.peek();
    const widest = Math.max(...[...askRungs, ...bidRungs].map((rung) => pixels(rung[by])), Number.MIN_VALUE);
    const row = (rung: Rung | undefined, tone: 'up' | 'down'): Row | null =>
      rung ? rowOf(rung, tone, market, pixels(rung[by]) / widest) : null;
    const places = Array.from({ length: this.rows }, (_, at) => at);
    // The best ask stands next to the spread, so this side is drawn from the far end.
    this.asks.show(places.map((at) => row(askRungs[this.rows - 1 - at], 'down')));
    this.bids.show(places.map((at) => row(bidRungs[at], 'up')));
    this.paintSpread(bids[0]?.[0], asks[0]?.[0], market, topic.held);
    this.paintHorizon(topic.knownTo, market);
    setAttribute(this.horizon, 'data-crossings', String(crossings));
    setAttribute(this.horizon, 'data-freshness', freshness(topic));
  }

  /** Before the first data: as many rows as there will be, so that nothing moves when it comes. */
  private reserve(): void {
    const empty = Array.from({ length: this.rows }, () => null);
    this.asks.show(empty);
    this.bids.show(empty);
  }

  private paintSpread(
    bid: string | undefined,
    ask: string | undefined,
    market: Market | undefined,
    held: boolean,
  ): void {
    const [price, note] = [this.spread.children[0]!, this.spread.children[1]!];
    if (bid === undefined || ask === undefined) {
      const words = !bid && !ask ? 'The book is empty' : bid ? 'No asks' : 'No bids';
      setText(price, held ? words : nothing);
      setText(note, '\u00a0');
      setAttribute(this.spread, 'data-value', '');
      return;
    }
    const mid = middle(bid, ask);
    const wide = subtract(ask, bid);
    const share = divide(wide, mid, 8);
    setText(price, narrowPrice(mid, market?.tickSize));
    setText(note, `spread ${narrowPrice(wide, market?.tickSize)} · ${percent(share, 3)} · ${basisPoints(share)}`);
    setAttribute(this.spread, 'data-value', wide);
  }

  private paintHorizon(known: { bid: string | null; ask: string | null } | null, market: Market | undefined): void {
    const parts: string[] = [];
    if (known?.bid) parts.push(onGrid(known.bid, market?.tickSize));
    if (known?.ask) parts.push(onGrid(known.ask, market?.tickSize));
    const words = parts.length === 0 ? (known ? 'whole book known' : '\u00a0') : `known ${parts.join(' to ')}`;
    setText(this.horizon, words);
    setAttribute(this.horizon, 'data-value', `${known?.bid ?? ''} ${known?.ask ?? ''}`);
  }

  /** What a market order down to this row would pay, while the pointer is over it. */
  private watch(body: HTMLTableSectionElement, side: 'ask' | 'bid'): void {
    body.addEventListener('pointermove', (event) => {
      const row = (event.target as Element).closest('tr');
      const rungs = this.seen[side === 'ask' ? 0 : 1]!;
      const rung = rungs.find((one) => one.price === row?.getAttribute('data-key'));
      this.hint.hidden = rung === undefined;
      if (rung) setText(this.hint, this.explain(rung));
    });
    body.addEventListener('pointerleave', () => (this.hint.hidden = true));
  }

  private explain(rung: Rung): string {
    const market = desk.marketOf(desk.market.peek());
    const tick = market?.tickSize;
    const [ask, bid] = [this.seen[0]![0], this.seen[1]![0]];
    const mid = ask && bid ? middle(ask.price, bid.price) : null;
    const away = mid === null ? null : distance(rung.price, mid);
    const average = divide(rung.cost, rung.total, (tick?.split('.')[1]?.length ?? 0) + 2);
    return `avg ${narrowPrice(average, tick)} · sum ${narrowSize(rung.total, market?.stepSize)} · $${compact(rung.cost)} · ${percent(away, 3)} ${basisPoints(away)}`;
  }
}

function rowOf(rung: Rung, tone: 'up' | 'down', market: Market | undefined, bar: number): Row {
  const inQuote = settings.bookUnit.peek() === 'quote';
  const size = (value: string): string => (inQuote ? '' : narrowSize(value, market?.stepSize));
  const own = rung.own !== null && isDecimal(rung.own) && compare(rung.own, '0') > 0;
  const marks = `${own ? 'own ' : ''}${rung.uncertain ? 'uncertain' : ''}`.trim();
  const price = narrowPrice(rung.price, market?.tickSize);
  const ownWords = own ? `, own order ${plain(trim(rung.own!))}` : '';
  return {
    key: rung.price,
    bar,
    marks,
    ...(marks === '' ? {} : { label: `${price}${ownWords}${rung.uncertain ? ', may be incomplete' : ''}` }),
    cells: [
      { text: price, exact: rung.price, tone },
      { text: inQuote ? fixed(multiply(rung.price, rung.size), 0) : size(rung.size), exact: rung.size },
      { text: inQuote ? fixed(rung.cost, 0) : size(rung.total), exact: rung.total, tone: 'muted' },
    ],
  };
}
