/** How the page comes up: its shell before any answer, its own origin alone, few bytes, the token nowhere. */
import { describe, expect, it } from 'vitest';
import { hasBrowser, known, shift, standing, value, visit } from './browser';
import { staged } from './staged';
import { weight } from './measure';
import { Wire } from './wire';

describe.skipIf(!hasBrowser)('the page while it loads', () => {
  const on = staged();

  it('shows its shell before the gateway answers, and moves nothing when the data comes', async () => {
    const wire = new Wire();
    wire.hold();
    const { page, close } = await visit(on.browser, on.stage.entrance, { before: (made) => wire.lay(made) });
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
    const { page, troubles, requests, close } = await visit(on.browser, on.stage.entrance, {
      before: (made) =>
        made.context().route(
          (url) => url.origin !== new URL(on.stage.address).origin,
          (route) => route.abort(),
        ),
    });
    await standing(page, 'LIVE');
    await page.getByTestId('chart').locator('canvas').first().waitFor();
    const host = new URL(on.stage.address).host;
    expect(requests.filter((url) => new URL(url).host !== host)).toEqual([]);
    expect(requests.slice(1).filter((url) => url.includes(on.stage.token))).toEqual([]);
    const traces = await page.evaluate(() => [
      location.href,
      document.title,
      document.body.textContent ?? '',
      JSON.stringify(localStorage),
    ]);
    expect(traces.filter((text) => text.includes(on.stage.token))).toEqual([]);
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
      const { page, requests, close } = await visit(on.browser, `${on.stage.address}${form}${on.stage.token}`);
      await standing(page, 'LIVE');
      expect(page.url()).toBe(on.stage.address);
      expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2); // the empty tab, and the page once
      expect(requests.slice(1).filter((url) => url.includes(on.stage.token))).toEqual([]);
      await close();
    },
  );

  it('needs few requests before it lives', async () => {
    const { page, requests, close } = await visit(on.browser, on.stage.entrance);
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
