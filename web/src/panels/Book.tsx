/** The order book in real rows: grouped, cumulated, with own orders and the line up to which it is known. */
import { useEffect, useRef } from 'preact/hooks';
import { copy } from '../app/browser';
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { groupBy, multiple } from '../app/grouping';
import { rateOf } from '../app/rates';
import { settings } from '../app/settings';
import { say } from '../app/toasts';
import { narrowPrice } from '../format/number';
import { groupings, stepOf } from '../state/ladder';
import { baseOf } from '../state/markets';
import { BookPainter } from './bookPainter';
import { freshness, isOld, Panel } from './Panel';
import { Choice, Heads, useBeat } from './parts';

const columns = ['Price', 'Size', 'Total'];

export function Book() {
  const asks = useRef<HTMLTableSectionElement>(null);
  const bids = useRef<HTMLTableSectionElement>(null);
  const spread = useRef<HTMLParagraphElement>(null);
  const horizon = useRef<HTMLParagraphElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const hint = useRef<HTMLParagraphElement>(null);
  const painter = useRef<BookPainter | null>(null);
  useEffect(() => {
    painter.current = new BookPainter({
      box: box.current!,
      asks: asks.current!,
      bids: bids.current!,
      spread: spread.current!,
      horizon: horizon.current!,
      hint: hint.current!,
    });
    const sized = new ResizeObserver(() => painter.current?.fit());
    sized.observe(box.current!);
    return () => sized.disconnect();
  }, []);
  useBeat('book', () => {
    painter.current?.paint();
    desk.vitals.painted(desk.gatewayNow);
  });
  useEffect(
    () => painter.current?.paint(),
    [desk.market.value, multiple.value, settings.bookUnit.value, settings.bookBars.value],
  );
  useEffect(() => painter.current?.fit(), [settings.bookSides.value]);
  const topic = desk.market.value === null ? undefined : desk.book;
  return (
    <Panel name="book" title="Order book" topic={topic} vitals={<Vitals />} head={<BookHead />}>
      <div
        class="ladder"
        ref={box}
        data-waiting="true"
        onClick={copyPrice}
        onKeyDown={(event) => event.key === 'Enter' && copyPrice(event)}
      >
        <LadderHeads names={columns} />
        <LadderHeads names={['Bid size', 'Bid', 'Ask', 'Ask size']} />
        <Side name="asks" caption="Asks" body={asks} />
        <div class="spread">
          <p ref={spread} data-testid="book-spread" dir="ltr">
            <b> </b> <span> </span>
          </p>
        </div>
        <Side name="bids" caption="Bids" body={bids} />
      </div>
      <p class="horizon" ref={horizon} data-testid="book-horizon" />
      <p class="hover-hint" ref={hint} aria-hidden="true" hidden />
    </Panel>
  );
}

/** For the eye; readers get the heads of the tables themselves. */
function LadderHeads({ names }: { names: readonly string[] }) {
  return (
    <p class="ladder-heads" aria-hidden="true">
      {names.map((name) => (
        <span key={name}>{name}</span>
      ))}
    </p>
  );
}

interface SideProps {
  name: 'asks' | 'bids';
  caption: string;
  body: preact.RefObject<HTMLTableSectionElement | null>;
}

function Side({ name, caption, body }: SideProps) {
  return (
    <div class={`book-side ${name}`}>
      <table class="bars" data-testid={`book-${name}`} data-side={name === 'asks' ? 'ask' : 'bid'}>
        <caption class="hidden-label">{caption}</caption>
        <colgroup>
          <col />
          <col />
          <col />
        </colgroup>
        <thead class="hidden-label">
          <Heads names={columns} />
        </thead>
        <tbody ref={body} />
      </table>
    </div>
  );
}

/** How old the book is, how often it changes, which frame it stands at and where that came from. */
function Vitals() {
  void beats.second.value;
  void desk.news.value;
  const topic = desk.market.value === null ? undefined : desk.book;
  if (!topic) return <span class="vitals">waiting for data</span>;
  const parts = [freshness(topic)];
  if (topic.held && !isOld(topic))
    parts.push(`${Math.round(rateOf(topic))}/s`, topic.lastSource ?? '', `#${topic.seq}`);
  return (
    <span class="vitals" title="Age, updates a second, source and number of the last frame" data-testid="book-vitals">
      {parts.filter((part) => part !== '').join(' · ')}
    </span>
  );
}

function BookHead() {
  const ticker = desk.market.value ?? '';
  const tick = desk.marketOf(ticker)?.tickSize ?? '1';
  const base = baseOf(ticker) || 'base';
  const { bookSides } = settings;
  return (
    <div class="tools">
      <label>
        <span class="hidden-label">Group prices by</span>
        <select
          data-testid="book-grouping"
          value={String(multiple.value)}
          onChange={(event) => groupBy(Number(event.currentTarget.value))}
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
      <button
        class="phone-only"
        aria-label="Sides side by side"
        aria-pressed={bookSides.value === 'beside'}
        data-testid="book-sides"
        onClick={() => (bookSides.value = bookSides.value === 'beside' ? 'stacked' : 'beside')}
      >
        ◫
      </button>
    </div>
  );
}

function copyPrice(event: Event): void {
  const target = event.target instanceof Element ? event.target.closest('tr') : null;
  const price = target?.getAttribute('data-key');
  if (!price) return;
  void copy(price).then((done) => say(done ? 'Price copied' : 'Copying is not allowed here', price));
}
