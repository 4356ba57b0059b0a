import { describe, expect, it } from 'vitest';
import type { BookStore } from '../../src/state/book';
import { FeedClient } from '../src/client';
import type { News } from '../src/news';
import type { SocketLike } from '../src/connection';
import { refusalOf, type Refusal } from '../src/refusal';
import { storeFor } from '../../src/state/stores';

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;

  constructor(readonly query: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  greets(address: string | null = 'dydx1a'): void {
    this.onopen?.();
    this.says({
      type: 'connected',
      user_address: address,
      addresses: [],
      server_time: '1970-01-01T00:00:05Z',
      network: 'simulated',
    });
  }

  breaks(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }
}

class World {
  time = 0;
  sockets: FakeSocket[] = [];
  refusal: Refusal | null = null;
  probes = 0;
  private timers: { at: number; what: () => void }[] = [];

  constructor(private readonly told?: (news: News) => void) {}

  client: FeedClient = new FeedClient({
    open: (query) => {
      this.sockets.push(new FakeSocket(query));
      return this.socket;
    },
    probe: async () => {
      this.probes++;
      return this.refusal;
    },
    store: storeFor,
    changed: () => undefined,
    told: (news) => this.told?.(news),
    after: (milliseconds, what) => {
      const timer = { at: this.time + milliseconds, what };
      this.timers.push(timer);
      return () => {
        this.timers = this.timers.filter((one) => one !== timer);
      };
    },
    now: () => this.time,
    random: () => 0,
  });

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** What the newest socket was sent, its pings apart. */
  asked(): Record<string, unknown>[] {
    return this.socket.sent.filter((frame) => frame.type !== 'ping');
  }

  /** Lets time pass, timer by timer. */
  async passes(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      await settle();
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.time = due.at;
      due.what();
    }
    this.time = end;
  }
}

const settle = () => new Promise<void>((done) => setTimeout(done, 0));

const bookState = (seq: number, price: string, more: object = {}) => ({
  type: 'subscribed',
  channel: 'v4_orderbook',
  id: 'BTC-USD',
  epoch: 'e',
  seq,
  resumed: false,
  data: { bids: [[price, '1']], asks: [] },
  ...more,
});

function connected(): World {
  const world = new World();
  world.client.subscribe('v4_orderbook', 'BTC-USD');
  world.client.connect();
  world.socket.greets();
  world.socket.says(bookState(3, '10'));
  return world;
}

