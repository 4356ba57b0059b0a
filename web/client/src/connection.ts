/**
 * One WebSocket to the gateway and what happens when it breaks: back-off, the question why, silence, a full gateway.
 *
 * Knows no document: socket, probe, timers and chance are handed in, so tests drive it by hand. A refusal that no
 * waiting cures (a bad token) ends it until `connect` is called again.
 */
import { reconnectDelay } from './backoff';
import { GatewayClock } from './clock';
import { refusalOf, type Refusal } from './refusal';

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface Network {
  open(query: string): SocketLike;
  /** Asks by a plain request why the socket would not open; null: no reason known, try again. */
  probe(query: string): Promise<Refusal | null>;
  after(milliseconds: number, what: () => void): () => void;
  /** Milliseconds on a clock that never runs back. */
  now(): number;
  random(): number;
}

export type Link =
  | { state: 'closed' }
  | { state: 'connecting'; since: number; attempt: number; code: number | null }
  | { state: 'open'; since: number }
  | { state: 'waiting'; since: number; attempt: number; until: number; refusal: Refusal | null; code: number }
  | { state: 'refused'; since: number; refusal: Refusal };

/** What the connection asks its owner for. */
export interface Owner {
  /** The query of the next handshake. */
  query(): string;
  received(text: string): void;
  /** The socket is gone; every answer still awaited will not come. */
  detached(): void;
  linkChanged(link: Link): void;
}

/** A ping goes out this often: it measures the way, and its answer proves that the gateway lives. */
const pingEvery = 5_000;
/** The first pings follow each other quickly: a page that still loads answers the first one late. */
const measured = 5;
/** The connection is given up after this silence: TCP alone would need minutes to notice a vanished gateway. */
const silentTooLong = 10_000;
/** After a sleep of the machine the old socket has this long to prove itself. */
const proofWithin = 2_000;

const closesForGood = new Set(['token-expired', 'token-revoked']);

export class Connection {
  link: Link = { state: 'closed' };
  readonly clock = new GatewayClock();

  private socket: SocketLike | null = null;
  private opened = false;
  private attempt = 0;
  private lostSince: number | null = null;
  private lostBy: number | null = null;
  private lastHeard = 0;
  /** How many frames came: time alone cannot tell two of the same millisecond apart. */
  private heard = 0;
  private pingedAt = 0;
  private pings = 0;
  /** Pings since the gateway greeted us. */
  private early = 0;
  private readonly asked = new Map<string, number>();
  private cancelTimer: (() => void) | null = null;
  private cancelWatch: (() => void) | null = null;

  constructor(
    private readonly network: Network,
    private readonly owner: Owner,
  ) {}

  connect(): void {
    this.drop();
    this.attempt = 0;
    this.lostSince = this.lostBy = null;
    this.dial();
  }

  close(): void {
    this.drop();
    this.enter({ state: 'closed' });
  }

  /** Tries at once where it waits: the network came back, or somebody pressed the button. */
  hurry(): void {
    if (this.link.state !== 'waiting') return;
    this.cancelTimer?.();
    this.attempt = 0;
    this.dial();
  }

  /** After a sleep: an answer within two seconds, or the socket is taken for dead. */
  prove(): void {
    if (this.link.state !== 'open') return this.hurry();
    const socket = this.socket;
    const before = this.heard;
    this.ping();
    this.network.after(proofWithin, () => {
      if (this.socket === socket && this.heard === before) this.lost(1006, 'silent');
    });
  }

  send(message: object): void {
    try {
      this.socket?.send(JSON.stringify(message));
    } catch {
      // The socket is closing: `onclose` follows, and the next connection says it again.
    }
  }

  /** The gateway has greeted us: from here on the link is open. */
  greeted(serverTime: string): void {
    this.attempt = 0;
    this.lostSince = this.lostBy = null;
    this.early = 0;
    this.clock.greeted(serverTime, this.network.now());
    this.enter({ state: 'open', since: this.network.now() });
    this.ping();
  }

  answered(id: unknown, serverTime: unknown): void {
    const asked = this.asked.get(String(id));
    if (asked === undefined) return;
    this.asked.delete(String(id));
    this.clock.answered(asked, serverTime, this.network.now());
  }

  private dial(): void {
    const since = this.lostSince ?? this.network.now();
    this.opened = false;
    const socket = this.network.open(this.owner.query());
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.opened = true;
      this.lastHeard = this.pingedAt = this.network.now();
      this.watch();
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket || typeof event.data !== 'string') return;
      this.heard++;
      this.lastHeard = this.network.now();
      this.owner.received(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code, event.reason);
    };
    socket.onerror = null;
    this.enter({ state: 'connecting', since, attempt: this.attempt, code: this.lostBy });
  }

  private lost(code: number, reason: string): void {
    const neverOpened = !this.opened;
    this.drop();
    this.lostSince ??= this.network.now();
    if (!neverOpened || this.lostBy === null) this.lostBy = code;
    if (code === 1008 && closesForGood.has(reason)) this.refuse(refusalOf(reason, 401));
    else if (neverOpened) this.askWhy();
    else this.wait(null);
  }

  private askWhy(): void {
    const asked = this.link;
    void this.network.probe(this.owner.query()).then(
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
    this.enter({ state: 'refused', since: this.lostSince ?? this.network.now(), refusal });
  }

  private wait(refusal: Refusal | null): void {
    const named = refusal?.retryAfter ?? null;
    const delay = named !== null ? named * 1000 : reconnectDelay(this.attempt, () => this.network.random());
    this.attempt++;
    const now = this.network.now();
    this.cancelTimer = this.network.after(delay, () => this.dial());
    this.enter({
      state: 'waiting',
      since: this.lostSince ?? now,
      attempt: this.attempt,
      until: now + delay,
      refusal,
      code: this.lostBy ?? 1006,
    });
  }

  private enter(link: Link): void {
    this.link = link;
    this.owner.linkChanged(link);
  }

  private drop(): void {
    this.cancelTimer?.();
    this.cancelWatch?.();
    this.cancelTimer = this.cancelWatch = null;
    this.asked.clear();
    this.owner.detached();
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }

  private watch(): void {
    this.cancelWatch = this.network.after(1000, () => {
      const now = this.network.now();
      if (now - this.lastHeard > silentTooLong) return this.lost(1006, 'silent');
      if (now - this.pingedAt >= (this.early < measured ? 1000 : pingEvery)) this.ping();
      this.watch();
    });
  }

  private ping(): void {
    const id = `p${++this.pings}`;
    this.early++;
    this.pingedAt = this.network.now();
    this.asked.set(id, this.pingedAt);
    this.send({ type: 'ping', id });
  }
}
