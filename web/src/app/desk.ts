/**
 * What the page watches: the token, the account, the market, and the topics that follow from them.
 * Panels read stores from here while they paint; what a person changes goes through here.
 */
import { computed, signal } from '@preact/signals';
import { asObject, FeedClient, type AccountChoice, type News, type Refusal, type Topic } from '@tidegate/client';
import { compare, isDecimal } from '../format/decimal';
import type { AccountStore } from '../state/account';
import type { BookStore } from '../state/book';
import type { CandlesStore } from '../state/candles';
import { EventLog } from '../state/log';
import type { BlockStore, Market, MarketsStore } from '../state/markets';
import type { OrdersStore } from '../state/orders';
import { overall, type Overall } from '../state/standing';
import type { TradesStore } from '../state/trades';
import type { TransfersStore } from '../state/transfers';
import { tick, woken } from './beats';
import { surroundings } from './browser';
import { SteadyClock } from './clock';
import { Rest } from './rest';
import { conflation, paused, settings } from './settings';
import { kept, tabOnly } from './storage';
import { keepToken, takeToken } from './token';
import { Vitals } from './vitals';

export interface GatewayConfig {
  network: string;
  version: string;
  access: 'token' | 'open';
  public_market_data: boolean;
}

const wanted = new URLSearchParams(location.search);

const forgets = new Set(['address-not-covered', 'bad-address', 'bad-subaccount', 'bad-view']);

export class Desk {
  readonly clock = new SteadyClock(
    () => performance.now(),
    () => Date.now(),
    () => {
      this.client.prove();
      woken();
    },
  );
  readonly log = new EventLog();
  readonly config = signal<GatewayConfig | null>(null);
  readonly market = signal<string | null>(null);
  /** A ticker that somebody asked for and that is not listed here. */
  readonly unlisted = signal<string | null>(null);
  readonly resolution = signal(settings.resolution.value);
  readonly rest = new Rest(() => this.token);
  readonly client: FeedClient;
  /** The whole page's state, once a second and whenever something of it changed. */
  readonly overall = computed<Overall>(() => {
    void tick.value;
    void this.news.value;
    return this.look();
  });
  /** Whether the market's numbers are less than now: of the page's state what every panel follows. */
  readonly old = computed(() => this.overall.value.old);
  /** Why the account that was asked for is not shown; market data goes on without it. */
  readonly locked = signal<string | null>(null);
  readonly vitals = new Vitals();
  /** Grows with each change of link, mode or session. */
  readonly news = signal(0);

  private token: string | null;
  private readonly listeners: ((news: News) => void)[] = [];

  constructor() {
    this.token = takeToken(location, history, tabOnly);
    this.client = new FeedClient(
      surroundings(
        this.clock,
        () => this.token,
        (news) => this.told(news),
      ),
      this.rememberedAccount(),
    );
  }

  /** Our clock, corrected to the gateway's. */
  get gatewayNow(): number {
    return this.clock.now() + this.client.clockOffset;
  }

  get hasToken(): boolean {
    return this.token !== null;
  }

  /** The gateway wants a token and there is none. */
  get wantsToken(): boolean {
    const config = this.config.value;
    return this.token === null && config?.access === 'token' && !config.public_market_data;
  }

  /** The page has nothing to show before a token is here. */
  get asksForToken(): boolean {
    const { state } = this.client.link;
    return state === 'refused' ? this.client.session === null : state === 'closed' && this.wantsToken;
  }

  get address(): string | null {
    return this.client.account.marketOnly ? null : (this.client.session?.user_address ?? null);
  }

  get account(): Topic<AccountStore> | undefined {
    return this.ofAccount<AccountStore>(0);
  }

  get orders(): Topic<OrdersStore> | undefined {
    return this.ofAccount<OrdersStore>(1);
  }

  get fills(): Topic<TradesStore> | undefined {
    return this.ofAccount<TradesStore>(2);
  }

