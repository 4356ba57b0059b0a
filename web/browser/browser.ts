/** The system's Chromium, and what tests ask of a page in it. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** What takes longer hangs, on a busy machine too. */
const hangs = 60_000;

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

export async function visit(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Visit> {
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
  await page.goto(address);
  return { page, troubles, requests, close };
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
