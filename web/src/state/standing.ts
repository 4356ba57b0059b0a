/**
 * How the whole page does, in one word: the link to the gateway first, then the worst of the feeds behind it, then what
 * a person ought to know beside good data. Pure: the clocks come in with the question.
 */
import type { FeedStatus, Link } from '@tidegate/client';
import { age, stopwatch } from '../format/time';
import { feedReasons } from '../format/words';

export type Standing =
  | 'LIVE'
  | 'SIGN IN'
  | 'CONNECTING'
  | 'RESTARTING'
  | 'GATEWAY OFFLINE'
  | 'GATEWAY FULL'
  | 'NO ACCESS'
  | 'BLOCKED'
  | 'RECONNECTING'
  | 'POLLING'
  | 'CHAIN HALTED'
  | 'INDEXER BEHIND'
  | 'STALE'
  | 'CONFLATED'
  | 'PAUSED';

export type Tone = 'up' | 'warn' | 'down' | 'muted';

export interface Overall {
  standing: Standing;
  icon: string;
  tone: Tone;
  /** What stands on the pill beside the word: a count, a duration, a round trip. */
  figure: string;
  /** One sentence for a person. */
  words: string;
  /** Whether the market's numbers are less than now. */
  old: boolean;
  /** What a person can do about it. */
  act: 'retry' | 'reconnect' | 'slower' | 'resume' | null;
}

export interface Situation {
  link: Link;
  statuses: Iterable<FeedStatus | null>;
  /** Our clock, and the gateway's minus ours, in milliseconds. */
  now: number;
  offset: number;
  roundTrip: number | null;
  /** When the last block was heard of, by our clock; null before the first. */
  blockHeardAt: number | null;
  height: string | null;
  /** When the gateway last merged frames because this page was slow, by our clock. */
  conflatedAt: number | null;
  paused: boolean;
  /** The gateway wants a token and none was given. */
  wantsToken: boolean;
}

const badness = { streaming: 0, polling: 1, reconnecting: 2, blocked: 3 } as const;

/** Attempts after which the gateway takes up polling; the denominator on the pill. */
const attemptsBeforePolling = 5;
/** Blocks come about once a second: this much silence is no habit of the chain. */
const staleAfter = 15_000;
const conflatedFor = 10_000;

export function overall(situation: Situation): Overall {
  const { link, now } = situation;
  switch (link.state) {
    case 'refused':
      return made('NO ACCESS', '✖', 'down', '', link.refusal.words, true, 'retry');
    case 'closed':
      return situation.wantsToken
        ? made('SIGN IN', '◌', 'warn', '', 'This gateway wants a token.', false)
        : made('CONNECTING', '◌', 'muted', '', 'Starting.', false);
    case 'connecting':
    case 'waiting':
      return ofLink(link, now);
    case 'open':
      return ofFeeds(situation);
  }
}

function made(
  standing: Standing,
  icon: string,
  tone: Tone,
  figure: string,
  words: string,
  old: boolean,
  act: Overall['act'] = null,
): Overall {
  return { standing, icon, tone, figure, words, old, act };
}

type Away = Extract<Link, { state: 'connecting' | 'waiting' }>;

function ofLink(link: Away, now: number): Overall {
  const gone = now - link.since;
  if (link.state === 'connecting' && link.attempt === 0 && link.code === null) {
    const hint = gone > 10_000 ? ' “tidegate doctor” tells what is wrong.' : '';
    const words = gone > 2_000 ? `Waiting for the gateway.${hint}` : 'Connecting to the gateway.';
    return made('CONNECTING', '◌', 'muted', '', words, true);
  }
  if (link.state === 'waiting' && link.refusal) {
    const left = Math.max(0, Math.ceil((link.until - now) / 1000));
    return made(
      'GATEWAY FULL',
      '✖',
      'down',
      `${left} s`,
      `${link.refusal.words} Next try in ${left} s.`,
      true,
      'retry',
    );
  }
  // 1012: the gateway said that it goes and comes back.
  if (link.code === 1012 && gone < 5_000) {
    return made('RESTARTING', '◌', 'warn', stopwatch(gone), 'The gateway restarts; back in a moment.', true, 'retry');
  }
  // 1013: the gateway lives, but this page took its events too slowly.
  if (link.code === 1013 && gone < 5_000) {
    const words = 'This page was too slow and was let go; it comes back at a calmer pace and misses nothing.';
    return made('CONFLATED', '≋', 'warn', stopwatch(gone), words, true, 'retry');
  }
  const words = 'No answer from the gateway; trying again by itself. Values are the last ones seen.';
  return made('GATEWAY OFFLINE', '✖', 'down', stopwatch(gone), words, true, 'retry');
}