  get transfers(): Topic<TransfersStore> | undefined {
    const id = this.client.accountTopics(this.address)[1]?.[1];
    return id === undefined ? undefined : this.client.find<TransfersStore>('v4_transfers', id);
  }

  get markets(): Topic<MarketsStore> | undefined {
    return this.client.find<MarketsStore>('v4_markets');
  }

  get block(): BlockStore | undefined {
    return this.client.find<BlockStore>('v4_block_height')?.store;
  }

  get book(): Topic<BookStore> | undefined {
    return this.client.find<BookStore>('v4_orderbook', this.market.value ?? '');
  }

  get tape(): Topic<TradesStore> | undefined {
    return this.client.find<TradesStore>('v4_trades', this.market.value ?? '');
  }

  get candles(): Topic<CandlesStore> | undefined {
    return this.client.find<CandlesStore>('v4_candles', `${this.market.value ?? ''}/${this.resolution.value}`);
  }

  marketOf(ticker: string | null | undefined): Market | undefined {
    return this.markets?.store.get(ticker ?? '');
  }

  /** All tickers, the most traded first. */
  tickers(): string[] {
    const store = this.markets?.store;
    if (!store) return [];
    const volume = (ticker: string): string => {
      const value = store.get(ticker)?.volume24H;
      return isDecimal(value) ? value : '0';
    };
    return store.tickers.sort((a, b) => compare(volume(b), volume(a)) || (a < b ? -1 : 1));
  }

  start(): void {
    this.client.subscribe('v4_markets', undefined, conflation());
    this.client.subscribe('v4_block_height');
    void this.begin();
  }

  /** Listens to everything that happens, in order. */
  listen(listener: (news: News) => void): void {
    this.listeners.push(listener);
  }

  /** A pasted token: kept for this tab, and the connection begins anew or is renewed where it stands. */
  useToken(token: string): void {
    this.token = token.trim();
    keepToken(this.token, tabOnly);
    if (this.locked.peek() === null) this.client.authenticate(this.token);
    else this.client.follow(this.rememberedAccount());
    this.locked.value = null;
  }

  /** Lets the token go, and with it the account. */
  signOut(): void {
    this.token = null;
    keepToken(null, tabOnly);
    this.client.close();
    location.reload();
  }

  watchAccount(choice: AccountChoice): void {
    this.locked.value = null;
    kept.set('tidegate.account', choice.address);
    kept.set('tidegate.subaccount', String(choice.subaccount));
    settings.view.value = choice.parent ? 'parent' : 'single';
    const transfers = this.transfers;
    if (transfers) this.client.unsubscribe('v4_transfers', transfers.id);
    this.client.follow(choice);
  }

  watchMarket(ticker: string): void {
    const before = this.market.peek();
    if (before === ticker) return;
    if (before !== null) {
      this.client.unsubscribe('v4_orderbook', before);
      this.client.unsubscribe('v4_trades', before);
      this.client.unsubscribe('v4_candles', `${before}/${this.resolution.peek()}`);
    }
    this.unlisted.value = null;
    this.market.value = settings.market.value = ticker;
    this.client.subscribe('v4_orderbook', ticker, conflation());
    this.client.subscribe('v4_trades', ticker);
    this.client.subscribe('v4_candles', `${ticker}/${this.resolution.peek()}`, 250);
  }

  watchResolution(resolution: string): void {
    const market = this.market.peek();
    if (resolution === this.resolution.peek()) return;
    if (market !== null) this.client.unsubscribe('v4_candles', `${market}/${this.resolution.peek()}`);
    this.resolution.value = settings.resolution.value = resolution;
    if (market !== null) this.client.subscribe('v4_candles', `${market}/${resolution}`, 250);
  }

  /** The chosen pace, for the topics that are open. */
  repace(): void {
    const milliseconds = conflation();
    this.client.pace('v4_markets', undefined, milliseconds);
    const market = this.market.peek();
    if (market !== null) this.client.pace('v4_orderbook', market, milliseconds);
  }

