/** The order book on the glass beside the ledger's: exact, never crossed, grouped rightly, with own orders marked. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { choose, hasBrowser, known, remember, rungs, standing, value, visit } from './browser';
import { until } from './gateway';
import { staged } from './staged';
import { Wire } from './wire';

type Side = 'bids' | 'asks';
type Books = { books: Record<string, Record<Side, { price: string; size: string }[]>> };

interface LedgerOrder {
  id: string;
  ticker: string;
  side: 'BUY' | 'SELL';
  status: string;
  price: string;
  size: string;
  totalFilled: string;
}

const sides = ['bids', 'asks'] as const;

/** Sizes are whole numbers of these. */
const grain = 1e9;

/** The levels of a side on a step's grid, asks up and bids down; what the other side hides is left out. */
function grouped(
  levels: { price: string; size: string }[],
  side: Side,
  step: number,
  best: number,
): Map<number, number> {
  const groups = new Map<number, number>();
  for (const level of levels) {
    const price = Number(level.price);
    if (side === 'asks' ? price < best : price > best) continue;
    const at = (side === 'asks' ? Math.ceil(price / step) : Math.floor(price / step)) * step;
    groups.set(at, (groups.get(at) ?? 0) + Math.round(Number(level.size) * grain));
  }
  return groups;
}

/** Rows whose sizes are known whole, by their price. */
function certain(page: Page, side: Side): Promise<[price: number, size: number][]> {
  return page.evaluate(
    ([id, unit]) =>
      [...document.querySelectorAll(`[data-testid=${id}] tbody tr[data-key]:not([data-marks~=uncertain])`)].map(
        (row) =>
          [
            Number(row.getAttribute('data-key')),
            Math.round(Number(row.querySelectorAll('[data-value]')[1]!.getAttribute('data-value')) * unit),
          ] as [number, number],
      ),
    [`book-${side}`, grain] as const,
  );
}

/** Prices and labels of the rows that carry the dot. */
function dots(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.ladder tr[data-marks~=own]')].map(
      (row) =>
        `${row.closest('table')!.dataset.side} ${row.getAttribute('data-key')} ${/own order ([\d.,]*\d)/.exec(row.firstElementChild!.getAttribute('aria-label') ?? '')?.[1]?.replaceAll(',', '')}`,
    ),
  );
}

const crossedFor = 60_000;

