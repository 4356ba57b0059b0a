/** The frames of `tidegate.v1` (docs/protocol.md). Only what the page reads is typed; unknown fields are left alone. */

export type Channel =
  | 'v4_subaccounts'
  | 'v4_parent_subaccounts'
  | 'v4_orders'
  | 'v4_trades'
  | 'v4_transfers'
  | 'v4_candles'
  | 'v4_orderbook'
  | 'v4_markets'
  | 'v4_block_height';

export type Source = 'stream' | 'backfill' | 'poll' | 'repair';

export interface TopicRef {
  channel: string;
  id?: string;
}

export interface Connected {
  type: 'connected';
  protocol: string;
  connection_id: string;
  user_address: string | null;
  addresses: string[];
  expires_at: string | null;
  network: string;
  version: string;
  server_time: string;
}

/** `subscribed` and `snapshot`: the whole state of a topic, or with `resumed` none and the missed frames next. */
export interface StateFrame extends TopicRef {
  type: 'subscribed' | 'snapshot';
  epoch: string;
  seq: number;
  resumed?: boolean;
  recovered?: number;
  reason?: string;
  skipped?: number;
  data?: unknown;
  crc?: number;
  known_to?: KnownTo;
}

export interface UpdateFrame extends TopicRef {
  type: string;
  epoch: string;
  seq: number;
  prev_seq?: number;
  ts: string;
  source: Source;
  data: unknown;
  crc?: number;
  known_to?: KnownTo;
}

export interface KnownTo {
  bid: string | null;
  ask: string | null;
}

export interface GapFrame extends TopicRef {
  type: 'gap';
  /** Absent on a gap that is this client's alone: it takes no number. */
  epoch?: string;
  seq?: number;
  data: Gap;
}

/** A hole in time, told before the events that were recovered from it. */
export interface Gap {
  from: string;
  to: string;
  reason: string;
  recovered: number;
  complete: boolean;
}

export interface StatusFrame extends TopicRef {
  type: 'feed_status';
  data: FeedStatus;
}

export type Mode = 'streaming' | 'reconnecting' | 'polling' | 'blocked';

export interface FeedStatus {
  mode: Mode;
  since: string;
  complete: boolean;
  attempt?: number;
  next_attempt_at?: string;
  next_poll_at?: string;
  reason?: string;
  lag_ms?: number;
}

export interface ErrorFrame extends Partial<TopicRef> {
  type: 'error';
  code: string;
  message: string;
}

export type Frame = Record<string, unknown> & { type: string };

/** An object with a `type`, or null for anything else the socket may bring. */
export function parseFrame(text: string): Frame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const frame = value as Record<string, unknown>;
  return typeof frame.type === 'string' ? (frame as Frame) : null;
}

export function topicKey(channel: string, id?: string): string {
  return id === undefined ? channel : `${channel}|${id}`;
}
