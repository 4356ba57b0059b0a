import { describe, expect, it } from 'vitest';
import type { Link } from '../src/feed/client';
import type { FeedStatus } from '../src/feed/frames';
import { readRefusal, refusalOf } from '../src/feed/refusal';
import { overall } from '../src/feed/standing';

const open: Link = { state: 'open', since: 0 };
const feed = (mode: FeedStatus['mode'], more: Partial<FeedStatus> = {}): FeedStatus => ({
  mode,
  since: '2026-01-01T00:00:00Z',
  complete: true,
  ...more,
});

describe('the pill', () => {
  it('is LIVE while every feed streams', () => {
    expect(overall(open, [null, feed('streaming')]).label).toBe('LIVE');
  });

  it('tells the worst feed: blocked, then reconnecting, then polling', () => {
    expect(overall(open, [feed('polling'), feed('streaming')]).label).toBe('POLLING');
    expect(overall(open, [feed('polling'), feed('reconnecting', { attempt: 3 })]).label).toBe('RECONNECTING 3/5');
    expect(overall(open, [feed('reconnecting'), feed('blocked', { reason: 'geo-blocked' })])).toMatchObject({
      label: 'BLOCKED',
      words: 'Blocked upstream (the Indexer refuses this location).',
    });
  });

  it('tells the link before any feed', () => {
    const waiting: Link = { state: 'waiting', since: 5, attempt: 1, until: 9, refusal: null };
    expect(overall(waiting, [feed('streaming')])).toMatchObject({ label: 'GATEWAY OFFLINE', since: 5 });
    expect(overall({ state: 'connecting', since: 5, attempt: 0 }, []).label).toBe('CONNECTING');
    expect(overall({ state: 'connecting', since: 5, attempt: 2 }, []).label).toBe('GATEWAY OFFLINE');
    expect(overall({ state: 'refused', since: 0, refusal: refusalOf('token-revoked') }, []).words).toContain('revoked');
  });
});

describe('a refusal', () => {
  const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
    new Response(body, { status, headers });

  it('is read from the problem document', async () => {
    expect(await readRefusal(answer(403, '{"code":"address-not-covered"}'))).toMatchObject({
      code: 'address-not-covered',
      status: 403,
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
