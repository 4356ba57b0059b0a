/** The system's Chromium, and what tests ask of a page in it. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { hangs } from './gateway';

export type { Browser, Page } from 'playwright-core';

const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export const hasBrowser = found !== undefined;

export const sizes = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 1024, height: 768 },
  phone: { width: 390, height: 844 },
} as const;

export function launch(): Promise<Browser> {
  const quiet = ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  return chromium.launch({
    executablePath: found!,
    args: ['--no-sandbox', '--disable-quic', '--disable-sync', ...quiet],
  });
}

export interface Visit {
  page: Page;
  /** Errors of scripts and of the console: none is expected, ever. */
  troubles: string[];
  requests: string[];
  close(): Promise<void>;
}

const opened = new Set<() => Promise<void>>();

/** Closes what a failed test left open, so that it does not slow the next. */
export async function leave(): Promise<void> {
  for (const close of opened) await close();
}

interface VisitOptions extends BrowserContextOptions {
  /** What has to be in place before the page loads: scripts, a wire, choices that the browser remembers. */
  before?: (page: Page) => Promise<unknown>;
}

export async function visit(browser: Browser, address: string, given: VisitOptions = {}): Promise<Visit> {
  const { before, ...options } = given;
  const context = await browser.newContext({
    viewport: sizes.desktop,
    colorScheme: 'dark',
    locale: 'en-GB',
    ...options,
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.setDefaultTimeout(hangs);
  const close = async (): Promise<void> => {
    opened.delete(close);
    await context.close();
  };
  opened.add(close);
  await before?.(page);
  await page.goto(address);
  return { page, troubles, requests, close };
}

/** Settings as if they had been chosen on an earlier visit. */
export function remember(page: Page, choices: Record<string, string>): Promise<unknown> {
  return page.addInitScript((list) => {
    for (const [name, value] of Object.entries(list)) localStorage.setItem(`tidegate.${name}`, value);
  }, choices);
}

/** The word on the pill. */
export async function standing(page: Page, word: string, timeout = hangs): Promise<void> {
  await page.waitForSelector(`[data-testid=connection-state][data-value="${word}"]`, { timeout });
}

export function value(page: Page, testId: string): Promise<string | null> {
  return page.getByTestId(testId).first().getAttribute('data-value');
}

/** Until a number is on the glass; returns it as it was sent. */
export async function known(page: Page, testId: string): Promise<string> {
  const element = page.locator(`[data-testid="${testId}"]:not([data-value=""])`).first();
  await element.waitFor({ state: 'attached' });
  return (await element.getAttribute('data-value'))!;
}

/** CLS: the most that things jumped within five seconds without a second of rest, as web-vitals counts it. */
export function shift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        type Jump = PerformanceEntry & { value: number; hadRecentInput: boolean };
        let most = 0;
        let [sum, began, last] = [0, -Infinity, -Infinity];
        const add = (entries: PerformanceEntryList): void => {
          for (const { startTime, value, hadRecentInput } of entries as Jump[]) {
            if (hadRecentInput) continue;
            if (startTime - last > 1000 || startTime - began > 5000) [sum, began] = [0, startTime];
            [sum, last] = [sum + value, startTime];
            most = Math.max(most, sum);
          }
        };
        const observer = new PerformanceObserver((list) => add(list.getEntries()));
        observer.observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            add(observer.takeRecords());
            done(most);
          }),
        );
      }),
  );
}

/** Another market, chosen as a person does. */
export async function choose(page: Page, ticker: string): Promise<void> {
  await page.keyboard.press('/');
  await page.locator(`[data-testid=markets] [data-key="${ticker}"] .name`).click();
  await page.getByTestId('market-button').getByText(ticker).waitFor();
}

/** What a side of the book shows: exact prices and sizes from the touch. */
export async function rungs(
  page: Page,
  side: 'asks' | 'bids',
): Promise<{ price: string; size: string; total: string }[]> {
  const rows = await page.evaluate(
    (id) =>
      [...document.querySelectorAll(`[data-testid=${id}] tbody tr[data-key]`)].map((row) =>
        [...row.querySelectorAll('[data-value]')].map((cell) => cell.getAttribute('data-value') ?? ''),
      ),
    `book-${side}`,
  );
  const list = rows.map(([price = '', size = '', total = '']) => ({ price, size, total }));
  return side === 'asks' ? list.reverse() : list;
}