describe('the client', () => {
  it('asks for its own topics and awaits those of the account, which come by themselves', () => {
    const world = connected();
    expect(world.socket.query).toBe('');
    expect(world.asked()).toEqual([{ type: 'subscribe', channel: 'v4_orderbook', id: 'BTC-USD' }]);
    expect([...world.client.topics].map((topic) => topic.channel).sort()).toEqual([
      'v4_orderbook',
      'v4_orders',
      'v4_subaccounts',
      'v4_trades',
    ]);
    expect(world.client.clockOffset).toBe(5000);
  });

  it('comes back after a break, resumes what it holds and subscribes anew what it does not', async () => {
    const world = connected();
    world.socket.breaks();
    expect(world.client.link.state).toBe('waiting');
    await world.passes(500);
    expect(world.sockets).toHaveLength(2);
    expect(world.socket.query).toBe('?subscribe=none');
    world.socket.greets();
    expect(world.socket.sent).toContainEqual({
      type: 'subscribe',
      channel: 'v4_orderbook',
      id: 'BTC-USD',
      resume: { epoch: 'e', seq: 3 },
    });
    expect(world.socket.sent).toContainEqual({ type: 'subscribe', channel: 'v4_orders', id: 'dydx1a/0' });
    world.socket.says({ ...bookState(3, ''), resumed: true, data: undefined });
    world.socket.says({ ...bookState(4, '11'), type: 'orderbook_update', source: 'stream', ts: '' });
    expect(world.client.find<BookStore>('v4_orderbook', 'BTC-USD')?.store.bids).toHaveLength(2);
  });

  it('keeps the last values while the gateway is away, and waits longer each time up to eight seconds', async () => {
    const world = connected();
    world.socket.breaks();
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const link = world.client.link;
      if (link.state !== 'waiting') throw new Error(link.state);
      waits.push(link.until - world.time);
      await world.passes(link.until - world.time);
      world.socket.breaks();
      await settle();
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000]);
    expect(world.client.find<BookStore>('v4_orderbook', 'BTC-USD')?.store.bids).toEqual([['10', '1']]);
    expect(world.client.link).toMatchObject({ since: 0 });
  });

  it('asks why where the socket never opened, and stops at a refusal that no waiting cures', async () => {
    const world = new World();
    world.refusal = refusalOf('token-expired', 401);
    world.client.connect();
    world.socket.breaks();
    await world.passes(60_000);
    expect(world.client.link).toMatchObject({ state: 'refused', refusal: { code: 'token-expired' } });
    expect(world.sockets).toHaveLength(1);
    expect(world.probes).toBe(1);
    // A deliberate new beginning is none that follows a loss.
    world.client.connect();
    expect(world.client.link).toMatchObject({ state: 'connecting', attempt: 0, code: null });
  });

  it('waits as long as a full gateway asks', async () => {
    const world = new World();
    world.refusal = refusalOf('full', 503, 7);
    world.client.connect();
    world.socket.breaks();
    await world.passes(6_900);
    expect(world.sockets).toHaveLength(1);
    await world.passes(200);
    expect(world.sockets).toHaveLength(2);
  });

  it('stops when its token ends', async () => {
    const world = connected();
    world.socket.breaks(1008, 'token-revoked');
    await world.passes(60_000);
    expect(world.client.link).toMatchObject({ state: 'refused', refusal: { code: 'token-revoked' } });
    expect(world.sockets).toHaveLength(1);
  });

  it('gives up a connection that went silent, after it asked', async () => {
    const world = connected();
    await world.passes(7_000);
    expect(world.socket.sent.some((frame) => frame.type === 'ping')).toBe(true);
    await world.passes(7_000);
    expect(world.sockets[0]!.closed).toBe(true);
    expect(world.sockets.length).toBeGreaterThan(1);
  });

  it('keeps a quiet connection whose pings are answered', async () => {
    const world = connected();
    for (let i = 0; i < 30; i++) {
      await world.passes(1_000);
      world.socket.says({ type: 'pong' });
    }
    expect(world.sockets).toHaveLength(1);
  });

  it('leaves frames aside that still belong to a subscription it has ended', () => {
    const world = connected();
    world.client.unsubscribe('v4_orderbook', 'BTC-USD');
    const topic = world.client.subscribe<BookStore>('v4_orderbook', 'BTC-USD')!;
    world.socket.says({ ...bookState(4, '99'), type: 'snapshot' });
    expect(topic.held).toBe(false);
    world.socket.says({ type: 'unsubscribed', channel: 'v4_orderbook', id: 'BTC-USD' });
    world.socket.says(bookState(5, '12'));
    expect(topic.store.bids).toEqual([['12', '1']]);
  });

  it('asks for the state where a number is missing', () => {
    const world = connected();
    world.socket.says({ ...bookState(6, '11'), type: 'orderbook_update', source: 'stream', ts: '' });
    expect(world.asked().at(-1)).toEqual({ type: 'snapshot', channel: 'v4_orderbook', id: 'BTC-USD' });
  });

  it('puts an error on its topic and asks again where it may pass', async () => {
    const world = connected();
    const topic = world.client.subscribe('v4_candles', 'X-USD/1MIN')!;
    world.socket.says({
      type: 'error',
      code: 'upstream-refused',
      message: 'later',
      channel: 'v4_candles',
      id: 'X-USD/1MIN',
    });
    expect(topic.error).toEqual({ code: 'upstream-refused', message: 'later' });
    const before = world.socket.sent.filter((frame) => frame.channel === 'v4_candles').length;
    await world.passes(10_500);
    expect(world.socket.sent.filter((frame) => frame.channel === 'v4_candles').length).toBe(before + 1);
  });

  it('takes the state of a feed, and a gap with its number', () => {
    const world = connected();
    const topic = world.client.find('v4_trades', 'dydx1a/0')!;
    const about = { channel: 'v4_trades', id: 'dydx1a/0' };
    world.socket.says({ type: 'feed_status', ...about, data: { mode: 'polling', since: 'now', complete: false } });
    expect(topic.status).toMatchObject({ mode: 'polling', complete: false });
    world.socket.says({ type: 'subscribed', ...about, epoch: 'e', seq: 0, data: { trades: [] } });
    expect(topic.status).toBeNull();
    const hole = { from: 'a', to: 'b', reason: 'upstream-closed', recovered: 0, complete: false };
    world.socket.says({ type: 'gap', ...about, epoch: 'e', seq: 1, data: hole });
    expect(topic.gaps).toEqual([hole]);
    expect(topic.seq).toBe(1);
  });

  it('lives through frames that are none', () => {
    const world = connected();
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '7',
      '{"type":5}',
      '{"type":"new"}',
      '{"type":"new","channel":"v4_new"}',
    ]) {
      world.socket.onmessage?.({ data: text });
    }
    expect(world.client.link.state).toBe('open');
  });
});

