/** Puts the book on the glass, frame by frame: two pools of rows, the spread between them, what a row would cost. */
import { desk } from '../app/desk';
import { multiple } from '../app/grouping';
import { phone, reducedMotion, settings } from '../app/settings';
import { announcement } from '../app/toasts';
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
import { distance, isCrossed, ladder, stepOf, type Rung } from '../state/ladder';
import type { Market } from '../state/markets';
import { flash, Pulses } from '../state/pulses';
import { RowPool, setAttribute, setText, type Row } from './rows';

/** How often a best bid stood at or above a best ask: the gateway promises never. */
let crossings = 0;

/** A side holds at least these; where they have no room the farthest are cut off. */
const fewest = 10;
const most = 25;
const headsHeight = 20;

export interface BookParts {
  box: HTMLElement;
  asks: HTMLTableSectionElement;
  bids: HTMLTableSectionElement;
  spread: HTMLElement;
  horizon: HTMLElement;
  hint: HTMLElement;
}

export class BookPainter {
  private readonly asks: RowPool;
  private readonly bids: RowPool;
  private readonly pulses = new Pulses();
  private fading = false;
  private rows = fewest;
  /** Side by side the best of both stand on top; one above the other they meet at the spread. */
  private beside = false;
  private seen: Rung[] = [];
  private best: { ask: string | undefined; bid: string | undefined } = { ask: undefined, bid: undefined };
  /** Under the pointer or in focus. It stays while the prices in it change. */
  private pointed: Element | null = null;

  constructor(private readonly parts: BookParts) {
    this.asks = new RowPool(parts.asks, ['price', 'size', 'total']);
    this.bids = new RowPool(parts.bids, ['price', 'size', 'total']);
    this.watch(parts.box);
  }

  /** As many whole rows a side as there is room for. */
  fit(): void {
    const { box, spread } = this.parts;
    this.beside = settings.bookSides.peek() === 'beside' && phone.matches;
    setAttribute(box, 'data-sides', this.beside ? 'beside' : 'stacked');
    const row = this.bids.rows[0]?.offsetHeight || 20;
    const room = box.clientHeight - headsHeight - spread.offsetHeight;
    const whole = Math.max(1, Math.floor(room / (this.beside ? 1 : 2) / row));
    box.style.setProperty('--side', `${Math.min(most, whole) * row}px`);
    this.rows = Math.max(fewest, Math.min(most, whole));
    this.paint();
    const rows = [...this.asks.rows, ...this.bids.rows];
    if (!rows.some((one) => one.tabIndex === 0 && !one.hidden)) this.bids.rows[0]!.tabIndex = 0;
  }

  paint(): void {
    const topic = desk.book;
    const held = topic?.held === true;
    const market = desk.marketOf(desk.market.peek());
    const { bids, asks } = topic?.store ?? { bids: [], asks: [] };
    if (isCrossed(bids, asks)) crossings++;
    const view = {
      step: stepOf(market?.tickSize ?? '1', multiple.peek()),
      rows: this.rows,
      orders: desk.orders?.store.orders ?? [],
      ticker: desk.market.peek(),
    };
    const askRungs = ladder(asks, 'ask', { ...view, knownTo: topic?.knownTo?.ask ?? null });
    const bidRungs = ladder(bids, 'bid', { ...view, knownTo: topic?.knownTo?.bid ?? null });
    this.seen = [...askRungs, ...bidRungs];
    this.best = { ask: asks[0]?.[0], bid: bids[0]?.[0] };
    const by = settings.bookBars.peek();
    const widest = Math.max(...this.seen.map((rung) => pixels(rung[by])), Number.MIN_VALUE);
    const flashing = this.flashing();
    const row = (rung: Rung | undefined, tone: 'up' | 'down'): Row | null =>
      rung ? rowOf(rung, tone, market, pixels(rung[by]) / widest, flashing.has(rung.price)) : null;
    const places = Array.from({ length: this.rows }, (_, at) => at);
    // One above the other the best ask stands next to the spread, so that side is drawn from its far end.
    const last = this.rows - 1;
    this.asks.show(places.map((at) => row(askRungs[this.beside ? at : last - at], 'down')));
    this.bids.show(places.map((at) => row(bidRungs[at], 'up')));
    setAttribute(this.parts.box, 'data-waiting', held ? null : 'true');
    this.paintSpread(market, held);
    this.paintHorizon(topic?.knownTo ?? null, market);
    this.paintHint();
  }

  /** Prices whose size changed; none where nothing shall move, or where this page is behind. */
  private flashing(): Set<string> {
    const lit = this.pulses.take(
      this.seen.map((rung) => [rung.price, rung.size] as const),
      performance.now(),
    );
    const calm = reducedMotion.matches || desk.overall.peek().standing === 'CONFLATED';
    if (calm) return new Set();
    if (lit.size > 0) this.fade();
    return lit;
  }

  /** A flash ends also where nothing else is painted. */
  private fade(): void {
    if (this.fading) return;
    this.fading = true;
    setTimeout(() => {
      this.fading = false;
      this.asks.calm();
      this.bids.calm();
    }, flash);
  }