  /** Asks the gateway for a new way to the Indexer; it allows one in ten seconds. */
  async reconnectUpstream(): Promise<void> {
    if (this.address === null) throw new Error('Only with an account can the gateway be asked to reconnect.');
    await this.rest.fetch(new URL(`/ws/reconnect/${this.address}`, location.origin), 'POST');
  }

  private ofAccount<S extends AccountStore | OrdersStore | TradesStore>(which: 0 | 1 | 2): Topic<S> | undefined {
    const topic = this.client.accountTopics(this.address)[which];
    return topic && (this.client.find(topic[0], topic[1]) as Topic<S> | undefined);
  }

  private rememberedAccount(): AccountChoice {
    const subaccount = Number(wanted.get('subaccount') ?? kept.get('tidegate.subaccount') ?? '0');
    return {
      address: wanted.get('address') ?? kept.get('tidegate.account'),
      subaccount: Number.isInteger(subaccount) && subaccount >= 0 ? subaccount : 0,
      parent: settings.view.peek() === 'parent' && subaccount < 128,
    };
  }

  /** Without a token a gateway that wants one is not even dialled. */
  private async begin(): Promise<void> {
    if (this.token !== null) this.client.connect();
    try {
      const response = await fetch('/config.json');
      this.config.value = asObject(await response.json()) as unknown as GatewayConfig;
    } catch {
      // The network badge then comes with `connected`.
    }
    if (this.token === null && !this.wantsToken) this.client.connect();
  }

  private told(news: News): void {
    this.log.tell(news, this.gatewayNow);
    if (news.kind === 'link' && news.link.state === 'refused') this.forgetAccount(news.link.refusal);
    this.vitals.take(news, this.clock.now());
    if (news.kind === 'connected') this.greeted();
    else if (news.kind === 'state' && news.topic.channel === 'v4_markets') this.chooseMarket();
    if (news.kind !== 'update' && news.kind !== 'miss') this.news.value = this.news.peek() + 1;
    for (const listener of this.listeners) listener(news);
  }

  /** An account remembered from another token is let go; one that the address names stays asked for, and the markets live. */
  private forgetAccount({ code, words, detail }: Refusal): void {
    const remembered = kept.get('tidegate.account') ?? kept.get('tidegate.subaccount');
    const asked = wanted.has('address');
    if (!forgets.has(code) || this.client.account.marketOnly || (!asked && remembered === null)) return;
    if (asked) this.locked.value = detail ?? words;
    kept.set('tidegate.account', null);
    kept.set('tidegate.subaccount', null);
    const parent = settings.view.peek() === 'parent';
    queueMicrotask(() => this.client.follow({ address: null, subaccount: 0, parent, marketOnly: asked }));
  }

  private greeted(): void {
    const id = this.client.accountTopics(this.address)[1]?.[1];
    if (id !== undefined) this.client.subscribe('v4_transfers', id);
  }

  private chooseMarket(): void {
    if (this.market.peek() !== null) return;
    const tickers = this.tickers();
    const asked = wanted.get('market');
    const wishes = [asked, settings.market.peek(), 'BTC-USD', tickers[0]];
    if (asked !== null && !tickers.includes(asked)) this.unlisted.value = asked;
    const found = wishes.find((ticker) => typeof ticker === 'string' && tickers.includes(ticker));
    if (found) {
      const unlisted = this.unlisted.value;
      this.watchMarket(found);
      this.unlisted.value = unlisted;
    }
  }

  private look(): Overall {
    return overall({
      link: this.client.link,
      statuses: [...this.client.topics].map((topic) => topic.status),
      now: this.clock.now(),
      offset: this.client.clockOffset,
      roundTrip: this.client.roundTrip,
      blockHeardAt: this.vitals.blockHeardAt,
      height: this.block?.height ?? null,
      conflatedAt: this.vitals.conflatedAt,
      paused: paused.value,
      wantsToken: this.wantsToken,
    });
  }
}

export const desk = new Desk();