/** A client of a book, and the paces that it told. */
function paced(): { world: World; paces: number[] } {
  const paces: number[] = [];
  const world = new World((news) => news.kind === 'pace' && paces.push(news.least));
  world.client.subscribe('v4_orderbook', 'BTC-USD', 100);
  world.client.connect();
  world.socket.greets();
  return { world, paces };
}

describe('the way to the gateway', () => {
  it('is measured by pings, and the clock set by the quickest answer', async () => {
    const world = connected();
    const answer = async (trip: number, server: number) => {
      const ping = world.socket.sent.filter((frame) => frame.type === 'ping').at(-1)!;
      await world.passes(trip);
      world.socket.says({ type: 'pong', id: ping.id, server_time: new Date(server).toISOString() });
    };
    await answer(40, 1_000_020);
    expect([world.client.roundTrip, world.client.clockOffset]).toEqual([40, 1_000_000]);
    await world.passes(5_000);
    await answer(400, 1_999_999);
    expect(world.client.clockOffset).toBe(1_000_000);
  });

  it('is asked for fewer frames after it was too slow for them, and for all after a quiet minute', async () => {
    const { world, paces } = paced();
    world.socket.says(bookState(3, '10'));
    const subscribed = (channel: string) =>
      world
        .asked()
        .filter((frame) => frame.channel === channel)
        .at(-1);
    for (const least of [250, 500]) {
      world.socket.breaks(1013, 'slow-consumer');
      await world.passes(500);
      world.socket.greets();
      expect(subscribed('v4_orderbook')).toMatchObject({ conflate_ms: least, resume: { epoch: 'e', seq: 3 } });
      expect(subscribed('v4_trades')).not.toHaveProperty('conflate_ms');
    }
    for (let second = 0; second < 61; second++) {
      await world.passes(1_000);
      world.socket.says({ type: 'pong' });
    }
    expect(subscribed('v4_orderbook')).toMatchObject({ type: 'subscribe', conflate_ms: 100 });
    expect(paces).toEqual([250, 500, 0]);
  });

  it('asks for less once where it is too slow for all, then waits for that to help', async () => {
    const { world, paces } = paced();
    const conflated = { ...bookState(3, '10'), type: 'snapshot', reason: 'conflated', skipped: 9 };
    const again = () => {
      world.socket.says({ type: 'unsubscribed', channel: 'v4_orderbook', id: 'BTC-USD' });
      world.socket.says(bookState(3, '10'));
    };
    world.socket.says(conflated);
    again();
    world.socket.says(conflated);
    expect(paces).toEqual([250]);
    for (let times = 0; times < 3; times++) {
      await world.passes(3_000);
      world.socket.says({ type: 'pong' });
      await world.passes(3_000);
      world.socket.says(conflated);
      again();
    }
    expect(paces).toEqual([250, 500]);
  });

  it('is tried at once where somebody asks for it', async () => {
    const world = connected();
    world.socket.breaks();
    world.client.hurry();
    expect(world.sockets).toHaveLength(2);
  });

  it('has to prove itself after a sleep, within two seconds', async () => {
    const world = connected();
    world.client.prove();
    await world.passes(1_900);
    expect(world.sockets).toHaveLength(1);
    await world.passes(600);
    expect(world.sockets).toHaveLength(2);
    const awake = connected();
    awake.client.prove();
    awake.socket.says({ type: 'pong' });
    await awake.passes(2_500);
    expect(awake.sockets).toHaveLength(1);
  });

  it('remembers that the gateway said it restarts', () => {
    const world = connected();
    world.socket.breaks(1012);
    expect(world.client.link).toMatchObject({ state: 'waiting', code: 1012 });
  });

  it('takes a new token without a new connection', () => {
    const world = connected();
    world.client.authenticate('new');
    expect(world.asked().at(-1)).toEqual({ type: 'authenticate', token: 'new' });
    world.socket.says({ type: 'authenticated', expires_at: '2030-01-01T00:00:00Z' });
    expect(world.client.session?.expires_at).toBe('2030-01-01T00:00:00Z');
    expect(world.sockets).toHaveLength(1);
  });
});

