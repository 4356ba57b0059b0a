/** The page in the system's Chromium, before a gateway and a simulated Indexer whose ledger is the truth. */
import { describe, expect, it } from 'vitest';
import { hasBrowser, known, standing, value, visit } from './browser';
import { until } from './gateway';
import { staged } from './staged';
import { Wire } from './wire';

const settings = ['Reconnect:InitialDelay=00:00:00.3', 'Reconnect:MaxDelay=00:00:00.5', 'Polling:Interval=00:00:05'];

describe.skipIf(!hasBrowser)('the page', () => {
  const on = staged(settings);

  it('finds a market, changes candles, tables, book step and pause by keys alone', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await page.keyboard.press('/');
    await page.getByTestId('market-search').waitFor();
    await page.keyboard.type('eth');
    await page.locator('[data-testid=markets] [data-key="ETH-USD"]').waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('market-button').getByText('ETH-USD').waitFor();
    await page.keyboard.press(']');
    await page.locator('[data-testid=resolutions] [data-value="30MINS"][aria-pressed=true]').waitFor();
    await page.keyboard.press('+');
    expect(await page.getByTestId('book-grouping').inputValue()).toBe('2');
    await page.keyboard.press('p');
    await standing(page, 'PAUSED');
    await page.keyboard.press('p');
    await standing(page, 'LIVE');
    await page.keyboard.press('Control+k');
    await page.getByTestId('command-field').waitFor();
    await page.keyboard.type('show log');
    await page.keyboard.press('Enter');
    await page.getByTestId('event-log').getByText('Connected to the gateway').first().waitFor();
    await close();
  });

  it('explains a market that is not listed, and leaves hostile text what it is', async () => {
    const hostile = '<img src=x onerror=window.hit=1>';
    const { page, close } = await visit(
      on.browser,
      `${on.stage.address}?market=${encodeURIComponent(hostile)}#token=${on.stage.token}`,
    );
    await standing(page, 'LIVE');
    await page.getByTestId('unlisted').getByText(hostile).waitFor();
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    await close();
  });

  it.each([
    ['book', '[data-testid=book-bids] tbody td'],
    ['tape', '[data-testid=tape] tbody th'],
    ['table', '[data-testid=account-equity]'],
  ])('lives on where a part of it fails, and takes it up again when asked: %s', async (_, place) => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'account-equity');
    await page.locator(place).first().waitFor();
    // The texts of this place cannot be changed any more.
    await page.evaluate((selector) => {
      const broken = (): never => {
        throw new Error('broken by the test');
      };
      for (const cell of document.querySelectorAll(selector)) {
        const pieces = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        while (pieces.nextNode())
          for (const name of ['nodeValue', 'data'])
            Object.defineProperty(pieces.currentNode, name, { get: broken, set: broken });
      }
    }, place);
    await page.getByText('This panel failed').waitFor();
    const height = await value(page, 'block-height');
    await until('another block', async () => (await value(page, 'block-height')) !== height);
    await standing(page, 'LIVE');
    await page.getByRole('button', { name: 'Reload panel' }).click();
    await page.getByText('This panel failed').waitFor({ state: 'detached' });
    await known(page, 'book-spread');
    await known(page, 'account-equity');
    await page.locator('[data-testid=tape] tr[data-key]').nth(9).waitFor({ state: 'attached' });
    await close();
  });

  it.each([
    ['PAUSED', 'No matching'],
    ['CANCEL_ONLY', 'only be cancelled'],
    ['FINAL_SETTLEMENT', 'prices are final'],
    ['<img src=x onerror=window.hit=1>', ''],
  ])('shows a market that is %s', async (status, words) => {
    const wire = new Wire();
    wire.change = (frame) => {
      const markets = (frame.data as { markets?: Record<string, object> } | undefined)?.markets;
      const market = frame.channel === 'v4_markets' ? markets?.['BTC-USD'] : undefined;
      if (!market) return frame;
      return { ...frame, data: { markets: { ...markets, 'BTC-USD': { ...market, status } } } };
    };
    const { page, troubles, close } = await visit(on.browser, on.stage.entrance, { before: (made) => wire.lay(made) });
    const chip = page.getByTestId('market-status');
    await chip.waitFor();
    expect(await chip.getAttribute('data-value')).toBe(status);
    expect((await chip.getAttribute('title')) ?? '').toContain(words);
    expect(await standing(page, 'LIVE')).toBeUndefined();
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    expect(troubles).toEqual([]);
    await close();
  });

  it('lists a new market, sorts by any head, and keeps favourites on top', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    const ticker = `N${Date.now() % 100_000}-USD`;
    await on.stage.lever(`market?ticker=${ticker}&price=12`);
    await page.keyboard.press('/');
    const rows = page.locator('[data-testid=markets] tr[data-key]');
    await page.locator(`[data-testid=markets] [data-key="${ticker}"]`).waitFor();
    const tickers = () => rows.evaluateAll((list) => list.map((row) => row.getAttribute('data-key')!));
    await page.getByTestId('markets').getByRole('button', { name: 'Market', exact: true }).click();
    await until(
      'falling names',
      async () => (await tickers()).join() === (await tickers()).toSorted().reverse().join(),
    );
    await page.getByTestId('markets').getByRole('button', { name: 'Market', exact: true }).click();
    await until('rising names', async () => (await tickers()).join() === (await tickers()).toSorted().join());
    const last = (await tickers()).at(-1)!;
    await page.getByRole('button', { name: `Favourite ${last}` }).click();
    await until('the favourite on top', async () => (await tickers())[0] === last);
    await close();
  });

  it.each([
    ['de-DE', 'Europe/Berlin', /^\d{1,3}(\.\d{3})+,\d{2}$/],
    ['en-IN', 'Asia/Kolkata', /^\d{1,2}(,\d{2})*,\d{3}\.\d{2}$/],
  ])('follows the language %s and the zone %s of its reader', async (locale, timezoneId, equity) => {
    const { page, close } = await visit(on.browser, on.stage.entrance, { locale, timezoneId });
    await standing(page, 'LIVE');
    await page.waitForFunction((source) => {
      const text = document.querySelector('[data-testid=account-equity]')?.textContent ?? '';
      return new RegExp(source).test(text);
    }, equity.source);
    const trade = page.locator('[data-testid=tape] tr[data-key] .time [data-value]').first();
    const { shown, exact } = await trade.evaluate((cell) => ({
      shown: cell.textContent,
      exact: cell.getAttribute('data-value')!,
    }));
    const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: timezoneId });
    expect(shown).toBe(clock.format(new Date(exact)));
    // Funding is paid on the full hour of UTC, which is no full hour in Kolkata.
    const element = page.getByTestId('funding-countdown');
    await expect.poll(() => element.innerText()).toMatch(/^(\d+:)?\d\d:\d\d$/);
    const countdown = await element.innerText();
    const [minutes = 0, seconds = 0] = countdown.split(':').slice(-2).map(Number);
    const left = 3600 - ((Date.now() / 1000) % 3600);
    expect(Math.abs(left - (minutes * 60 + seconds))).toBeLessThan(10);
    expect(await page.evaluate(() => document.body.innerText)).not.toMatch(/NaN|Infinity|undefined|\de-\d/);
    await close();
  });

  it('keeps its choices of theme, zone and numbers, and applies them at once', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByTestId('theme').getByRole('button', { name: 'Light' }).click();
    await page.getByTestId('locale').selectOption('de-DE');
    await page.getByTestId('zone').fill('Asia/Kathmandu');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await page.reload();
    await standing(page, 'LIVE');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    await page.locator('.zone').getByText('UTC+5:45').waitFor();
    await page.waitForFunction(() =>
      /^\d{1,3}(\.\d{3})+,\d{2}$/.test(document.querySelector('[data-testid=account-equity]')?.textContent ?? ''),
    );
    const text = await page.evaluate(() => document.body.innerText);
    expect(/NaN|Infinity|undefined|\de-\d/.test(text)).toBe(false);
    await close();
  });
});
