import type { Link } from './client';
import type { FeedStatus } from './frames';

export type Standing = 'LIVE' | 'CONNECTING' | 'RECONNECTING' | 'POLLING' | 'BLOCKED' | 'GATEWAY OFFLINE' | 'NO ACCESS';

export interface Overall {
  standing: Standing;
  /** What stands on the pill. */
  label: string;
  /** One sentence for a person. */
  words: string;
  /** Since when, in milliseconds of the gateway's clock for feeds and of ours for the link; null where it does not matter. */
  since: number | null;
  clock: 'gateway' | 'own';
}

const badness = { streaming: 0, polling: 1, reconnecting: 2, blocked: 3 } as const;

/** Attempts after which the gateway takes up polling; the denominator on the pill. */
const attemptsBeforePolling = 5;

const reasons: Record<string, string> = {
  'upstream-closed': 'the Indexer closed the connection',
  'upstream-silent': 'the Indexer went silent',
  'chain-halted': 'the chain stands still',
  'indexer-trailing': 'the Indexer trails the chain',
  'geo-blocked': 'the Indexer refuses this location',
  'compliance-blocked': 'the Indexer refuses this account',
  'rate-limited': 'the Indexer limits our requests',
};

/** How the whole page does: the link to the gateway first, then the worst of the feeds behind it. */
export function overall(link: Link, statuses: Iterable<FeedStatus | null>): Overall {
  switch (link.state) {
    case 'refused':
      return { standing: 'NO ACCESS', label: 'NO ACCESS', words: link.refusal.words, since: null, clock: 'own' };
    case 'closed':
      return { standing: 'CONNECTING', label: 'CONNECTING', words: 'Starting.', since: null, clock: 'own' };
    case 'connecting':
      if (link.attempt === 0) return connecting(link.since);
      return offline(link.since, 'Trying again now.');
    case 'waiting':
      return offline(link.since, link.refusal?.words ?? 'No answer from the gateway; trying again by itself.');
    case 'open':
      return ofFeeds(statuses);
  }
}

function connecting(since: number): Overall {
  return { standing: 'CONNECTING', label: 'CONNECTING', words: 'Connecting to the gateway.', since, clock: 'own' };
}

function offline(since: number, words: string): Overall {
  return {
    standing: 'GATEWAY OFFLINE',
    label: 'GATEWAY OFFLINE',
    words: `${words} Values are the last ones seen.`,
    since,
    clock: 'own',
  };
}

function ofFeeds(statuses: Iterable<FeedStatus | null>): Overall {
  let worst: FeedStatus | null = null;
  for (const status of statuses) {
    if (status && status.mode in badness && (!worst || badness[status.mode] > badness[worst.mode])) worst = status;
  }
  if (!worst || worst.mode === 'streaming') {
    return { standing: 'LIVE', label: 'LIVE', words: 'Streaming.', since: null, clock: 'gateway' };
  }
  const since = Date.parse(worst.since);
  const why = worst.reason === undefined ? '' : ` (${reasons[worst.reason] ?? worst.reason})`;
  const common = { since: Number.isNaN(since) ? null : since, clock: 'gateway' as const };
  if (worst.mode === 'blocked') {
    return { standing: 'BLOCKED', label: 'BLOCKED', words: `Blocked upstream${why}.`, ...common };
  }
  if (worst.mode === 'polling') {
    return {
      standing: 'POLLING',
      label: 'POLLING',
      words: `Polling every few seconds while the stream is away${why}.`,
      ...common,
    };
  }
  const attempt = Math.min(worst.attempt ?? 1, attemptsBeforePolling);
  return {
    standing: 'RECONNECTING',
    label: `RECONNECTING ${attempt}/${attemptsBeforePolling}`,
    words: `The gateway reconnects to the Indexer${why}.`,
    ...common,
  };
}
