import { describe, expect, it } from 'vitest';
import { readRefusal, refusalOf, type FeedStatus, type Link } from '@tidegate/client';
import { overall, type Situation } from '../src/state/standing';

const now = Date.parse('2026-01-01T00:01:00Z');
const open: Link = { state: 'open', since: 0 };
const feed = (mode: FeedStatus['mode'], more: Partial<FeedStatus> = {}): FeedStatus => ({
  mode,
  since: '2026-01-01T00:00:00Z',
  complete: true,
  ...more,
});
const told = (more: Partial<Situation>) =>
  overall({
    link: open,
    statuses: [],
    now,
    offset: 0,
    roundTrip: 3.2,
    blockHeardAt: now - 500,
    height: '41203118',
    conflatedAt: null,
    paused: false,
    wantsToken: false,
    ...more,
  });

describe('the pill', () => {
  it('is LIVE with the round trip while every feed streams', () => {
    expect(told({ statuses: [null, feed('streaming')] })).toMatchObject({
      standing: 'LIVE',
      figure: '3 ms',
      old: false,
    });
  });

  it('tells the worst feed: blocked, then reconnecting, then polling', () => {
    expect(told({ statuses: [feed('polling'), feed('streaming')] }).standing).toBe('POLLING');
    expect(told({ statuses: [feed('polling'), feed('reconnecting', { attempt: 3 })] })).toMatchObject({
      standing: 'RECONNECTING',
      figure: '3/5 · 60 s',
      act: 'reconnect',
    });
    expect(told({ statuses: [feed('reconnecting'), feed('blocked', { reason: 'geo-blocked' })] })).toMatchObject({
      standing: 'BLOCKED',
      words: 'Blocked upstream (the Indexer refuses this location).',
      act: null,
    });
  });

  it('counts down to the next poll round by the clock of the gateway', () => {
    const status = feed('polling', { next_poll_at: '2026-01-01T00:01:19Z' });
    expect(told({ statuses: [status], offset: 10_000 }).figure).toBe('next 9 s');
  });

  it('tells the link before any feed', () => {
    const waiting: Link = { state: 'waiting', since: now - 17_000, attempt: 1, until: now, refusal: null, code: 1006 };
    expect(told({ link: waiting, statuses: [feed('blocked')] })).toMatchObject({
      standing: 'GATEWAY OFFLINE',
      figure: '00:17',
      act: 'retry',
    });
    const connecting = (attempt: number): Link => ({ state: 'connecting', since: now, attempt, code: null });
    expect(told({ link: connecting(0) }).standing).toBe('CONNECTING');
    expect(told({ link: connecting(2) }).standing).toBe('GATEWAY OFFLINE');
    // At once again, without a wait, after a loss: what is shown is old all the same.
    const again: Link = { state: 'connecting', since: now - 3_000, attempt: 0, code: 1006 };
    expect(told({ link: again })).toMatchObject({ standing: 'GATEWAY OFFLINE', figure: '00:03', old: true });
    expect(told({ link: { state: 'refused', since: 0, refusal: refusalOf('token-revoked') } }).words).toContain(
      'revoked',
    );
  });

  it('asks for a token where the gateway wants one, and connects where it does not', () => {
    expect(told({ link: { state: 'closed' }, wantsToken: true })).toMatchObject({ standing: 'SIGN IN', old: false });
    expect(told({ link: { state: 'closed' } }).standing).toBe('CONNECTING');
  });

  it('tells a restart and a full gateway from one that is gone', () => {
    const away = { since: now - 1_000, attempt: 1, until: now + 26_400 };
    expect(told({ link: { state: 'waiting', ...away, refusal: null, code: 1012 } }).standing).toBe('RESTARTING');
    expect(
      told({ link: { state: 'waiting', ...away, refusal: refusalOf('full', 503, 27), code: 1006 } }),
    ).toMatchObject({ standing: 'GATEWAY FULL', figure: '27 s' });
  });

  it('does not call a chain that stands still stale, nor a market without trades', () => {
    const halted = feed('streaming', { reason: 'chain-halted' });
    expect(told({ statuses: [halted], blockHeardAt: now - 90_000 })).toMatchObject({
      standing: 'CHAIN HALTED',
      old: false,
    });
    expect(told({ blockHeardAt: now - 14_000 }).standing).toBe('LIVE');
    expect(told({ blockHeardAt: now - 23_000 })).toMatchObject({ standing: 'STALE', figure: '00:23', old: true });
  });

  it('names how far the Indexer is behind', () => {
    const trailing = feed('streaming', { reason: 'indexer-trailing', lag_ms: 43_000 });
    expect(told({ statuses: [trailing] })).toMatchObject({ standing: 'INDEXER BEHIND', figure: '43 s' });
  });

  it('says so for ten seconds when this page was too slow, and when a person paused it', () => {
    expect(told({ conflatedAt: now - 9_000 })).toMatchObject({ standing: 'CONFLATED', act: 'slower' });
    expect(told({ conflatedAt: now - 11_000 }).standing).toBe('LIVE');
    expect(told({ paused: true }).standing).toBe('PAUSED');
  });
});

describe('a refusal', () => {
  const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
    new Response(body, { status, headers });

  it('is read from the problem document', async () => {
    expect(await readRefusal(answer(403, '{"code":"address-not-covered","detail":"not yours"}'))).toMatchObject({
      code: 'address-not-covered',
      status: 403,
      detail: 'not yours',
      retryAfter: null,
    });
    expect(await readRefusal(answer(503, '{"code":"full"}', { 'Retry-After': '3' }))).toMatchObject({ retryAfter: 3 });
  });

  it('is none where the gateway only wants an upgrade, or something else answered', async () => {
    expect(await readRefusal(answer(426, '{"code":"upgrade-required"}'))).toBeNull();
    expect(await readRefusal(answer(502, '<html>bad gateway</html>'))).toBeNull();
  });

  it('with an unknown code is still told', () => {
    expect(refusalOf('brand-new').words).toContain('brand-new');
  });
});
