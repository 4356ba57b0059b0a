/**
 * The page's side of the dashboard socket: one connection, its topics, and what happens when it breaks.
 *
 * Knows the protocol and no document: socket, probe, timers and chance are handed in, so tests drive it by hand.
 * After an unexpected close it comes back by itself and resumes every topic it holds; a refusal that no waiting
 * cures (a bad token) ends it until `connect` is called again.
 */
import { reconnectDelay } from './backoff';
import {
  parseFrame,
  topicKey,
  type Connected,
  type ErrorFrame,
  type GapFrame,
  type StateFrame,
  type StatusFrame,
  type UpdateFrame,
} from './frames';
import { refusalOf, type Refusal } from './refusal';
import type { Store } from './store';
import { Topic } from './topic';

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface Surroundings {
  open(query: string): SocketLike;
  /** Asks by a plain request why the socket would not open; null: no reason known, try again. */
  probe(): Promise<Refusal | null>;
  /** Makes the store of a topic; null for a channel this client cannot read. */
  store(channel: string, id: string | undefined): Store | null;
  /** Something changed: paint when convenient. */
  changed(): void;
  after(milliseconds: number, what: () => void): () => void;
  now(): number;
  random(): number;
}

export type Link =
  | { state: 'closed' }
  | { state: 'connecting'; since: number; attempt: number }
  | { state: 'open'; since: number }
  | { state: 'waiting'; since: number; attempt: number; until: number; refusal: Refusal | null }
  | { state: 'refused'; since: number; refusal: Refusal };

/** A ping goes out after this silence … */
const pingAfter = 5_000;
/** … and after this one the connection is given up: TCP alone would need minutes to notice a vanished gateway. */
const silentTooLong = 12_000;

/** Refusals of a topic that may pass, and the wait before it is asked for again. */
const passing = new Set(['upstream-full', 'upstream-refused']);
const askAgainAfter = 10_000;

const closesForGood = new Set(['token-expired', 'token-revoked']);

export class FeedClient {
  link: Link = { state: 'closed' };
  session: Connected | null = null;
  /** Gateway's clock minus ours, in milliseconds. */
  clockOffset = 0;

  private readonly topicsByKey = new Map<string, Topic>();
  /** Unsubscribes not yet answered, by topic: until then its frames belong to the subscription that ends. */
  private readonly leaving = new Map<string, number>();
  private socket: SocketLike | null = null;
  private opened = false;
  private greetedOnce = false;
  private attempt = 0;
  private lostSince: number | null = null;
  private lastHeard = 0;
  private cancelTimer: (() => void) | null = null;
  private cancelWatch: (() => void) | null = null;

  constructor(private readonly outside: Surroundings) {}

  get topics(): Iterable<Topic> {
    return this.topicsByKey.values();
  }

  find<S extends Store>(channel: string, id?: string): Topic<S> | undefined {
    return this.topicsByKey.get(topicKey(channel, id)) as Topic<S> | undefined;
  }

  connect(): void {
    this.drop();
    this.attempt = 0;
    this.lostSince = null;
    this.dial();
  }

  close(): void {
    this.drop();
    this.link = { state: 'closed' };
    this.outside.changed();
  }

  /** Follows a topic from now on, through every reconnect. */
  subscribe<S extends Store>(channel: string, id?: string): Topic<S> | undefined {
    const known = this.find<S>(channel, id);
    if (known) return known;
    const topic = this.add(channel, id);
    if (topic && this.link.state === 'open') this.sendSubscribe(topic);
    return topic as Topic<S> | undefined;
  }

  unsubscribe(channel: string, id?: string): void {
    const key = topicKey(channel, id);
    if (!this.topicsByKey.delete(key) || this.link.state !== 'open') return;
    this.leaving.set(key, (this.leaving.get(key) ?? 0) + 1);
    this.send({ type: 'unsubscribe', channel, id });
  }

  private add(channel: string, id: string | undefined): Topic | undefined {
    const store = this.outside.store(channel, id);
    if (!store) return undefined;
    const topic = new Topic(channel, id, store);
    this.topicsByKey.set(topicKey(channel, id), topic);
    return topic;
  }

