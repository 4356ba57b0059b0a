import type { FeedClient } from '../feed/client';
import { overall } from '../feed/standing';
import { age } from '../format/time';
import { byTestId, setAttribute, setText } from './dom';

const marks: Record<string, string> = { LIVE: '', CONNECTING: '… ', POLLING: '⚠ ', RECONNECTING: '⚠ ' };

let announced = '';

/** The pill, the banner, the title's mark, and one announcement for each change (never for the seconds). */
export function showOverall(client: FeedClient, market: string | null): void {
  const now = overall(
    client.link,
    [...client.topics].map((topic) => topic.status),
  );
  const clock = Date.now() + (now.clock === 'gateway' ? client.clockOffset : 0);
  const pill = byTestId('connection-state');
  setAttribute(pill, 'data-value', now.standing);
  setAttribute(pill, 'title', now.words);
  // Frames that did not follow their predecessor and checksums that differed: zero in health, for whoever tests the page.
  let misses = 0;
  for (const topic of client.topics) misses += topic.misses;
  setAttribute(pill, 'data-misses', String(misses));
  setText(byTestId('connection-label'), now.label);
  const timed = now.since !== null && now.standing !== 'CONNECTING';
  setText(byTestId('connection-seconds'), timed ? age(clock - now.since!) : '');

  const banner = byTestId('banner');
  const bad = now.standing === 'NO ACCESS' || now.standing === 'GATEWAY OFFLINE' || now.standing === 'BLOCKED';
  banner.hidden = !bad && now.standing !== 'POLLING';
  banner.dataset.tone = bad ? 'down' : 'warn';
  setText(banner, now.words);

  const news = `${now.label}. ${now.words}`;
  if (news !== announced) setText(byTestId('announcement'), (announced = news));
  const title = `${marks[now.standing] ?? '✖ '}${market === null ? '' : `${market} · `}Tidegate`;
  if (document.title !== title) document.title = title;
}

export function showNetwork(network: string): void {
  const badge = byTestId('network');
  badge.hidden = false;
  setAttribute(badge, 'data-value', network);
  setText(badge, network.toUpperCase());
}
