/** Puts the page together: the token, the client, what it follows, and one painter that runs when something changed. */
import { AccountStore } from './feed/account';
import type { BookStore } from './feed/book';
import type { CandlesStore } from './feed/candles';
import { FeedClient, type SocketLike } from './feed/client';
import { compare, isDecimal } from './feed/decimal';
import type { BlockStore, MarketsStore } from './feed/markets';
import type { OrdersStore } from './feed/orders';
import { readRefusal } from './feed/refusal';
import { storeFor } from './feed/stores';
import type { TradesStore } from './feed/trades';
import { shortAddress } from './format/time';
import { narrowPrice, plain } from './format/number';
import { takeToken } from './session/token';
import { paintAccount } from './view/account';
import { paintFills, paintOrders, paintTape } from './view/activity';
import { paintBook, paintMarket } from './view/book';
import { loadChart, paintChart } from './view/chart';
import { byTestId, setAttribute, setText, setValue } from './view/dom';
import { showStanding } from './view/panel';
import { showNetwork, showOverall } from './view/standing';

const token = takeToken(location, history, sessionStorage);

// A second token pasted into the address: start over with it rather than mix two accounts on one page.
addEventListener('hashchange', () => {
  if (!location.hash.includes('token=')) return;
  takeToken(location, history, sessionStorage);
  location.reload();
});

const endpoint = new URL('/ws/dashboard', location.href);

const client = new FeedClient({
  open(query) {
    const address = new URL(endpoint + query);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    // The subprotocol pair keeps the token out of every URL and so out of every log.
    const protocols = token === null ? ['tidegate.v1'] : ['tidegate.v1', `bearer.${token}`];
    return new WebSocket(address, protocols) as unknown as SocketLike;
  },
  async probe() {
    const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
    return readRefusal(await fetch(endpoint, { headers, cache: 'no-store', signal: AbortSignal.timeout(4000) }));
  },
  store: storeFor,
  changed: schedule,
  after(milliseconds, what) {
    const timer = setTimeout(what, milliseconds);
    return () => clearTimeout(timer);
  },
  now: () => Date.now(),
  random: () => Math.random(),
});

const marketSelect = byTestId('market-select') as HTMLSelectElement;
const resolutionSelect = byTestId('resolution-select') as HTMLSelectElement;
const rememberedMarket = 'tidegate.market';
const rememberedResolution = 'tidegate.resolution';

let market: string | null = null;
let resolution = localStorage.getItem(rememberedResolution) ?? '1MIN';
resolutionSelect.value = resolution;
if (resolutionSelect.value === '') resolution = resolutionSelect.value = '1MIN';

function follow(next: string): void {
  if (market === next) return;
  if (market !== null) {
    client.unsubscribe('v4_orderbook', market);
    client.unsubscribe('v4_trades', market);
    client.unsubscribe('v4_candles', `${market}/${resolution}`);
  }
  market = next;
  client.subscribe('v4_orderbook', market);
  client.subscribe('v4_trades', market);
  client.subscribe('v4_candles', `${market}/${resolution}`);
  schedule();
}

marketSelect.addEventListener('change', () => {
  localStorage.setItem(rememberedMarket, marketSelect.value);
  follow(marketSelect.value);
});

resolutionSelect.addEventListener('change', () => {
  if (market !== null) client.unsubscribe('v4_candles', `${market}/${resolution}`);
  resolution = resolutionSelect.value;
  localStorage.setItem(rememberedResolution, resolution);
  if (market !== null) client.subscribe('v4_candles', `${market}/${resolution}`);
  schedule();
});

let offered = '';

