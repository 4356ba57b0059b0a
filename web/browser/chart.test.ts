/** The candles beside the ledger's: the newest bar, times in order through reconnects, small ticks, summer time's end. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasBrowser, remember, standing, visit } from './browser';
import { hangs, until } from './gateway';
import { staged } from './staged';
import { Wire } from './wire';

interface Candle {
  startedAt: string;
  open: string;
  high: string;
  low: string;
  close: string;
  usdVolume: string;
  trades: number;
  orderbookMidPriceOpen?: string | null;
  orderbookMidPriceClose?: string | null;
}

const resolutions = ['1MIN', '5MINS', '15MINS', '30MINS', '1HOUR', '4HOURS', '1DAY'];

/** With at most one trade the middle of the book speaks, and that trade only stretches it. */
function prices(candle: Candle): string[] {
  const { open, high, low, close, trades, orderbookMidPriceOpen: first, orderbookMidPriceClose: last } = candle;
  if (trades > 1 || !first || !last) return [open, high, low, close];
  const seen = [first, last, ...(trades === 1 ? [close] : [])].sort((a, b) => Number(a) - Number(b));
  return [first, seen.at(-1)!, seen[0]!, last];
}

/** Open, high, low, close of the bar that the legend tells, and its words. */
async function legend(page: Page): Promise<{ time: number; prices: string[]; words: string }> {
  const element = page.getByTestId('candle-last');
  return {
    time: Number(await element.getAttribute('data-value')),
    prices: await element
      .locator('.num')
      .evaluateAll((list) => list.slice(0, 4).map((one) => one.getAttribute('data-value') ?? '')),
    words: await element.innerText(),
  };
}

/** What is written onto canvases, as that is all that can be read of them. */
function recordLabels(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    const labels = new Set<string>();
    Object.assign(window, { labels });
    const write = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text: string, ...rest) {
      labels.add(text);
      write.call(this, text, ...rest);
    };
  });
}

const labels = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...(window as never as { labels: Set<string> }).labels]);

async function barTimes(page: Page): Promise<number[]> {
  const button = page.getByRole('button', { name: 'Table', exact: true });
  await button.click();
  const rows = page.locator('.bar-table tbody tr');
  await rows.first().waitFor();
  const times = await rows.evaluateAll((list) => list.map((row) => Number(row.getAttribute('data-value'))));
  await button.click();
  return times.reverse();
}

/** Sends these candles instead of the gateway's. */
function candlesOf(list: Candle[]): Wire {
  const wire = new Wire();
  wire.change = (frame) => {
    if (frame.channel !== 'v4_candles') return frame;
    return frame.type === 'subscribed' ? { ...frame, data: { candles: list } } : null;
  };
  return wire;
}

