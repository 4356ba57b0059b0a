/** The page in the system's Chromium, before a gateway and a simulated Indexer whose ledger is the truth. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { hasBrowser, known, launch, leave, rungs, standing, value, visit } from './browser';
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

  it('loads from its own origin alone, keeps the policy, and lets the token into no address', async () => {
    const { page, troubles, requests, close } = await visit(browser, stage.entrance);
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
    expect(troubles).toEqual([]);
    await close();
  });

  it('needs few requests before it lives', async () => {
    const { page, requests, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    const live = requests.findIndex((url) => url.startsWith('ws:'));
    expect(requests.slice(0, live + 1).filter((url) => !url.includes('favicon')).length).toBeLessThanOrEqual(6);
    await close();
  });

  it('asks for a token, says why one is refused, and does not knock again', async () => {
    const { page, requests, close } = await visit(browser, stage.address);
    await page.getByTestId('sign-in').waitFor();
    expect(requests.filter((url) => url.startsWith('ws:'))).toEqual([]);
    await page.getByTestId('token-field').fill('not.a.token');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=refusal][data-value=token-invalid]').waitFor();
    const tries = requests.filter((url) => url.startsWith('ws:')).length;
    expect(tries).toBe(1);
    await page.getByTestId('token-field').fill(stage.token);
    await page.keyboard.press('Enter');
    await standing(page, 'LIVE');
    expect(await page.getByTestId('sign-in').count()).toBe(0);
    await close();
  });

  it('tells a revoked token, keeps the last values, and goes on with a new one without a reload', async () => {
    const token = stage.makeToken(stage.addresses[0]!);
    const { page, close } = await visit(browser, `${stage.address}#token=${token}`);
    await standing(page, 'LIVE');
    const equity = await known(page, 'account-equity');
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    stage.revoke(token);
    await standing(page, 'NO ACCESS');
    expect(await value(page, 'account-equity')).not.toBe('');
    expect(equity).not.toBe('');
    await page.getByTestId('retry').click();
    await page.getByTestId('token-field').fill(stage.token);
    await page.keyboard.press('Enter');
    await standing(page, 'LIVE');
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    await close();
  });

  it('shows the book of the ledger to the last digit while the exchange is held', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    await stage.lever('hold?on=true');
    try {
      const truth = (await stage.lever('truth?parts=books')) as {
        books: Record<string, Record<'bids' | 'asks', { price: string; size: string }[]>>;
      };
      const ledger = truth.books['BTC-USD']!;
      // The ledger may hold a cross, of which the page shows one side: the levels that the shown side hides are left out.
      await until('both sides as in the ledger', async () => {
        const [bids, asks] = [await rungs(page, 'bids'), await rungs(page, 'asks')];
        const hidden = {
          bids: (price: string) => Number(price) >= Number(asks[0]!.price),
          asks: (price: string) => Number(price) <= Number(bids[0]!.price),
        };
        return (['bids', 'asks'] as const).every((side) => {
          const shown = (side === 'bids' ? bids : asks).map(({ price, size }) => ({ price, size }));
          const held = ledger[side].filter(({ price }) => !hidden[side](price)).slice(0, shown.length);
          return shown.length > 4 && JSON.stringify(shown) === JSON.stringify(held);
        });
      });
    } finally {
      await stage.lever('hold?on=false');
    }
    await close();
  });

  it('never shows a crossed book, a level of nothing, or a total that falls', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    for (let look = 0; look < 20; look++) {
      if (look % 5 === 0) await stage.lever('cross?ticker=BTC-USD&ms=400');
      const [bids, asks] = [await rungs(page, 'bids'), await rungs(page, 'asks')];
      for (const side of [bids, asks]) {
        expect(side.every((rung) => Number(rung.size) > 0)).toBe(true);
        expect(side.every((rung, at) => at === 0 || Number(rung.total) > Number(side[at - 1]!.total))).toBe(true);
      }
      expect(asks.every((rung, at) => at === 0 || Number(rung.price) > Number(asks[at - 1]!.price))).toBe(true);
      expect(bids.every((rung, at) => at === 0 || Number(rung.price) < Number(bids[at - 1]!.price))).toBe(true);
    }
    expect(await page.getByTestId('book-horizon').getAttribute('data-crossings')).toBe('0');
    await close();
  });

  it('groups asks up and bids down, and remembers the step of a market', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    await page.getByTestId('book-grouping').selectOption('10');
    await until('prices on the step', async () => {
      const prices = [...(await rungs(page, 'asks')), ...(await rungs(page, 'bids'))].map((rung) => Number(rung.price));
      return prices.length > 4 && prices.every((price) => price % 10 === 0);
    });
    const [bid] = await rungs(page, 'bids');
    const [ask] = await rungs(page, 'asks');
    expect(Number(ask!.price)).toBeGreaterThan(Number(bid!.price));
    await page.reload();
    await standing(page, 'LIVE');
    expect(await page.getByTestId('book-grouping').inputValue()).toBe('10');
    await close();
  });

  it('lists each trade once, newest first, and stands still while a reader looks further down', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    const keys = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('[data-testid=tape] tbody tr:not([hidden])')].map((row) =>
          row.getAttribute('data-key'),
        ),
      );
    await until('a full tape', async () => (await keys()).length >= 30);
    const list = await keys();
    expect(new Set(list).size).toBe(list.length);
    await page.evaluate(() => document.querySelector('.tape .scroll')!.scrollTo(0, 200));
    await page.getByTestId('tape-new').waitFor();
    const still = await keys();
    await until('five new ones', async () => Number.parseInt(await page.getByTestId('tape-new').innerText(), 10) >= 5);
    expect(await keys()).toEqual(still);
    await page.getByTestId('tape-new').click();
    await page.getByTestId('tape-new').waitFor({ state: 'detached' });
    expect((await keys())[0]).not.toBe(still[0]);
    await close();
  });

  it('follows the upstream: reconnecting, polling, live again, each announced', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    const oldMid = await known(page, 'book-mid');
    await stage.lever('refuse?status=503');
    await stage.lever('drop');
    await standing(page, 'RECONNECTING');
    expect(await page.getByTestId('announcement').innerText()).toContain('reconnecting');
    await standing(page, 'POLLING');
    await page.getByTestId('banner').waitFor();
    expect(await page.title()).toMatch(/^◔/);
    expect(await value(page, 'book-mid')).not.toBe('');
    expect(oldMid).not.toBe('');
    expect(await page.locator('[data-testid=book-panel][data-stale=true]').count()).toBe(1);
    await stage.lever('refuse?on=false');
    await standing(page, 'LIVE');
    await page.getByTestId('banner').waitFor({ state: 'detached' });
    await page.locator('[data-testid=book-panel]:not([data-stale])').waitFor();
    await close();
  });

  it('keeps, marks and ages what it shows while the gateway is gone, and resumes without a reload', async () => {
    const { page, troubles, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'account-equity');
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    const sent: string[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
    await stage.end();
    await standing(page, 'GATEWAY OFFLINE');
    expect(await value(page, 'account-equity')).not.toBe('');
    await page.locator('[data-testid=account-panel][data-stale=true]').waitFor();
    await page
      .getByTestId('account-panel')
      .getByText(/as of|last values/)
      .waitFor();
    await stage.open();
    await standing(page, 'LIVE');
    expect(sent.some((frame) => frame.includes('"resume"'))).toBe(true);
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    expect(troubles.filter((text) => !text.includes('WebSocket') && !text.includes('ERR_CONNECTION'))).toEqual([]);
    await close();
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

  it('forgets an account that the next token does not cover', async () => {
    const { page, close } = await visit(browser, stage.entrance);
    await standing(page, 'LIVE');
    await page.evaluate((address) => localStorage.setItem('tidegate.account', address), stage.addresses[1]!);
    await page.reload();
    await standing(page, 'LIVE');
    expect(await value(page, 'account-address')).toBe(stage.addresses[0]);
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