  private paintSpread(market: Market | undefined, held: boolean): void {
    const { spread } = this.parts;
    const [price, note] = [spread.children[0]!, spread.children[1]!];
    const { ask, bid } = this.best;
    if (bid === undefined || ask === undefined) {
      const words = !bid && !ask ? 'The book is empty' : bid ? 'No asks' : 'No bids';
      setText(price, held ? words : nothing);
      setText(note, '\u00a0');
      setAttribute(spread, 'data-value', '');
      return;
    }
    const mid = middle(bid, ask);
    const wide = subtract(ask, bid);
    const share = divide(wide, mid, 8);
    setText(price, narrowPrice(mid, market?.tickSize));
    setText(note, `spread ${narrowPrice(wide, market?.tickSize)} · ${percent(share, 3)} · ${basisPoints(share)}`);
    setAttribute(spread, 'data-value', wide);
  }

  private paintHorizon(known: { bid: string | null; ask: string | null } | null, market: Market | undefined): void {
    const { horizon } = this.parts;
    const ends = [known?.bid, known?.ask].filter((price) => isDecimal(price));
    const words =
      ends.length === 0
        ? known
          ? 'whole book known'
          : '\u00a0'
        : `known ${ends.map((end) => onGrid(end, market?.tickSize)).join(' to ')}`;
    setText(horizon, words);
    setAttribute(horizon, 'data-value', `${known?.bid ?? ''} ${known?.ask ?? ''}`);
    setAttribute(horizon, 'data-crossings', String(crossings));
  }

  /** Pointer and keys choose a row; what it tells follows the market. */
  private watch(box: HTMLElement): void {
    const point = (event: Event): void => {
      this.pointed = event.target instanceof Element ? event.target.closest('tbody tr') : null;
      this.paintHint();
    };
    const leave = (): void => {
      this.pointed = document.activeElement?.closest('.ladder tbody tr') ?? null;
      this.paintHint();
    };
    box.addEventListener('pointerover', point);
    box.addEventListener('pointerleave', leave);
    box.addEventListener('focusin', point);
    box.addEventListener('focusout', leave);
    box.addEventListener('keydown', (event) => this.step(event));
  }

  /** Arrows go from row to row through both sides; one of them is where the Tab key comes in. */
  private step(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const rows = [...this.asks.rows, ...this.bids.rows].filter((row) => row.hasAttribute('data-key') && !row.hidden);
    const from = rows.findIndex((row) => row === document.activeElement);
    const next = rows[Math.max(0, Math.min(rows.length - 1, from + by))];
    if (!next) return;
    for (const row of rows) row.tabIndex = row === next ? 0 : -1;
    next.focus();
    const rung = this.rungOf(next);
    if (!rung) return;
    const words = [...next.children].map((cell) => cell.firstElementChild?.textContent ?? '');
    const side = next.parentElement === this.parts.asks ? 'Ask' : 'Bid';
    announcement.value = { text: `${side} ${words[0]}, size ${words[1]}, ${this.explain(rung)}`, urgent: false };
  }

  private rungOf(row: Element | null): Rung | undefined {
    const price = row?.getAttribute('data-key');
    return price ? this.seen.find((rung) => rung.price === price) : undefined;
  }

  private paintHint(): void {
    const rung = this.rungOf(this.pointed);
    const { hint } = this.parts;
    if (hint.hidden !== (rung === undefined)) hint.hidden = rung === undefined;
    if (rung) setText(hint, this.explain(rung));
  }

  /** What a market order down to this row would pay. */
  private explain(rung: Rung): string {
    const market = desk.marketOf(desk.market.peek());
    const tick = market?.tickSize;
    const { ask, bid } = this.best;
    const away = ask && bid ? distance(rung.price, middle(ask, bid)) : null;
    const average = divide(rung.cost, rung.total, (tick?.split('.')[1]?.length ?? 0) + 2);
    return `avg ${narrowPrice(average, tick)} · sum ${narrowSize(rung.total, market?.stepSize)} · $${compact(rung.cost)} · ${percent(away, 3)} ${basisPoints(away)}`;
  }
}

function rowOf(rung: Rung, tone: 'up' | 'down', market: Market | undefined, bar: number, lit: boolean): Row {
  const inQuote = settings.bookUnit.peek() === 'quote';
  const size = (value: string): string => (inQuote ? '' : narrowSize(value, market?.stepSize));
  const own = rung.own !== null && isDecimal(rung.own) && compare(rung.own, '0') > 0;
  const said = `${own ? 'own ' : ''}${rung.uncertain ? 'uncertain' : ''}`.trim();
  const price = narrowPrice(rung.price, market?.tickSize);
  const ownWords = own ? `, own order ${plain(trim(rung.own!))}` : '';
  return {
    key: rung.price,
    bar,
    marks: said,
    label: said === '' ? undefined : `${price}${ownWords}${rung.uncertain ? ', may be incomplete' : ''}`,
    cells: [
      { text: price, exact: rung.price, tone },
      { text: inQuote ? fixed(multiply(rung.price, rung.size), 0) : size(rung.size), exact: rung.size, lit },
      { text: inQuote ? fixed(rung.cost, 0) : size(rung.total), exact: rung.total, tone: 'muted' },
    ],
  };
}
