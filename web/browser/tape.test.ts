/** The tape beside the ledger's trades: each once, newest first, whole after a break, still while somebody reads. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasBrowser, standing, visit } from './browser';
import { until } from './gateway';
import { staged } from './staged';

const settings = ['Reconnect:InitialDelay=00:00:00.3', 'Reconnect:MaxDelay=00:00:00.5', 'Indexer:Standby=false'];

/** The ids on the tape, newest first, dividers too. */
function keys(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('[data-testid=tape] tbody tr:not([hidden])')].map(
      (row) => row.getAttribute('data-key') ?? '',
    ),
  );
}

describe.skipIf(!hasBrowser)('the tape', () => {
  const on = staged(settings);

  async function ledgerIds(): Promise<string[]> {
    const { trades } = await on.stage.ledger<{ trades: Record<string, { id: string }[]> }>('trades');
    return trades['BTC-USD']!.map((trade) => trade.id);
  }

  it('has every trade of the ledger in its order after frames that were lost or came twice', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await until('a full tape', async () => (await keys(page)).length >= 30);
    for (const [at, fault] of ['lose', 'repeat'].entries()) {
      await on.stage.lever(`${fault}?count=3&channel=v4_trades`);
      for (let event = 0; event < 3; event++) {
        await on.stage.lever(`trade?ticker=BTC-USD&price=61000&size=0.5&id=01ffffffffffffff000000${at}${event}`);
      }
    }
    await page.locator('[data-testid=tape] tr[data-marks~=late]:not([hidden])').first().waitFor();
    await on.stage.held(() =>
      until('the newest forty of the ledger', async () => {
        const shown = (await keys(page)).filter((key) => !key.startsWith('gap '));
        return JSON.stringify(shown) === JSON.stringify((await ledgerIds()).reverse().slice(0, 40));
      }),
    );
    await close();
  });

  it('is the ledger through repeated frames, a cut and a backfill, which one divider closes', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await until('a full tape', async () => (await keys(page)).length >= 30);
    await on.stage.lever('repeat?count=10&channel=v4_trades');
    await on.stage.lever('refuse?status=503');
    await on.stage.lever('drop');
    await standing(page, 'RECONNECTING');
    const missed = ['1', '2', '3'].map((end) => `00fffffffffffff00000000${end}`);
    for (const id of missed) await on.stage.lever(`trade?ticker=BTC-USD&price=61000&size=0.5&id=${id}`);
    await on.stage.lever('refuse?on=false');
    await standing(page, 'LIVE');
    await page.locator('[data-testid=tape] tr[data-key^="gap "]').waitFor();
    await on.stage.held(async () => {
      const truth = (await ledgerIds()).sort().reverse();
      await until('the tape of the ledger', async () => {
        const list = await keys(page);
        const ids = list.filter((key) => !key.startsWith('gap '));
        return ids.length >= 30 && new Set(ids).size === ids.length && ids.every((id) => truth.includes(id));
      });
      const list = await keys(page);
      const ids = list.filter((key) => !key.startsWith('gap '));
      expect(list.length - ids.length).toBe(1);
      expect(missed.filter((id) => !ids.includes(id))).toEqual([]);
      const times = await page.evaluate(() =>
        [...document.querySelectorAll('[data-testid=tape] tbody tr:not([hidden]) .time [data-value]')]
          .map((cell) => cell.getAttribute('data-value') ?? '')
          .filter((time) => time !== ''),
      );
      expect(times).toEqual([...times].sort().reverse());
    });
    await close();
  });

  it('stands still while a reader looks further down, counts what came, and misses nothing afterwards', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await until('a full tape', async () => (await keys(page)).length >= 30);
    await page.evaluate(() => document.querySelector('.tape .scroll')!.scrollTo(0, 200));
    await page.getByTestId('tape-new').waitFor();
    const still = await keys(page);
    const news = async () => Number.parseInt(await page.getByTestId('tape-new').innerText(), 10);
    await until('five new ones', async () => (await news()) >= 5);
    expect(await keys(page)).toEqual(still);
    await on.stage.held(async () => {
      let truth: string[] = [];
      await until('a right count', async () => {
        truth = (await ledgerIds()).slice().reverse();
        const ids = truth.indexOf(still[0]!) >= 0 ? truth : truth.reverse();
        return (await news()) === ids.indexOf(still[0]!);
      });
      await page.getByTestId('tape-new').click();
      await page.getByTestId('tape-new').waitFor({ state: 'detached' });
      expect((await keys(page)).filter((key) => !key.startsWith('gap '))).toEqual(truth.slice(0, 40));
    });
    await close();
  });
});