  private dial(): void {
    const since = this.lostSince ?? this.outside.now();
    this.link = { state: 'connecting', since, attempt: this.attempt };
    this.opened = false;
    // The account's own topics come without asking on the first connect; afterwards we name what we hold.
    const socket = this.outside.open(this.greetedOnce ? '?subscribe=none' : '');
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.opened = true;
      this.heard();
      this.watch();
    };
    socket.onmessage = (event) => {
      if (socket === this.socket && typeof event.data === 'string') this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code, event.reason);
    };
    socket.onerror = null;
    this.outside.changed();
  }

  private lost(code: number, reason: string): void {
    const neverOpened = !this.opened;
    this.drop();
    this.lostSince ??= this.outside.now();
    if (code === 1008 && closesForGood.has(reason)) this.refuse(refusalOf(reason, 401));
    else if (neverOpened) this.askWhy();
    else this.wait(null);
  }

  private askWhy(): void {
    const asked = this.link;
    void this.outside.probe().then(
      (refusal) => {
        if (this.link !== asked) return;
        if (refusal && refusal.retryAfter === null) this.refuse(refusal);
        else this.wait(refusal);
      },
      () => {
        if (this.link === asked) this.wait(null);
      },
    );
  }

  private refuse(refusal: Refusal): void {
    this.link = { state: 'refused', since: this.lostSince ?? this.outside.now(), refusal };
    this.outside.changed();
  }

  private wait(refusal: Refusal | null): void {
    const named = refusal?.retryAfter ?? null;
    const delay = named !== null ? named * 1000 : reconnectDelay(this.attempt, () => this.outside.random());
    this.attempt++;
    const now = this.outside.now();
    this.link = { state: 'waiting', since: this.lostSince ?? now, attempt: this.attempt, until: now + delay, refusal };
    this.cancelTimer = this.outside.after(delay, () => this.dial());
    this.outside.changed();
  }

  /** Forgets socket and timers, keeps every topic. */
  private drop(): void {
    this.cancelTimer?.();
    this.cancelWatch?.();
    this.cancelTimer = this.cancelWatch = null;
    this.leaving.clear();
    for (const topic of this.topicsByKey.values()) topic.detached();
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }

  private watch(): void {
    this.cancelWatch = this.outside.after(1000, () => {
      const silence = this.outside.now() - this.lastHeard;
      if (silence > silentTooLong) {
        this.lost(1006, 'silent');
        return;
      }
      if (silence > pingAfter) this.send({ type: 'ping', id: 'page' });
      this.watch();
    });
  }

  private heard(): void {
    this.lastHeard = this.outside.now();
  }

  private send(message: object): void {
    try {
      this.socket?.send(JSON.stringify(message));
    } catch {
      // The socket is closing: `onclose` follows, and the next connection says it again.
    }
  }

  private sendSubscribe(topic: Topic): void {
    const { channel, id, epoch, seq } = topic;
    this.send({ type: 'subscribe', channel, id, ...(topic.held ? { resume: { epoch, seq } } : {}) });
  }

  private receive(text: string): void {
    this.heard();
    const frame = parseFrame(text);
    if (!frame) return;
    if (frame.type === 'connected') this.greet(frame as unknown as Connected);
    else if (frame.type === 'error') this.takeError(frame as unknown as ErrorFrame);
    else if (typeof frame.channel === 'string') {
      this.takeTopicFrame(frame.channel, typeof frame.id === 'string' ? frame.id : undefined, frame);
    }
    this.outside.changed();
  }

  private greet(frame: Connected): void {
    const first = !this.greetedOnce;
    this.greetedOnce = true;
    this.session = frame;
    this.attempt = 0;
    this.lostSince = null;
    const serverTime = Date.parse(frame.server_time);
    if (!Number.isNaN(serverTime)) this.clockOffset = serverTime - this.outside.now();
    this.link = { state: 'open', since: this.outside.now() };
    const given = new Set<string>();
    if (first && frame.user_address !== null) {
      for (const channel of ['v4_subaccounts', 'v4_orders', 'v4_trades']) {
        const id = `${frame.user_address}/0`;
        given.add(topicKey(channel, id));
        if (!this.find(channel, id)) this.add(channel, id);
      }
    }
    for (const [key, topic] of this.topicsByKey) if (!given.has(key)) this.sendSubscribe(topic);
  }

  private takeTopicFrame(channel: string, id: string | undefined, frame: object & { type: string }): void {
    const key = topicKey(channel, id);
    if (frame.type === 'unsubscribed') {
      this.takeUnsubscribed(key);
      return;
    }
    const topic = this.topicsByKey.get(key);
    if (!topic || this.leaving.has(key)) return;
    switch (frame.type) {
      case 'subscribed':
      case 'snapshot':
        this.act(topic, topic.takeState(frame as StateFrame));
        break;
      case 'gap':
        this.act(topic, topic.takeGap(frame as GapFrame));
        break;
      case 'feed_status':
        topic.status = (frame as StatusFrame).data;
        break;
      default:
        if ('seq' in frame && 'data' in frame) this.act(topic, topic.takeUpdate(frame as UpdateFrame));
    }
  }

  private act(topic: Topic, verdict: string): void {
    if (verdict === 'ask-snapshot') this.send({ type: 'snapshot', channel: topic.channel, id: topic.id });
  }

  private takeUnsubscribed(key: string): void {
    const open = this.leaving.get(key);
    if (open === undefined)
      this.topicsByKey.delete(key); // the gateway's own word: a new token does not cover it
    else if (open > 1) this.leaving.set(key, open - 1);
    else this.leaving.delete(key);
  }

  private takeError(frame: ErrorFrame): void {
    if (frame.channel === undefined || frame.code === 'already-subscribed') return;
    const key = topicKey(frame.channel, frame.id);
    if (frame.code === 'not-subscribed') {
      this.takeUnsubscribed(key);
      return;
    }
    const topic = this.topicsByKey.get(key);
    if (!topic || this.leaving.has(key)) return;
    topic.error = { code: frame.code, message: frame.message };
    if (passing.has(frame.code)) this.askAgain(key, topic);
  }

  private askAgain(key: string, topic: Topic): void {
    const socket = this.socket;
    this.outside.after(askAgainAfter, () => {
      if (this.socket === socket && topic.error && this.topicsByKey.get(key) === topic) this.sendSubscribe(topic);
    });
  }
}
