/** The account beside the ledger's: sums, positions, orders and fills, live and after everything was killed. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
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

interface Account {
  address: string;
  subaccountNumber: number;
  settledUsdc: string;
  subaccount: {
    equity: string;
    openPerpetualPositions: Record<string, { size: string; entryPrice: string }>;
  };
  fills: { eventId: string; fill: { id: string; createdAt: string } }[];
  orders: { live: boolean; order: { id: string; status: string; goodTilBlock?: string } }[];
}
interface Markets {
  markets: Record<string, { oraclePrice: string; maintenanceMarginFraction: string }>;
}

const cents = (amount: number): number => Math.round(amount * 100);

describe.skipIf(!hasBrowser)('the account', () => {
  const on = staged(settings);

  async function own(): Promise<Account[]> {
    const { accounts } = await on.stage.ledger<{ accounts: Account[] }>('accounts');
    return accounts.filter(
      ({ address, subaccountNumber }) => address === on.stage.addresses[0] && subaccountNumber % 128 === 0,
    );
  }

  /** What each position shows: size, unrealized PnL, entry, liquidation price, by `market subaccount`. */
  function positions(page: Page): Promise<Record<string, string[]>> {
    return page.evaluate(() => {
      const names = [...document.querySelectorAll('[data-testid=positions] th[scope=col]')].map((head) =>
        (head.textContent ?? '').trim(),
      );
      const wanted = ['Size', 'uPnL', 'Entry', 'Liquidation'].map((name) => names.indexOf(name));
      return Object.fromEntries(
        [...document.querySelectorAll('[data-testid=positions] tr[data-key]')].map((row) => [
          row.getAttribute('data-key'),
          wanted.map((at) => row.children[at]?.querySelector('[data-value]')?.getAttribute('data-value') ?? ''),
        ]),
      ) as Record<string, string[]>;
    });
  }

  it('shows sums, positions and liquidation prices as the arithmetic of the ledger has them', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'account-equity');
    for (const fraction of ['0.01', '-0.02', '0.015']) {
      const height = Number(await known(page, 'block-height'));
      for (let ticks = 0; ticks < 66; ticks++)
        await on.stage.lever(
          `move?ticker=${ticks % 3 === 0 ? 'ETH' : 'BTC'}-USD&fraction=${ticks % 2 ? '-' : ''}0.001`,
        );
      await on.stage.lever(`move?ticker=BTC-USD&fraction=${fraction}`);
      await on.stage.lever('fill?ticker=BTC-USD');
      await until('some blocks', async () => Number(await value(page, 'block-height')) >= height + 3);
      await on.stage.held(async () => {
        const accounts = await own();
        const { markets } = await on.stage.ledger<Markets>('markets');
        let [equity, gain, maintenance] = [0, 0, 0];
        const truth: Record<string, (number | null)[]> = {};
        for (const { subaccountNumber, settledUsdc, subaccount } of accounts) {
          const held = Object.entries(subaccount.openPerpetualPositions).map(([ticker, position]) => {
            const { oraclePrice, maintenanceMarginFraction } = markets[ticker]!;
            const [size, entry, oracle] = [Number(position.size), Number(position.entryPrice), Number(oraclePrice)];
            return { ticker, size, entry, oracle, fraction: Number(maintenanceMarginFraction) };
          });
          const worth = Number(settledUsdc) + held.reduce((sum, { size, oracle }) => sum + size * oracle, 0);
          const margin = held.reduce((sum, { size, oracle, fraction }) => sum + Math.abs(size) * oracle * fraction, 0);
          equity += worth;
          maintenance += margin;
          for (const { ticker, size, entry, oracle, fraction } of held) {
            gain += size * (oracle - entry);
            const others = margin - Math.abs(size) * oracle * fraction;
            const price = (others + size * oracle - worth) / (size - Math.abs(size) * fraction);
            truth[`${ticker} ${subaccountNumber}`] = [size, size * (oracle - entry), entry, price > 0 ? price : null];
          }
        }
        await until('the same sums', async () => {
          const shown = [
            [await value(page, 'account-equity'), equity],
            [await value(page, 'account-unrealized-pnl'), gain],
            [await value(page, 'account-maintenance'), maintenance],
          ] as const;
          return shown.every(([text, sum]) => text !== '' && Math.abs(cents(Number(text)) - cents(sum)) <= 1);
        });
        await until('the same positions', async () => {
          const shown = await positions(page);
          const same = (text: string, number: number | null): boolean =>
            number === null ? text === '' : Math.abs(Number(text) - number) <= Math.max(0.01, Math.abs(number) * 1e-6);
          return (
            Object.keys(shown).sort().join() === Object.keys(truth).sort().join() &&
            Object.entries(shown).every(([key, row]) => row.every((text, at) => same(text, truth[key]![at]!)))
          );
        });
      });
    }
    await close();
  });

  it('has right words for each state of an order, one row each, and shows what it does not know as it came', async () => {
    const wire = new Wire();
    const { page, troubles, close } = await visit(on.browser, on.stage.entrance, { before: (made) => wire.lay(made) });
    await standing(page, 'LIVE');
    await page.locator('#table-panel-orders').click();
    await page.locator('[data-testid=orders] tr[data-key]').first().waitFor();
    const order = {
      id: 'made-up',
      ticker: 'BTC-USD',
      side: 'BUY',
      type: 'LIMIT',
      price: '60000',
      size: '2',
      updatedAt: new Date().toISOString(),
    };
    const told = async (status: string, totalFilled: string): Promise<void> => {
      let done = false;
      wire.change = (frame) => {
        if (frame.type !== 'order_update') return frame;
        done = true;
        const data = frame.data as { orders: unknown[] };
        return { ...frame, data: { ...data, orders: [...data.orders, { ...order, status, totalFilled }] } };
      };
      await on.stage.lever('fill?ticker=ETH-USD');
      await until(`an update with ${status}`, async () => done);
    };
    const row = page.locator('tr[data-key=made-up]');
    for (const [status, filled, words] of [
      ['BEST_EFFORT_OPENED', '0', 'Pending'],
      ['OPEN', '0', 'Open'],
      ['OPEN', '0.5', 'Partially filled'],
      ['BEST_EFFORT_CANCELED', '0.5', 'Canceling'],
      ['BEST_EFFORT_CANCELED', '1.5', 'Canceling'],
      ['<b>NEVER_HEARD_OF</b>', '1.5', '<b>NEVER_HEARD_OF</b>'],
    ] as const) {
      await told(status, filled);
      await row.locator(`.status[data-value="${status}"]`, { hasText: words }).waitFor();
      expect(await row.count()).toBe(1);
    }
    await told('CANCELED', '1.5');
    await row.waitFor({ state: 'detached' });
    await page.locator('#table-panel-history').click();
    await row.locator('.status', { hasText: 'Partially canceled' }).waitFor();
    await told('FILLED', '2');
    await row.locator('.status[data-value=FILLED]', { hasText: 'Filled' }).waitFor();
    expect(await row.count()).toBe(1);
    expect(troubles).toEqual([]);
    await close();
  });

  it('ends with the states of the ledger where statuses come late, orders expire with a block and fill meanwhile', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    const shown = async (): Promise<Record<string, string>> => {
      const states: Record<string, string> = {};
      for (const [tab, table] of [
        ['orders', 'orders'],
        ['history', 'order-history'],
      ]) {
        await page.locator(`#table-panel-${tab}`).click();
        const rows = page.locator(`[data-testid=${table}] tr[data-key]`);
        for (const [id, status] of await rows.evaluateAll((all) =>
          all.map((row) => [row.getAttribute('data-key')!, row.querySelector('.status')!.getAttribute('data-value')!]),
        ))
          states[id!] = status!;
      }
      return states;
    };
    const height = async (): Promise<number> => (await on.stage.ledger<{ height: number }>('books')).height;
    await on.stage.lever('late?ms=700');
    const from = await height();
    for (let times = 0; times < 6; times++) {
      const ticker = times % 2 === 0 ? 'BTC-USD' : 'ETH-USD';
      for (let fills = 0; fills < 3; fills++) await on.stage.lever(`fill?ticker=${ticker}`);
      await until('another block', async () => (await height()) > from + times * 2);
    }
    // What is on its way would wait with the exchange.
    await on.stage.lever('late?ms=0');
    const told = (await height()) + 2;
    await until('the last late ones', async () => (await height()) > told);
    await on.stage.held(async () => {
      // No frame tells that a block ended an order: the gateway waits three blocks more before it says so.
      const settled = (await height()) - 4;
      const orders = (await own())
        .flatMap((account) => account.orders)
        .filter(({ order }) => !(settled <= Number(order.goodTilBlock) && Number(order.goodTilBlock) <= settled + 4));
      const truth = new Map(orders.map(({ order }) => [order.id, order.status]));
      const live = orders.filter((one) => one.live).map(({ order }) => order.id);
      expect(new Set(truth.values()).size).toBeGreaterThan(2);
      await until('the states of the ledger', async () => {
        const states = await shown();
        const wrong = Object.entries(states).filter(([id, status]) => truth.has(id) && truth.get(id) !== status);
        return live.every((id) => id in states) && wrong.length === 0;
      });
    });
    await close();
  });

  it('has each fill of the ledger once after the upstream was cut and the gateway killed', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await page.locator('#table-panel-fills').click();
    await page.locator('[data-testid=fills] tr[data-key]').first().waitFor();
    await on.stage.lever('refuse?status=503');
    await on.stage.lever('drop');
    await standing(page, 'POLLING');
    await on.stage.lever('refuse?on=false');
    await on.stage.reconnect();
    await standing(page, 'LIVE');
    await on.stage.end();
    const height = (await on.stage.ledger<{ height: number }>('books')).height;
    for (let fills = 0; fills < 4; fills++) await on.stage.lever('fill?ticker=ETH-USD');
    await until('two blocks', async () => (await on.stage.ledger<{ height: number }>('books')).height >= height + 2);
    await on.stage.open();
    await standing(page, 'LIVE');
    await on.stage.held(async () => {
      const fills = (await own()).flatMap((account) =>
        account.fills.map(({ eventId, fill }) => ({ ids: [eventId, fill.id], createdAt: fill.createdAt })),
      );
      const truth = fills.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      await until('the newest fills of the ledger', async () => {
        const shown = await page
          .locator('[data-testid=fills] tr[data-key]')
          .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')!));
        // Fills of one block may stand in either order.
        const from = truth[shown.length - 1]!.createdAt;
        const newest = truth.filter(({ createdAt }) => createdAt > from);
        return (
          shown.length >= 10 &&
          new Set(shown).size === shown.length &&
          newest.every(({ ids }) => ids.some((id) => shown.includes(id)))
        );
      });
    });
    await close();
  });

  it('exports what a table holds with all its digits', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
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
});
