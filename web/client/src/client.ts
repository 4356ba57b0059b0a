/**
 * A client of `tidegate.v1`: the topics it follows, kept whole through breaks of the connection.
 *
 * After an unexpected close it comes back by itself and resumes every topic it holds. Which frames add up to what is
 * the business of the stores that the owner hands in; the client guards their numbers and checksums.
 */
import { Connection, type Link, type Owner } from './connection';
import {
  parseFrame,
  topicKey,
  type Connected,
  type ErrorFrame,
  type Frame,
  type GapFrame,
  type StateFrame,
  type StatusFrame,
  type UpdateFrame,
} from './frames';
import type { Surroundings } from './news';
import { Pace, tooSlow } from './pace';
import type { Store } from './store';
import { Topic, type Verdict } from './topic';

/** Whose account is followed: the token's first where no address is named. */
export interface AccountChoice {
  address: string | null;
  subaccount: number;
  /** A parent with its isolated children (n + 128 k), or the one subaccount alone. */
  parent: boolean;
  /** No account is followed, whatever the token covers. */
  marketOnly?: boolean;
}

/** Refusals of a topic that may pass, and the wait before it is asked for again. */
const passing = new Set(['upstream-full', 'upstream-refused']);
const askAgainAfter = 10_000;

export class FeedClient {
  session: Connected | null = null;

  private readonly connection: Connection;
  private readonly topicsByKey = new Map<string, Topic>();
  /** Unsubscribes not yet answered, by topic: until then its frames belong to the subscription that ends. */
  private readonly leaving = new Map<string, number>();
  private greetedOnce = false;
  private readonly pacing: Pace;

  constructor(
    private readonly outside: Surroundings,
    public account: AccountChoice = { address: null, subaccount: 0, parent: false },
  ) {
    const owner: Owner = {
      query: () => this.query(),
      received: (text) => this.receive(text),
      detached: () => this.detached(),
      linkChanged: (link) => {
        if (link.state === 'waiting' && link.code === tooSlow && link.attempt === 1) this.pacing.slowDown();
        this.outside.told?.({ kind: 'link', link });
        this.outside.changed();
      },
    };
    this.connection = new Connection(outside, owner);
    this.pacing = new Pace(
      (milliseconds, what) => outside.after(milliseconds, what),
      () => this.repace(),
    );
  }

  get link(): Link {
    return this.connection.link;
  }

  /** Gateway's clock minus ours, in milliseconds. */
  get clockOffset(): number {
    return this.connection.clock.offset;
  }

  get roundTrip(): number | null {
    return this.connection.clock.roundTrip;
  }

  get topics(): Iterable<Topic> {
    return this.topicsByKey.values();
  }

  find<S extends Store>(channel: string, id?: string): Topic<S> | undefined {
    return this.topicsByKey.get(topicKey(channel, id)) as Topic<S> | undefined;
  }

  connect(): void {
    this.connection.connect();
  }

  close(): void {
    this.connection.close();
  }

  /** Dials at once where it waits. */
  hurry(): void {
    this.connection.hurry();
  }

  /** After a sleep of the machine: the gateway answers within two seconds, or a new connection is made. */
  prove(): void {
    this.connection.prove();
  }

  /** A new token for the open connection; where none is open the next handshake brings it. */
  authenticate(token: string): void {
    if (this.link.state === 'open') this.connection.send({ type: 'authenticate', token });
    else this.connect();
  }

  /** Follows another account: its topics are let go, the market's stay. */
  follow(account: AccountChoice): void {
    const own = this.accountTopics(this.session?.user_address ?? null);
    for (const [channel, id] of own) this.unsubscribe(channel, id);
    this.account = account;
    this.greetedOnce = false;
    this.connect();
  }

  /** Follows a topic from now on, through every reconnect. */
  subscribe<S extends Store>(channel: string, id?: string, conflateMs = 0): Topic<S> | undefined {
    const known = this.find<S>(channel, id);
    if (known) return known;
    const topic = this.add(channel, id, conflateMs);
    if (topic && this.link.state === 'open') this.sendSubscribe(topic);
    return topic as Topic<S> | undefined;
  }

