/** How the page comes up: its shell before any answer, its own origin alone, few bytes, the token nowhere. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { hasBrowser, known, launch, leave, shift, standing, value, visit } from './browser';
import { Stage } from './gateway';
import { weight } from './measure';
import { Wire } from './wire';

describe.skipIf(!hasBrowser)('the page while it loads', () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.start();
    browser = await launch();
  });

  afterEach(leave);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it('shows its shell before the gateway answers, and moves nothing when the data comes', async () => {
    const wire = new Wire();
    wire.hold();
    const { page, close } = await visit(browser, stage.entrance, { before: (made) => wire.lay(made) });
    for (const name of ['book', 'tape', 'account', 'feed']) await page.getByTestId(`${name}-panel`).waitFor();
    await standing(page, 'CONNECTING');
    expect(await value(page, 'book-spread')).toBeFalsy();
    // Held back long enough for the banner that says so, which must not push anything either.
    await page.getByTestId('banner').getByText('Waiting for the gateway').waitFor();
    const before = await page.getByTestId('book-panel').boundingBox();
    wire.letGo();
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    await page.getByTestId('chart').locator('canvas').first().waitFor();
    await page.locator('[data-testid=positions] tr[data-key]').first().waitFor();
    expect(await page.getByTestId('book-panel').boundingBox()).toEqual(before);
    expect(await shift(page)).toBeLessThanOrEqual(0.02);
    await close();
  });

  it('loads from its own origin alone, keeps the policy, and lets the token into no address', async () => {
    const { page, troubles, requests, close } = await visit(browser, stage.entrance, {
      before: (made) =>
        made.context().route(
          (url) => url.origin !== new URL(stage.address).origin,
          (route) => route.abort(),
        ),
    });
    await standing(page, 'LIVE');
    await page.getByTestId('chart').locator('canvas').first().waitFor();
    const host = new URL(stage.address).host;
    expect(requests.filter((url) => new URL(url).host !== host)).toEqual([]);
    expect(requests.slice(1).filter((url) => url.includes(stage.token))).toEqual([]);
    const traces = await page.evaluate(() => [
      location.href,
      document.title,
      document.body.textContent ?? '',
      JSON.stringify(localStorage),
    ]);
    expect(traces.filter((text) => text.includes(stage.token))).toEqual([]);
    const leading = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLAnchorElement>('a[href]')]
        .filter((link) => link.origin !== location.origin)
        .map((link) => [link.rel.includes('noreferrer'), link.href.includes(location.host)]),
    );
    expect(leading.length).toBeGreaterThan(0);
    expect(leading.every(([noReferrer, tells]) => noReferrer && !tells)).toBe(true);
    expect(troubles).toEqual([]);
    await close();
  });

  it.each(['#token=', '?token='])(
    'takes a token behind %s out of the address and the history at once',
    async (form) => {
      const { page, requests, close } = await visit(browser, `${stage.address}${form}${stage.token}`);
      await standing(page, 'LIVE');
      expect(page.url()).toBe(stage.address);
      expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2); // the empty tab, and the page once
      expect(requests.slice(1).filter((url) => url.includes(stage.token))).toEqual([]);
      await close();
    },
  );

  it('needs few requests before it lives', async () => {
    const { page, requests, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    const live = requests.findIndex((url) => url.startsWith('ws:'));
    expect(requests.slice(0, live + 1).filter((url) => !url.includes('favicon')).length).toBeLessThanOrEqual(6);
    await close();
  });

  it('needs few bytes for its first paint, and few in all', () => {
    const { first, scripts } = weight();
    expect(first).toBeGreaterThan(10_000);
    expect(first).toBeLessThanOrEqual(45_000);
    expect(scripts).toBeLessThanOrEqual(120_000);
  });
});