describe.skipIf(!hasBrowser)('the chart', () => {
  const on = staged();

  it('ends in the bar of the ledger on each of its resolutions', async () => {
    const { page, troubles, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await page.getByTestId('chart').locator('canvas').first().waitFor();
    await on.stage.held(async () => {
      const { candles } = await on.stage.ledger<{ candles: Record<string, Candle[]> }>('candles');
      for (const resolution of resolutions) {
        await page.locator(`[data-testid=resolutions] [data-value="${resolution}"]`).click();
        const newest = candles[`BTC-USD/${resolution}`]!.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).at(
          -1,
        )!;
        const truth = { time: Date.parse(newest.startedAt) / 1000, prices: prices(newest) };
        // Two resolutions may end in the same bar: what is read here is one look, not two with the change between them.
        let seen = await legend(page);
        const words: unknown = expect.stringContaining(`${newest.trades.toLocaleString('en-GB')} trades`);
        await expect
          .poll(async () => (seen = await legend(page)), { timeout: hangs, message: resolution })
          .toMatchObject({ ...truth, words });
        const [, digits, unit] = /V \$([\d.,]+)([KMB]?)/.exec(seen.words)!;
        const volume = Number(digits!.replaceAll(',', '')) * { '': 1, K: 1e3, M: 1e6, B: 1e9 }[unit as 'K']!;
        expect(Math.abs(volume / Number(newest.usdVolume) - 1)).toBeLessThan(0.01); // three digits are shown
      }
    });
    expect(troubles).toEqual([]);
    await close();
  });

  it('has each time once and none missing, scrolled back and after a reconnect', async () => {
    const wire = new Wire();
    const { page, troubles, requests, close } = await visit(on.browser, on.stage.entrance, {
      before: async (made) => {
        await wire.lay(made);
        await remember(made, { resolution: '1MIN' });
      },
    });
    await standing(page, 'LIVE');
    const chart = page.getByTestId('chart');
    await chart.locator('canvas').first().waitFor();
    await until('the newest bar', async () => (await legend(page)).time > 0);
    const whole = async (): Promise<number[]> => {
      const times = await barTimes(page);
      expect(times.length).toBeGreaterThan(20);
      expect(times.map((time, at) => time - times[0]! - at * 60).filter((off) => off !== 0)).toEqual([]);
      return times;
    };
    const first = await whole();
    await chart.focus();
    await page.keyboard.press('Home');
    await until('older candles are asked for', async () => requests.some((url) => url.includes('/v4/candles/')));
    expect((await whole())[0]).toBeLessThan(first[0]!);
    await wire.end(1012, 'restart');
    await until('another socket', async () => wire.opened === 2);
    await standing(page, 'LIVE');
    await chart.focus();
    await page.keyboard.press('End');
    await until('the newest bar is seen again', async () => (await whole()).at(-1)! >= first.at(-1)!);
    expect(troubles).toEqual([]);
    await close();
  });

  it('writes the smallest ticks on its axis', async () => {
    const { page, close } = await visit(on.browser, `${on.stage.address}?market=MEME-USD#token=${on.stage.token}`, {
      before: recordLabels,
    });
    await standing(page, 'LIVE');
    await until(
      'prices on the axis',
      async () => (await labels(page)).filter((text) => /^0\.0[₀-₉]/.test(text)).length >= 4,
    );
    expect((await labels(page)).filter((text) => /^[0.,]+$/.test(text))).toEqual([]);
    await close();
  });

  it('draws a bar of at most one trade from the middle of the book', async () => {
    const flat = { open: '50', high: '50', low: '50', close: '50', usdVolume: '5', trades: 1 };
    const hour = (at: number) => new Date(Math.floor(Date.now() / 3_600_000 - at) * 3_600_000).toISOString();
    const wire = candlesOf([
      { ...flat, startedAt: hour(1), trades: 7 },
      { ...flat, startedAt: hour(0), orderbookMidPriceOpen: '61', orderbookMidPriceClose: '63' },
    ]);
    const { page, close } = await visit(on.browser, on.stage.entrance, { before: (made) => wire.lay(made) });
    await standing(page, 'LIVE');
    await expect.poll(async () => (await legend(page)).prices, { timeout: hangs }).toEqual(['61', '63', '50', '63']);
    expect((await legend(page)).words).toContain('middle of the book');
    await close();
  });

  it('keeps its bars in order in the night in which an hour comes twice', async () => {
    const flat = { open: '50', high: '51', low: '49', close: '50', usdVolume: '5', trades: 9 };
    const from = Date.parse('2026-10-24T21:00:00Z');
    const night = Array.from({ length: 9 }, (_, at) => ({
      ...flat,
      startedAt: new Date(from + at * 3_600_000).toISOString(),
    }));
    const wire = candlesOf(night);
    const { page, troubles, close } = await visit(on.browser, on.stage.entrance, {
      before: async (made) => {
        await wire.lay(made);
        await recordLabels(made);
        await remember(made, { resolution: '1HOUR', zone: 'Europe/Berlin' });
      },
    });
    await standing(page, 'LIVE');
    await until('the last bar', async () => (await legend(page)).time === from / 1000 + 8 * 3600);
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    const rows = page.locator('.bar-table tbody th');
    await expect
      .poll(async () => (await rows.allInnerTexts()).map((text) => text.slice(-5)).reverse(), { timeout: hangs })
      .toEqual(['23:00', '00:00', '01:00', '02:00', '02:00', '03:00', '04:00', '05:00', '06:00']);
    expect((await labels(page)).filter((text) => /NaN|undefined|Invalid/.test(text))).toEqual([]);
    expect(troubles).toEqual([]);
    await close();
  });
});