/** Fills the selector, the most traded market first, and chooses one when none is chosen yet. */
function offerMarkets(markets: MarketsStore): void {
  const tickers = markets.tickers;
  if (tickers.length === 0) return;
  const known = [...tickers].sort().join('\n');
  if (known !== offered) {
    offered = known;
    const volume = (ticker: string): string => {
      const value = markets.get(ticker)?.volume24H;
      return isDecimal(value) ? value : '0';
    };
    tickers.sort((a, b) => compare(volume(b), volume(a)) || (a < b ? -1 : 1));
    marketSelect.replaceChildren(...tickers.map((ticker) => new Option(ticker, ticker)));
    marketSelect.disabled = false;
  }
  if (market === null) {
    const wished = [localStorage.getItem(rememberedMarket), 'BTC-USD'];
    follow(wished.find((ticker) => ticker !== null && markets.get(ticker) !== undefined) ?? tickers[0]!);
  }
  if (market !== null && marketSelect.value !== market) marketSelect.value = market;
}

/** At most one paint for each frame of the screen and 50 ms: the eye sees no more, and a burst costs one. */
const paintEvery = 50;
let scheduled = false;
let paintedAt = 0;

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  const wait = Math.max(0, paintEvery - (performance.now() - paintedAt));
  setTimeout(() => requestAnimationFrame(paint), wait);
}

function paint(): void {
  scheduled = false;
  paintedAt = performance.now();
  const open = client.link.state === 'open';
  const markets = client.find<MarketsStore>('v4_markets');
  if (markets) offerMarkets(markets.store);
  const chosen = market === null ? undefined : markets?.store.get(market);
  const id = market ?? '';
  const book = client.find<BookStore>('v4_orderbook', id);
  const tape = client.find<TradesStore>('v4_trades', id);
  const candles = client.find<CandlesStore>('v4_candles', `${id}/${resolution}`);
  const owner = client.session?.user_address ?? null;
  const account = owner === null ? undefined : client.find<AccountStore>('v4_subaccounts', `${owner}/0`);
  const orders = owner === null ? undefined : client.find<OrdersStore>('v4_orders', `${owner}/0`);
  const fills = owner === null ? undefined : client.find<TradesStore>('v4_trades', `${owner}/0`);
  const block = client.find<BlockStore>('v4_block_height')?.store.height ?? null;

  paintMarket(chosen);
  paintBook(book?.store, chosen);
  paintTape(tape?.store, chosen);
  paintChart(candles?.store, chosen?.tickSize);
  paintAccount(account?.store, markets?.store);
  paintOrders(orders?.store, markets?.store);
  paintFills(fills?.store, markets?.store);
  setValue(byTestId('block-height'), plain(block), block);

  const last = candles?.store.candles.at(-1);
  const price = (value: string | undefined): string => narrowPrice(value, chosen?.tickSize);
  setText(
    byTestId('candle-last'),
    last ? `O ${price(last.open)}  H ${price(last.high)}  L ${price(last.low)}  C ${price(last.close)}` : '',
  );

  showStanding('book-panel', book, open);
  showStanding('tape-panel', tape, open);
  showStanding('chart-panel', candles, open);
  showStanding('account-panel', account, open);
  showStanding('positions-panel', account, open);
  showStanding('orders-panel', orders, open);
  showStanding('fills-panel', fills, open);

  const address = byTestId('account-address');
  setText(address, owner === null ? (client.session ? 'market data only' : '') : `${shortAddress(owner)} / 0`);
  setAttribute(address, 'title', owner);
  setAttribute(address, 'data-value', owner ?? '');
  if (client.session) {
    showNetwork(client.session.network);
    setText(byTestId('version'), `tidegate ${client.session.version}`);
  }
  showOverall(client, market);
}

// The seconds on the pill go on while no frame comes.
setInterval(schedule, 1000);
document.addEventListener('visibilitychange', schedule);

client.subscribe('v4_markets');
client.subscribe('v4_block_height');
client.connect();
schedule();
void loadChart(schedule);

void fetch('/config.json')
  .then(async (response) => {
    const config: unknown = await response.json();
    if (typeof config === 'object' && config !== null && 'network' in config) showNetwork(String(config.network));
  })
  .catch(() => {
    // The badge then comes with `connected`.
  });