describe.skipIf(!hasBrowser)('the order book', () => {
  const on = staged();

  /** Until the page shows what the ledger holds. The exchange has to be held. */
  async function settled(page: Page): Promise<void> {
    const ledger = (await on.stage.ledger<Books>('books')).books['BTC-USD']!;
    // The ledger may hold a cross, of which the page shows one side: the levels that the shown side hides are left out.
    await until('both sides as in the ledger', async () => {
      const [bids, asks] = [await rungs(page, 'bids'), await rungs(page, 'asks')];
      const hidden = {
        bids: (price: string) => Number(price) >= Number(asks[0]!.price),
        asks: (price: string) => Number(price) <= Number(bids[0]!.price),
      };
      return sides.every((side) => {
        const shown = (side === 'bids' ? bids : asks).map(({ price, size }) => ({ price, size }));
        const truth = ledger[side].filter(({ price }) => !hidden[side](price)).slice(0, shown.length);
        return shown.length >= 10 && JSON.stringify(shown) === JSON.stringify(truth);
      });
    });
  }

  /** What is left of the account's resting orders, by side and step. */
  async function ownOnSteps(step: number): Promise<Map<string, number>> {
    interface Own {
      accounts: { address: string; subaccountNumber: number; orders: { live: boolean; order: LedgerOrder }[] }[];
    }
    const { accounts } = await on.stage.ledger<Own>('accounts');
    const sums = new Map<string, number>();
    const resting = accounts
      .filter(({ address, subaccountNumber }) => address === on.stage.addresses[0] && subaccountNumber % 128 === 0)
      .flatMap(({ orders }) => orders.filter(({ live }) => live).map(({ order }) => order))
      .filter((order) => order.ticker === 'BTC-USD' && /^(OPEN|BEST_EFFORT_OPENED)$/.test(order.status));
    for (const { side, price, size, totalFilled } of resting) {
      const at = (side === 'BUY' ? Math.floor(Number(price) / step) : Math.ceil(Number(price) / step)) * step;
      const key = `${side === 'BUY' ? 'bid' : 'ask'} ${at}`;
      sums.set(key, (sums.get(key) ?? 0) + Math.round((Number(size) - Number(totalFilled)) * grain));
    }
    return sums;
  }

  it('is the ledger to the last digit while the exchange is held', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    await on.stage.held(() => settled(page));
    await close();
  });

  it('groups asks up and bids down on every step, keeping sums and spread, and remembers the step of a market', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    const select = page.getByTestId('book-grouping');
    await on.stage.held(async () => {
      const ledger = (await on.stage.ledger<Books>('books')).books['BTC-USD']!;
      await settled(page);
      const spread = await value(page, 'book-spread');
      const touch = {
        bids: Number((await rungs(page, 'bids'))[0]!.price),
        asks: Number((await rungs(page, 'asks'))[0]!.price),
      };
      const steps = await select
        .locator('option')
        .evaluateAll((list) => list.map((one) => (one as HTMLOptionElement).value));
      expect(steps).toEqual(['1', '2', '5', '10', '20', '50', '100', '500', '1000']);
      for (const step of steps) {
        await select.selectOption(step);
        const truth = {
          bids: grouped(ledger.bids, 'bids', Number(step), touch.bids),
          asks: grouped(ledger.asks, 'asks', Number(step), touch.asks),
        };
        await until(`both sides on the step ${step}`, async () => {
          const shown = { bids: await certain(page, 'bids'), asks: await certain(page, 'asks') };
          return sides.every(
            (side) =>
              (shown[side].length > 0 || Number(step) > 20) &&
              shown[side].every(([price, size]) => truth[side].get(price) === size),
          );
        });
        expect(await value(page, 'book-spread')).toBe(spread);
      }
    });
    await select.selectOption('10');
    await choose(page, 'ETH-USD');
    await until('the other market has its own step', async () => (await select.inputValue()) === '1');
    await choose(page, 'BTC-USD');
    await until('the step is remembered', async () => (await select.inputValue()) === '10');
    await page.reload();
    await standing(page, 'LIVE');
    expect(await select.inputValue()).toBe('10');
    await close();
  });

  it('marks what is left of own resting orders, at the price of the row that holds them', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    await until('dots where the ledger has resting orders, and nowhere else', () =>
      on.stage.held(async () => {
        await page.getByTestId('book-grouping').selectOption('1');
        await settled(page);
        await page.getByTestId('book-grouping').selectOption('100');
        const truth = await ownOnSteps(100);
        const shown = [
          ...(await rungs(page, 'bids')).map(({ price }) => `bid ${price}`),
          ...(await rungs(page, 'asks')).map(({ price }) => `ask ${price}`),
        ].filter((key) => truth.has(key));
        const expected = shown.map((key) => `${key} ${truth.get(key)! / grain}`);
        return shown.length > 0 && JSON.stringify(expected.sort()) === JSON.stringify((await dots(page)).sort());
      }),
    );
    await close();
  });

  it('marks no order that waits for its trigger, and takes the mark away with the order', async () => {
    const wire = new Wire();
    const { page, close } = await visit(on.browser, on.stage.entrance, { before: (made) => wire.lay(made) });
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    const price = (await rungs(page, 'bids'))[2]!.price;
    await page.getByTestId('book-grouping').selectOption('1000');
    const order = {
      id: 'made-up',
      ticker: 'BTC-USD',
      side: 'BUY',
      type: 'LIMIT',
      price,
      size: '7000',
      totalFilled: '0.25',
    };
    const told = async (status: string): Promise<void> => {
      let done = false;
      wire.change = (frame) => {
        if (frame.type !== 'order_update') return frame;
        done = true;
        const data = frame.data as { orders: unknown[] };
        return { ...frame, data: { ...data, orders: [...data.orders, { ...order, status }] } };
      };
      await on.stage.lever('fill?ticker=ETH-USD');
      await until(`an update with ${status}`, async () => done);
    };
    // Other own orders may stand on the same step.
    const marked = async (): Promise<boolean> => (await dots(page)).some((dot) => Number(dot.split(' ')[2]) >= 4999.75);
    await told('UNTRIGGERED');
    await page.locator('#table-panel-orders').click();
    await page.locator('[data-testid=orders] tr[data-key=made-up]').waitFor();
    expect(await marked()).toBe(false);
    await told('OPEN');
    await until('a dot', marked);
    await told('CANCELED');
    await until('no dot', async () => !(await marked()));
    await close();
  });

  it('is never painted crossed, out of order, with a level of nothing, a total that falls, or a bar that lies', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance, {
      before: (made) => remember(made, { rate: 'fast' }),
    });
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    await page.evaluate(() => {
      const looked = { paints: 0, faults: [] as string[] };
      Object.assign(window, { looked });
      const rows = (side: string) =>
        [...document.querySelectorAll<HTMLElement>(`[data-testid=book-${side}] tbody tr[data-key]`)].map((row) => {
          const [price, size, total] = [...row.querySelectorAll('[data-value]')].map((cell) =>
            Number(cell.getAttribute('data-value')),
          ) as [number, number, number];
          const bar = Number.parseFloat(row.style.backgroundSize) / 100;
          return { price, size, total, bar };
        });
      const look = (): void => {
        const [asks, bids] = [rows('asks').reverse(), rows('bids')];
        const widest = Math.max(...[...asks, ...bids].map((row) => row.total));
        const fault = (what: string, holds: boolean): void => void (holds || looked.faults.push(what));
        if (asks[0] && bids[0]) fault('crossed', bids[0].price < asks[0].price);
        for (const [side, sign] of [
          [asks, 1],
          [bids, -1],
        ] as const)
          side.forEach((row, at) => {
            const before = side[at - 1];
            fault('a level of nothing', row.size > 0);
            fault('out of order', !before || (row.price - before.price) * sign > 0);
            fault('a total that falls', !before || row.total > before.total);
            fault(
              `a bar that lies: ${row.bar} for ${row.total / widest}`,
              Math.abs(row.bar - row.total / widest) < 0.001,
            );
          });
        looked.paints++;
      };
      new MutationObserver(look).observe(document.querySelector('.ladder')!, {
        subtree: true,
        characterData: true,
        attributes: true,
      });
    });
    const looked = () =>
      page.evaluate(() => (window as never as { looked: { paints: number; faults: string[] } }).looked);
    for (const end = Date.now() + crossedFor; Date.now() < end;) {
      const { paints } = await looked();
      await on.stage.lever('cross?ticker=BTC-USD&ms=300');
      await until('paints after a cross', async () => (await looked()).paints >= paints + 15);
    }
    expect((await looked()).faults).toEqual([]);
    expect(await page.getByTestId('book-horizon').getAttribute('data-crossings')).toBe('0');
    await close();
  });
});