describe('what is followed', () => {
  it('is the parent with its children where that was chosen', () => {
    const world = new World();
    world.client.account = { address: 'dydx1b', subaccount: 3, parent: true };
    world.client.connect();
    expect(world.socket.query).toBe('?address=dydx1b&subaccount=3&view=parent');
    world.socket.greets('dydx1b');
    expect([...world.client.topics].map((topic) => `${topic.channel} ${topic.id}`)).toEqual([
      'v4_parent_subaccounts dydx1b/3',
      'v4_orders dydx1b/parent/3',
      'v4_trades dydx1b/parent/3',
    ]);
  });

  it('is the market alone where no account is wanted, whatever the token covers', () => {
    const world = new World();
    world.client.account = { address: null, subaccount: 0, parent: true, marketOnly: true };
    world.client.connect();
    expect(world.socket.query).toBe('?subscribe=none');
    world.socket.greets('dydx1a');
    expect([...world.client.topics]).toEqual([]);
    expect(world.asked()).toEqual([]);
  });

  it('changes with the account, and the market stays', () => {
    const world = connected();
    world.client.follow({ address: 'dydx1a', subaccount: 5, parent: false });
    world.socket.greets('dydx1a');
    const ids = [...world.client.topics].map((topic) => topic.id);
    expect(ids.sort()).toEqual(['BTC-USD', 'dydx1a/5', 'dydx1a/5', 'dydx1a/5']);
  });

  it('takes another pace without losing its state before the new one is here', () => {
    const world = connected();
    world.client.pace('v4_orderbook', 'BTC-USD', 250);
    expect(world.asked().slice(-2)).toEqual([
      { type: 'unsubscribe', channel: 'v4_orderbook', id: 'BTC-USD' },
      { type: 'subscribe', channel: 'v4_orderbook', id: 'BTC-USD', resume: { epoch: 'e', seq: 3 }, conflate_ms: 250 },
    ]);
    const topic = world.client.find<BookStore>('v4_orderbook', 'BTC-USD')!;
    expect(topic.store.bids).toEqual([['10', '1']]);
    world.socket.says({ type: 'unsubscribed', channel: 'v4_orderbook', id: 'BTC-USD' });
    world.socket.says(bookState(9, '11'));
    expect(topic.store.bids).toEqual([['11', '1']]);
  });

  it('is told as it happens: links, states, updates, gaps, errors', () => {
    const told: string[] = [];
    const world = new World((news) => told.push(news.kind));
    world.client.subscribe('v4_orderbook', 'BTC-USD');
    world.client.connect();
    world.socket.greets(null);
    world.socket.says(bookState(3, '10'));
    world.socket.says({ ...bookState(4, '11'), type: 'orderbook_update', source: 'stream', ts: '' });
    world.socket.says({ ...bookState(9, '11'), type: 'orderbook_update', source: 'stream', ts: '' });
    world.socket.says({ type: 'error', code: 'too-fast', message: 'slower' });
    expect(told).toEqual(['link', 'link', 'connected', 'state', 'update', 'miss', 'error']);
  });
});