  unsubscribe(channel: string, id?: string): void {
    const key = topicKey(channel, id);
    if (!this.topicsByKey.delete(key) || this.link.state !== 'open') return;
    this.leaving.set(key, (this.leaving.get(key) ?? 0) + 1);
    this.connection.send({ type: 'unsubscribe', channel, id });
  }

  /** Another pace for a topic that is followed; its state is kept until the new one is here. */
  pace(channel: string, id: string | undefined, conflateMs: number): void {
    const topic = this.find(channel, id);
    if (!topic || topic.conflateMs === conflateMs) return;
    topic.conflateMs = conflateMs;
    this.askPace(topic);
  }

  /** The topics that an account's session follows. */
  accountTopics(address: string | null): [channel: string, id: string][] {
    const { subaccount, parent, marketOnly } = this.account;
    if (address === null || marketOnly) return [];
    const id = parent ? `${address}/parent/${subaccount}` : `${address}/${subaccount}`;
    return [
      [parent ? 'v4_parent_subaccounts' : 'v4_subaccounts', `${address}/${subaccount}`],
      ['v4_orders', id],
      ['v4_trades', id],
    ];
  }

  private query(): string {
    const query = new URLSearchParams();
    const { address, subaccount, parent, marketOnly } = this.account;
    if (address !== null) query.set('address', address);
    if (subaccount !== 0) query.set('subaccount', String(subaccount));
    // The account's own topics come without asking on the first connect; afterwards we name what we hold.
    if (this.greetedOnce || marketOnly) query.set('subscribe', 'none');
    else if (parent) query.set('view', 'parent');
    const text = query.toString();
    return text === '' ? '' : `?${text}`;
  }

  private add(channel: string, id: string | undefined, conflateMs = 0): Topic | undefined {
    const store = this.outside.store(channel, id);
    if (!store) return undefined;
    const topic = new Topic(channel, id, store, conflateMs);
    this.topicsByKey.set(topicKey(channel, id), topic);
    return topic;
  }

  private detached(): void {
    this.leaving.clear();
    for (const topic of this.topicsByKey.values()) topic.detached();
  }

  private repace(): void {
    for (const topic of this.topicsByKey.values()) this.askPace(topic);
    this.outside.told?.({ kind: 'pace', least: this.pacing.least });
  }

  /** Subscribes anew where a topic comes at another pace than it should. */
  private askPace(topic: Topic): void {
    if (this.link.state !== 'open' || topic.askedMs === this.pacing.of(topic)) return;
    const { channel, id } = topic;
    const key = topicKey(channel, id);
    this.leaving.set(key, (this.leaving.get(key) ?? 0) + 1);
    this.connection.send({ type: 'unsubscribe', channel, id });
    this.sendSubscribe(topic);
  }

  private sendSubscribe(topic: Topic): void {
    const { channel, id, epoch, seq } = topic;
    const conflateMs = (topic.askedMs = this.pacing.of(topic));
    this.connection.send({
      type: 'subscribe',
      channel,
      id,
      ...(topic.held ? { resume: { epoch, seq } } : {}),
      ...(conflateMs > 0 ? { conflate_ms: conflateMs } : {}),
    });
  }

  private receive(text: string): void {
    const frame = parseFrame(text);
    if (!frame) return;
    // Nothing is painted for it: what it measured is told with the next thing that is.
    if (frame.type === 'pong') return this.connection.answered(frame.id, frame.server_time);
    const channel = typeof frame.channel === 'string' ? frame.channel : undefined;
    if (frame.type === 'connected') this.greet(frame as unknown as Connected);
    else if (frame.type === 'authenticated') this.renewed(frame.expires_at);
    else if (frame.type === 'error') this.takeError(frame as unknown as ErrorFrame);
    else if (channel !== undefined) {
      this.takeTopicFrame(channel, typeof frame.id === 'string' ? frame.id : undefined, frame);
    }
    this.outside.changed(channel);
  }