function ofFeeds(situation: Situation): Overall {
  const gatewayNow = situation.now + situation.offset;
  let worst: FeedStatus | null = null;
  let halted = false;
  let behind: FeedStatus | null = null;
  for (const status of situation.statuses) {
    if (!status || !(status.mode in badness)) continue;
    if (status.reason === 'chain-halted') halted = true;
    if (status.reason === 'indexer-trailing') behind = status;
    if (!worst || badness[status.mode] > badness[worst.mode]) worst = status;
  }
  if (worst && worst.mode !== 'streaming') return ofMode(worst, gatewayNow);
  if (halted) {
    const words = `The chain stands still${situation.height === null ? '' : ` at block ${situation.height}`}. Values are the last ones.`;
    return made('CHAIN HALTED', '⏸', 'warn', '', words, false);
  }
  if (behind) {
    const lag = behind.lag_ms === undefined ? '' : age(behind.lag_ms);
    return made(
      'INDEXER BEHIND',
      '◷',
      'warn',
      lag,
      `The Indexer trails the chain${lag === '' ? '' : ` by ${lag}`}.`,
      true,
    );
  }
  return ofFlow(situation);
}

function ofMode(status: FeedStatus, gatewayNow: number): Overall {
  const why = status.reason === undefined ? '' : ` (${feedReasons[status.reason] ?? status.reason})`;
  if (status.mode === 'blocked') return made('BLOCKED', '⊘', 'down', '', `Blocked upstream${why}.`, true);
  if (status.mode === 'polling') {
    const next = Date.parse(status.next_poll_at ?? '') - gatewayNow;
    const figure = Number.isNaN(next) ? '' : `next ${Math.max(0, Math.ceil(next / 1000))} s`;
    const words = `The stream is away${why}; fills, orders and tape are complete, up to 15 s late; the book is a sample.`;
    return made('POLLING', '◔', 'warn', figure, words, true, 'reconnect');
  }
  const attempt = Math.min(Math.max(1, status.attempt ?? 1), attemptsBeforePolling);
  const since = gatewayNow - Date.parse(status.since);
  const figure = `${attempt}/${attemptsBeforePolling}${Number.isNaN(since) ? '' : ` · ${age(since)}`}`;
  return made('RECONNECTING', '◌', 'warn', figure, `The gateway reconnects to the Indexer${why}.`, true, 'reconnect');
}

function ofFlow(situation: Situation): Overall {
  const { now, blockHeardAt, conflatedAt, paused, roundTrip } = situation;
  const silent = blockHeardAt === null ? 0 : now - blockHeardAt;
  if (silent >= staleAfter) {
    return made('STALE', '◷', 'warn', stopwatch(silent), 'No block came for a while.', true, 'reconnect');
  }
  if (conflatedAt !== null && now - conflatedAt < conflatedFor) {
    const words = 'This page is slower than the market; you see the newest state.';
    return made('CONFLATED', '≋', 'warn', '', words, false, 'slower');
  }
  if (paused)
    return made('PAUSED', '⏸', 'warn', '', 'Market panels stand still because you paused them.', false, 'resume');
  return made(
    'LIVE',
    '●',
    'up',
    roundTrip === null ? '' : `${Math.max(1, Math.round(roundTrip))} ms`,
    'Streaming.',
    false,
  );
}
