/** The page in the system's Chromium, before a gateway and a simulated Indexer whose ledger is the truth. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { hasBrowser, known, launch, leave, standing, visit } from './browser';
import { Stage, until } from './gateway';

const settings = ['Reconnect:InitialDelay=00:00:00.3', 'Reconnect:MaxDelay=00:00:00.5', 'Polling:Interval=00:00:05'];

describe.skipIf(!hasBrowser)('the page', () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.start(settings);
    browser = await launch();
  });

  afterEach(leave);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it('finds a market, changes candles, tables, book step and pause by keys alone', async () => {
    const { page, close } = await visit(browser, stage.entrance);
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
      browser,
      `${stage.address}?market=${encodeURIComponent(hostile)}#token=${stage.token}`,
    );
    await standing(page, 'LIVE');
    await page.getByTestId('unlisted').getByText(hostile).waitFor();
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    await close();
  });

  it('shows every fill of the ledger once, and equity to the cent', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    await page.locator('#table-panel-fills').click();
    await page.getByTestId('fills').waitFor();
    await stage.lever('fill?ticker=ETH-USD');
    await until('a new fill on the page that the ledger has', async () => {
      const truth = JSON.stringify(await stage.lever('truth?parts=accounts'));
      const ids = await page.evaluate(() =>
        [...document.querySelectorAll('[data-testid=fills] tr[data-key]')].map((row) => row.getAttribute('data-key')),
      );
      return ids.length > 5 && new Set(ids).size === ids.length && ids.slice(0, 5).every((id) => truth.includes(id!));
    });
    await stage.lever('hold?on=true');
    try {
      interface Held {
        accounts: { address: string; subaccountNumber: number; subaccount: { equity: string } }[];
      }
      const cents = (text: string): number => Math.round(Number(text) * 100);
      await until('the equity of the ledger', async () => {
        const { accounts } = (await stage.lever('truth?parts=accounts')) as Held;
        const own = accounts.filter(
          ({ address, subaccountNumber }) => address === stage.addresses[0] && subaccountNumber % 128 === 0,
        );
        const sum = own.reduce((total, account) => total + Number(account.subaccount.equity), 0);
        return Math.abs(cents(await known(page, 'account-equity')) - cents(String(sum))) <= 1;
      });
    } finally {
      await stage.lever('hold?on=false');
    }
    await close();
  });

  it('exports what a table holds with all its digits', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    await page.locator('#table-panel-orders').click();
    await page.locator('[data-testid=orders] tr[data-key]').first().waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export').click()]);
    const stream = await file.createReadStream();
    let text = '';
    for await (const part of stream) text += String(part);
    expect(text.split('\r\n')[0]).toBe('market,side,type,status,size,totalFilled,price,triggerPrice,value,goodTil');
    expect(text.split('\r\n').length).toBeGreaterThan(2);
    await close();
  });

  it('keeps its choices of theme, zone and numbers, and applies them at once', async () => {
    const { page, close } = await visit(browser, stage.entrance);
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
