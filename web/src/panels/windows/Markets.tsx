/** All markets: found by name, sorted by any column, favourites first. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asObject } from '@tidegate/client';
import { beats } from '../../app/beats';
import { desk } from '../../app/desk';
import { favourites } from '../../app/settings';
import { open } from '../../app/windows';
import { divide, isDecimal, pixels } from '../../format/decimal';
import { compact, direction, narrowPrice, nothing, percent, signed, times } from '../../format/number';
import { changeShare, maxLeverage, openInterestUsd, search, type Market } from '../../state/markets';
import { heat, moved } from '../heat';
import { Dialog, Meter, Monogram, Num } from '../parts';
import { Spark } from '../Spark';
import { sorted, SortHeads, type Sort, type Sortable } from '../sorting';

const columns: readonly Sortable<Market>[] = [
  { id: 'ticker', title: 'Market', align: 'text', value: (market) => market.ticker },
  { id: 'oraclePrice', title: 'Oracle', value: (market) => market.oraclePrice },
  { id: 'spark', title: '24 h', room: 'wide', value: changeShare },
  { id: 'change', title: 'Change', value: changeShare },
  { id: 'moved', title: '1 min', value: (market) => moved(market.ticker ?? '', market.oraclePrice) },
  { id: 'volume', title: 'Volume', value: (market) => market.volume24H },
  {
    id: 'trades',
    title: 'Trades',
    room: 'wide',
    value: (market) => (market.trades24H === undefined ? null : String(market.trades24H)),
  },
  { id: 'interest', title: 'Open interest', room: 'wide', value: openInterestUsd },
  { id: 'funding', title: 'Funding 1h', room: 'wide', value: (market) => market.nextFundingRate },
  { id: 'leverage', title: 'Leverage', room: 'wider', value: (market) => maxLeverage(market)?.effective },
];

const byVolume: Sort = { id: 'volume', down: true };
const sort = signal<Sort | null>(byVolume);
const typed = signal('');
const only = signal<'all' | 'favourites'>('all');
const at = signal(0);
const sparks = signal<Record<string, string[]> | null>(null);
const mostShown = 300;

function rows(): Market[] {
  const store = desk.markets?.store;
  if (!store) return [];
  const listed = store.tickers
    .sort()
    .map((ticker) => ({ ...store.get(ticker)!, ticker }))
    .filter((market) => only.value === 'all' || favourites.has(market.ticker));
  const markets = [...sorted(listed, columns, sort.value)] as typeof listed;
  markets.sort((a, b) => Number(favourites.has(b.ticker)) - Number(favourites.has(a.ticker)));
  if (typed.value === '') return markets;
  const byTicker = new Map(markets.map((market) => [market.ticker, market]));
  return search([...byTicker.keys()], typed.value).map((ticker) => byTicker.get(ticker)!);
}

function choose(ticker: string): void {
  desk.watchMarket(ticker);
  typed.value = '';
  open.value = null;
}

export function MarketsWindow() {
  void beats.second.value;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    at.value = 0;
    desk.rest
      .get('/v4/sparklines', { timePeriod: 'ONE_DAY' })
      .then((body) => (sparks.value = asObject(body) as Record<string, string[]>))
      .catch(() => undefined);
  }, []);
  const list = rows().slice(0, mostShown);
  const press = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      at.value = Math.max(0, Math.min(list.length - 1, at.value + step));
      document.getElementById(`market-row-${at.value}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // Asked anew: what was typed last may not have been painted yet.
      const market = rows()[at.value];
      if (market) choose(market.ticker!);
    }
  };
  return (
    <Dialog title="Markets" close={() => (open.value = null)}>
      <div class="finder">
        <input
          ref={field}
          type="search"
          placeholder="Find a market"
          aria-label="Find a market"
          data-testid="market-search"
          role="combobox"
          list={undefined}
          aria-expanded="true"
          aria-controls="market-list"
          aria-activedescendant={list.length > 0 ? `market-row-${at.value}` : undefined}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            at.value = 0;
          }}
          onKeyDown={press}
        />
        <button
          aria-pressed={only.value === 'favourites'}
          onClick={() => (only.value = only.value === 'all' ? 'favourites' : 'all')}
        >
          ★ Favourites
        </button>
      </div>
      <div class="scroll markets" tabIndex={0} role="region" aria-label="Markets">
        <table id="market-list" data-testid="markets" data-count={list.length}>
          <caption class="hidden-label">Markets</caption>
          <thead>
            <SortHeads columns={columns} sort={sort} natural={byVolume} />
          </thead>
          <tbody>
            {list.map((market, index) => (
              <MarketRow key={market.ticker} market={market} index={index} />
            ))}
          </tbody>
        </table>
        {list.length === 0 && (
          <p class="empty">{desk.markets?.held ? 'No market fits.' : 'Waiting for the markets.'}</p>
        )}
      </div>
    </Dialog>
  );
}

function MarketRow({ market, index }: { market: Market; index: number }) {
  const ticker = market.ticker!;
  const share = changeShare(market);
  const status = market.status;
  const interest = openInterestUsd(market);
  const now = moved(ticker, market.oraclePrice);
  const cap = market.openInterestUpperCap;
  const used = interest !== null && isDecimal(cap) ? divide(interest, cap, 4) : null;
  return (
    <tr
      id={`market-row-${index}`}
      data-key={ticker}
      class={`record ${index === at.value ? 'at' : ''}`}
      onClick={() => choose(ticker)}
    >
      <th scope="row" class="text">
        <button
          class="plain star"
          aria-pressed={favourites.has(ticker)}
          aria-label={`Favourite ${ticker}`}
          onClick={(event) => {
            event.stopPropagation();
            favourites.toggle(ticker);
          }}
        >
          {favourites.has(ticker) ? '★' : '☆'}
        </button>
        <button class="plain name" onClick={() => choose(ticker)}>
          <Monogram ticker={ticker} /> {ticker}
        </button>
        {status !== undefined && status !== 'ACTIVE' && (
          <span class="chip" data-tone="warn">
            {status.replaceAll('_', ' ')}
          </span>
        )}
      </th>
      <td>
        <Num text={narrowPrice(market.oraclePrice, market.tickSize)} exact={market.oraclePrice} />
      </td>
      <td class="wide">
        <Spark values={[...(sparks.value?.[ticker] ?? [])].reverse().map(pixels)} tone={direction(share)} />
      </td>
      <td>
        <Num text={signed(share, percent(share))} exact={share} tone={direction(share)} />
      </td>
      <td class="heat" data-heat={heat(now)} data-tone={direction(now)}>
        <Num text={signed(now, percent(now))} exact={now} />
      </td>
      <td>
        <Num text={isDecimal(market.volume24H) ? `$${compact(market.volume24H)}` : nothing} exact={market.volume24H} />
      </td>
      <td class="wide">{market.trades24H ?? nothing}</td>
      <td class="wide">
        <span class="metered">
          <Num text={interest === null ? nothing : `$${compact(interest)}`} exact={interest} />
          {used !== null && <Meter share={pixels(used)} tone="accent" label={`${percent(used, 0)} of the cap`} />}
        </span>
      </td>
      <td class="wide">
        <Num
          text={signed(market.nextFundingRate, percent(market.nextFundingRate, 5))}
          exact={market.nextFundingRate}
          tone={direction(market.nextFundingRate)}
        />
      </td>
      <td class="wider">{times(maxLeverage(market)?.effective).replace('.00', '')}</td>
    </tr>
  );
}