  private renewed(expiresAt: unknown): void {
    const until = typeof expiresAt === 'string' ? expiresAt : null;
    if (this.session) this.session = { ...this.session, expires_at: until };
    this.outside.told?.({ kind: 'authenticated', expiresAt: until });
  }

  private greet(frame: Connected): void {
    const first = !this.greetedOnce;
    this.greetedOnce = true;
    this.session = frame;
    this.connection.greeted(frame.server_time);
    const given = new Set<string>();
    for (const [channel, id] of first ? this.accountTopics(frame.user_address) : []) {
      given.add(topicKey(channel, id));
      if (!this.find(channel, id)) this.add(channel, id);
    }
    for (const [key, topic] of this.topicsByKey) if (!given.has(key)) this.sendSubscribe(topic);
    this.outside.told?.({ kind: 'connected', session: frame });
  }

  private takeTopicFrame(channel: string, id: string | undefined, frame: Frame): void {
    const key = topicKey(channel, id);
    if (frame.type === 'unsubscribed') return this.takeUnsubscribed(key);
    const topic = this.topicsByKey.get(key);
    if (!topic || this.leaving.has(key)) return;
    switch (frame.type) {
      case 'subscribed':
      case 'snapshot':
        return this.takeState(topic, frame as unknown as StateFrame);
      case 'gap': {
        const gap = frame as unknown as GapFrame;
        if (this.act(topic, topic.takeGap(gap))) this.outside.told?.({ kind: 'gap', topic, gap: gap.data });
        return;
      }
      case 'feed_status': {
        const before = topic.status;
        const status = (frame as unknown as StatusFrame).data;
        topic.status = status;
        this.outside.told?.({ kind: 'status', topic, before, status });
        return;
      }
      default:
        if (!('seq' in frame) || !('data' in frame)) return;
        this.takeUpdate(topic, frame as unknown as UpdateFrame);
    }
  }

  private takeState(topic: Topic, frame: StateFrame): void {
    const again = topic.held;
    const at = new Date(this.outside.now() + this.clockOffset).toISOString();
    const ok = this.act(topic, topic.takeState(frame, at));
    if (frame.reason === 'conflated') this.pacing.strained();
    if (frame.resumed === true) this.outside.told?.({ kind: 'resumed', topic, recovered: frame.recovered ?? 0 });
    else if (ok) this.outside.told?.({ kind: 'state', topic, frame, again });
  }

  private takeUpdate(topic: Topic, frame: UpdateFrame): void {
    if (this.act(topic, topic.takeUpdate(frame))) this.outside.told?.({ kind: 'update', topic, frame });
  }

  /** Whether the frame counted. */
  private act(topic: Topic, verdict: Verdict): boolean {
    if (verdict === 'ask-snapshot') {
      this.connection.send({ type: 'snapshot', channel: topic.channel, id: topic.id });
      this.outside.told?.({ kind: 'miss', topic });
    }
    return verdict === 'ok';
  }

  private takeUnsubscribed(key: string): void {
    const open = this.leaving.get(key);
    if (open === undefined)
      this.topicsByKey.delete(key); // the gateway's own word: a new token does not cover it
    else if (open > 1) this.leaving.set(key, open - 1);
    else this.leaving.delete(key);
  }

  private takeError(frame: ErrorFrame): void {
    if (frame.code === 'already-subscribed') return;
    const key = frame.channel === undefined ? '' : topicKey(frame.channel, frame.id);
    if (frame.code === 'not-subscribed') return this.takeUnsubscribed(key);
    const topic = this.topicsByKey.get(key);
    const about = topic && !this.leaving.has(key) ? topic : null;
    this.outside.told?.({ kind: 'error', code: frame.code, message: frame.message, topic: about });
    if (!about) return;
    about.error = { code: frame.code, message: frame.message };
    if (passing.has(frame.code)) this.askAgain(key, about);
  }

  private askAgain(key: string, topic: Topic): void {
    const session = this.session;
    this.outside.after(askAgainAfter, () => {
      const same = this.session === session && this.link.state === 'open';
      if (same && topic.error && this.topicsByKey.get(key) === topic) this.sendSubscribe(topic);
    });
  }
}
