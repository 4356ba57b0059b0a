/** Each state of the page, brought about by faults: its word, its banner, what it says aloud, how it marks what is old. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { violations } from './axe';
import { hasBrowser, known, standing, value, visit } from './browser';
import { until } from './gateway';
import { staged } from './staged';
import { Wire } from './wire';

const settings = [
  'Reconnect:InitialDelay=00:00:00.3',
  'Reconnect:MaxDelay=00:00:00.5',
  'Polling:Interval=00:00:05',
  'Indexer:Standby=false',
];

/** Keeps the states that the page goes through, and what it says of them to a screen reader. */
function listen(page: Page): Promise<unknown> {
  return page.evaluate(() => {
    const [said, shown]: [string[], string[]] = [[], []];
    Object.assign(window, { said, shown });
    const watch = (id: string, look: (element: Element) => void): void => {
      const element = document.querySelector(`[data-testid=${id}]`)!;
      const options = { childList: true, characterData: true, subtree: true, attributeFilter: ['data-value'] };
      new MutationObserver(() => look(element)).observe(element, options);
    };
    // Notices of fills and orders are said too; a state is told by its word and a full stop.
    const hear = ({ textContent }: Element): void => {
      const [, word] = /^([a-z ]+)\. /.exec(textContent ?? '') ?? [];
      if (word !== undefined && word !== said.at(-1)) said.push(word);
    };
    watch('announcement', hear);
    watch('alarm', hear);
    watch('connection-state', (pill) => {
      const word = pill.getAttribute('data-value')!.toLowerCase();
      if (word !== shown.at(-1)) shown.push(word);
    });
  });
}

/** Each change of state said exactly once, in order. */
async function saidAsShown(page: Page): Promise<string[]> {
  const { said, shown } = await page.evaluate(() => {
    const { said, shown } = window as never as { said: string[]; shown: string[] };
    // The first state stands when we begin to listen; it may be said just before or just after.
    const later = (words: string[]) => (words[0] === 'live' ? words.slice(1) : words);
    return { said: later(said), shown: later(shown) };
  });
  expect(said).toEqual(shown);
  return said;
}

/** What the panels of the market and the account have to look like while their data is old. */
async function marked(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) {
    const panel = page.locator(`[data-testid=${name}-panel][data-stale=true]`);
    await panel.waitFor();
    await panel
      .getByText(/as of|last values/)
      .first()
      .waitFor();
  }
}

