/** The chosen market in one line: where it stands, what moved, what it costs to hold. */
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { favourites, settings } from '../app/settings';
import { open } from '../app/windows';
import { abs, compare, divide, isDecimal, middle, multiply, pixels, subtract } from '../format/decimal';
import { basisPoints, direction, fixed, narrowPrice, nothing, percent, signed, times } from '../format/number';
import { age, untilFunding } from '../format/time';
import { marketStatus } from '../format/words';
import { baseOf, changeShare, maxLeverage, openInterestUsd, type Market } from '../state/markets';
import { Meter, Monogram, Num } from './parts';
import { isOld } from './Panel';

export function Strip() {
  void beats.market.value;
  const ticker = desk.market.value;
  const market = desk.marketOf(ticker);
  return (
    <section class="strip" aria-label="Market" data-stale={isOld(desk.markets) ? 'true' : undefined}>
      <MarketButton ticker={ticker} market={market} />
      <div class="figures" tabIndex={0} role="group" aria-label="Figures of the market">
        <dl>
          <Mid market={market} />
          <Last market={market} />
          <Oracle market={market} />
          <Change market={market} />
          <Figure name="24h volume">
            <Num text={dollars(market?.volume24H)} exact={market?.volume24H} testId="market-volume" />
          </Figure>
          <Figure name="24h trades">
            <Num text={fixed(text(market?.trades24H), 0)} exact={text(market?.trades24H)} />
          </Figure>
          <OpenInterest market={market} />
          <Funding market={market} />
          <Countdown />
          <MaxLeverage market={market} />
          <Figure name="Block">
            <Num text={fixed(desk.block?.height, 0)} exact={desk.block?.height} testId="block-height" />
          </Figure>
        </dl>
      </div>
    </section>
  );
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function dollars(value: string | null | undefined): string {
  return isDecimal(value) ? `$${fixed(value, 0)}` : nothing;
}

function Figure({ name, children, note }: { name: string; children: preact.ComponentChildren; note?: string }) {
  return (
    <div title={note}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function MarketButton({ ticker, market }: { ticker: string | null; market: Market | undefined }) {
  const status = market?.status;
  const known = ticker !== null;
  return (
    <div class="market">
      {known && (
        <button
          class="plain star"
          aria-pressed={favourites.has(ticker)}
          aria-label="Favourite"
          onClick={() => favourites.toggle(ticker)}
        >
          {favourites.has(ticker) ? '★' : '☆'}
        </button>
      )}
      <button
        class="plain choose"
        data-testid="market-button"
        aria-haspopup="dialog"
        onClick={() => (open.value = 'markets')}
      >
        {known && <Monogram ticker={ticker} />}
        <span class="ticker">{known ? ticker : 'Market'}</span>
        <span aria-hidden="true"> ▾</span>
      </button>
      {status !== undefined && status !== 'ACTIVE' && (
        <span
          class="chip"
          data-tone="warn"
          data-testid="market-status"
          data-value={status}
          title={marketStatus[status]}
        >
          {status.replaceAll('_', ' ')}
        </span>
      )}
    </div>
  );
}

let lastMid = '';
let lastWay: 'up' | 'down' | '' = '';

function Mid({ market }: { market: Market | undefined }) {
  void beats.market.value;
  const store = desk.book?.store;
  const [bid] = store?.bids ?? [];
  const [ask] = store?.asks ?? [];
  const mid = bid && ask ? middle(bid[0], ask[0]) : null;
  const key = `${desk.market.value} ${mid}`;
  if (mid !== null && key !== lastMid) {
    const [ticker, before] = lastMid.split(' ');
    const same = ticker === desk.market.value && isDecimal(before);
    lastWay = same ? direction(subtract(mid, before)) || lastWay : '';
    lastMid = key;
  }
  return (
    <div class="mid">
      <dt>Mid</dt>
      <dd>
        <Num text={narrowPrice(mid, market?.tickSize)} exact={mid} tone={lastWay} testId="book-mid" />
        <span class="glyph" data-tone={lastWay} aria-hidden="true">
          {mid === null ? '' : glyphs[lastWay]}
        </span>
      </dd>
    </div>
  );
}

function Last({ market }: { market: Market | undefined }) {
  void beats.market.value;
  const trade = desk.tape?.store.trades.at(-1);
  const tone = trade?.side === 'BUY' ? 'up' : trade?.side === 'SELL' ? 'down' : '';
  return (
    <Figure name="Last trade">
      <Num text={narrowPrice(trade?.price, market?.tickSize)} exact={trade?.price} tone={tone} testId="last-trade" />
      <span class="glyph" data-tone={tone} aria-hidden="true">
        {glyphs[tone]}
      </span>
    </Figure>
  );
}

const glyphs = { up: ' ▲', down: ' ▼', '': '' };

function Oracle({ market }: { market: Market | undefined }) {
  void beats.market.value;
  const oracle = market?.oraclePrice;
  const store = desk.book?.store;
  const [bid] = store?.bids ?? [];
  const [ask] = store?.asks ?? [];
  const basis = bid && ask && isDecimal(oracle) ? divide(subtract(middle(bid[0], ask[0]), oracle), oracle, 8) : null;
  const since = desk.gatewayNow - Date.parse(market?.oracleEffectiveAt ?? '');
  const note = `Exactly ${oracle ?? nothing}${Number.isNaN(since) ? '' : `, ${age(since)} old`}; mid to oracle ${basisPoints(basis)}`;
  return (
    <Figure name="Oracle" note={note}>
      <Num text={narrowPrice(oracle, market?.tickSize)} exact={oracle} testId="market-oracle" />
    </Figure>
  );
}

function Change({ market }: { market: Market | undefined }) {
  const share = changeShare(market);
  const change = market?.priceChange24H;
  const tone = direction(change);
  const glyph = tone === 'up' ? '▲ ' : tone === 'down' ? '▼ ' : '';
  const moved = signed(change, narrowPrice(change, market?.tickSize));
  const text = isDecimal(change) ? `${glyph}${moved} (${percent(abs(share ?? ''))})` : nothing;
  return (
    <Figure name="24h change">
      <Num text={text} exact={change} tone={tone} testId="market-change" />
    </Figure>
  );
}

function OpenInterest({ market }: { market: Market | undefined }) {
  const usd = openInterestUsd(market);
  const { openInterestLowerCap: lower, openInterestUpperCap: upper } = market ?? {};
  const capped = isDecimal(upper) && isDecimal(lower) && usd !== null;
  const share = capped ? divide(usd, upper, 4) : null;
  const from = capped ? divide(lower, upper, 4) : null;
  const caps = capped ? `${percent(share, 0)} of the upper cap; from ${percent(from, 0)} on margins rise` : '';
  const held = market?.openInterest;
  const texts = [dollars(usd), `${fixed(held, 2)} ${baseOf(market?.ticker ?? '')}`] as const;
  const inQuote = settings.bookUnit.value === 'quote';
  const [text, other] = inQuote ? texts : [texts[1], texts[0]];
  return (
    <Figure name="Open interest" note={capped ? `${other}; ${caps}` : other}>
      <Num text={isDecimal(held) ? text : nothing} exact={inQuote ? usd : held} testId="market-open-interest" />
      {capped && <Meter share={pixels(share)} mark={pixels(from)} tone="accent" label={caps} />}
    </Figure>
  );
}

function Funding({ market }: { market: Market | undefined }) {
  const rate = market?.nextFundingRate;
  const year = isDecimal(rate) ? multiply(rate, '8760') : null;
  const eight = isDecimal(rate) ? multiply(rate, '8') : null;
  return (
    <Figure name="Funding 1h" note={`8 h ${percent(eight, 5)}, a year ${percent(year, 2)}`}>
      <Num text={signed(rate, percent(rate, 5))} exact={rate} tone={direction(rate)} testId="market-funding" />
    </Figure>
  );
}

function Countdown() {
  void beats.second.value;
  void desk.news.value;
  return (
    <Figure name="Next funding" note="Paid on the full hour of UTC, counted by the clock of the gateway">
      <span class="num" data-testid="funding-countdown">
        {desk.client.session ? untilFunding(desk.gatewayNow) : nothing}
      </span>
    </Figure>
  );
}

function MaxLeverage({ market }: { market: Market | undefined }) {
  const leverage = maxLeverage(market);
  const same = leverage === null || compare(leverage.base, leverage.effective) === 0;
  const shown =
    leverage === null
      ? nothing
      : same
        ? times(leverage.base)
        : `${times(leverage.base)} → ${times(leverage.effective)}`;
  return (
    <Figure name="Max leverage">
      <Num text={shown.replaceAll('.00×', '×')} exact={leverage?.effective} />
    </Figure>
  );
}