describe.skipIf(!hasBrowser)('the states of the page', () => {
  const on = staged(settings);

  // The faults of a test that failed are not the next one's.
  beforeEach(() => on.stage.lever('clear'));

  it('follows the upstream: reconnecting, polling, live again, each said once', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    const mid = await known(page, 'book-mid');
    await listen(page);
    await on.stage.lever('refuse?status=503');
    await on.stage.lever('drop');
    await standing(page, 'RECONNECTING');
    await page
      .locator('.pill .figure')
      .getByText(/^\d\/5/)
      .waitFor();
    await standing(page, 'POLLING');
    await page.getByTestId('banner').waitFor();
    expect(await page.title()).toMatch(/^◔/);
    expect(await value(page, 'book-mid')).not.toBe('');
    expect(mid).not.toBe('');
    await marked(page, 'book', 'tape', 'account');
    const found = await violations(page, 'polling');
    await on.stage.lever('refuse?on=false');
    await standing(page, 'LIVE');
    await page.getByTestId('banner').waitFor({ state: 'detached' });
    await page.locator('[data-testid=book-panel]:not([data-stale])').waitFor();
    expect(await saidAsShown(page)).toEqual(expect.arrayContaining(['reconnecting', 'polling', 'live']));
    expect(found).toEqual([]);
    await close();
  });

  it('shows no banner for a blip', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await page.evaluate(() => {
      Object.assign(window, { banners: 0, blips: 0 });
      new MutationObserver(() => {
        const counts = window as never as { banners: number; blips: number };
        if (document.querySelector('[data-testid=banner]')) counts.banners++;
        if (document.querySelector('[data-testid=connection-state][data-value=RECONNECTING]')) counts.blips++;
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await on.stage.lever('drop');
    await until('a blip', () => page.evaluate(() => (window as never as { blips: number }).blips > 0));
    await standing(page, 'LIVE');
    expect(await page.evaluate(() => (window as never as { banners: number }).banners)).toBe(0);
    await close();
  });

  it('is blocked with the reason, asks for nothing, and keeps its values with their age', async () => {
    const wire = new Wire();
    const { page, requests, close } = await visit(on.browser, on.stage.entrance, { before: (made) => wire.lay(made) });
    await standing(page, 'LIVE');
    const equity = await known(page, 'account-equity');
    await known(page, 'book-spread');
    await listen(page);
    await on.stage.lever('refuse?status=403');
    await on.stage.lever('drop');
    await standing(page, 'BLOCKED');
    const asked = requests.length;
    const sent = wire.sent.length;
    const banner = page.locator('[data-testid=banner][data-value=BLOCKED]');
    await banner.getByText('refuses this location').waitFor();
    expect(await banner.locator('button').count()).toBe(0);
    expect(await page.locator('[aria-busy=true]').count()).toBe(0);
    await marked(page, 'book', 'tape', 'account');
    expect(await value(page, 'account-equity')).not.toBe('');
    expect(equity).not.toBe('');
    expect((await saidAsShown(page)).at(-1)).toBe('blocked');
    expect(await violations(page, 'blocked')).toEqual([]);
    // Two pings of the open socket later nothing else has been asked.
    const pings = () => wire.sent.slice(sent).filter(({ type }) => type === 'ping').length;
    await until('two pings', async () => pings() >= 2);
    expect(wire.sent.slice(sent).filter(({ type }) => type !== 'ping')).toEqual([]);
    expect(requests.slice(asked).filter((url) => !url.includes('favicon'))).toEqual([]);
    await on.stage.lever('refuse?on=false');
    await on.stage.reconnect();
    await standing(page, 'LIVE');
    await close();
  });

  it('keeps, marks and ages what it shows while the gateway is gone, and resumes without a reload', async () => {
    const { page, troubles, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'account-equity');
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    await listen(page);
    const sent: string[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
    await on.stage.end();
    await standing(page, 'GATEWAY OFFLINE', 15_000); // five times the three seconds that are promised
    expect(await value(page, 'account-equity')).not.toBe('');
    await marked(page, 'account', 'book', 'tape');
    await page.getByTestId('banner').waitFor();
    expect(await violations(page, 'offline')).toEqual([]);
    await on.stage.open();
    await standing(page, 'LIVE', 10_000);
    expect(sent.some((frame) => frame.includes('"resume"'))).toBe(true);
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    expect(await saidAsShown(page)).toEqual(expect.arrayContaining(['gateway offline', 'live']));
    expect(troubles.filter((text) => !text.includes('WebSocket') && !text.includes('ERR_CONNECTION'))).toEqual([]);
    await close();
  });

  it('does not call a market without trades stale while blocks come', async () => {
    const wire = new Wire();
    let traded = false;
    wire.change = (frame) => {
      if (!/^(trade|orderbook|candle)_update$/.test(frame.type) || frame.channel === undefined) return frame;
      if (frame.id?.includes('/') && frame.channel === 'v4_trades') return frame; // the account's fills
      const passes = !traded;
      traded ||= frame.type === 'trade_update';
      return passes ? frame : null;
    };
    const { page, close } = await visit(on.browser, on.stage.entrance, { before: (made) => wire.lay(made) });
    await standing(page, 'LIVE');
    await listen(page);
    await page
      .locator('[data-testid=tape-panel] .note')
      .getByText(/^(1[6-9]|[2-9]\d) s/)
      .waitFor();
    expect(await value(page, 'connection-state')).toBe('LIVE');
    expect(await page.locator('[data-testid=book-panel][data-stale]').count()).toBe(0);
    expect(await saidAsShown(page)).toEqual([]);
    await close();
  });

  it('says stale when the Indexer stalls without a close', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    const from = Date.now();
    await on.stage.lever('stall?on=true');
    await standing(page, 'STALE', 80_000); // five times the sixteen seconds that are promised
    expect(Date.now() - from).toBeGreaterThan(10_000);
    await marked(page, 'book', 'account');
    await page.getByTestId('banner').waitFor();
    expect(await violations(page, 'stale')).toEqual([]);
    await on.stage.lever('stall?on=false');
    await on.stage.lever('drop');
    await standing(page, 'LIVE');
    await close();
  });
});
