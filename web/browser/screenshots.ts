/**
 * Pictures of the main states at three sizes and two themes, by one command: `npm run screenshots`, into web/screenshots
 * or the folder named by PICTURES.
 * They are looked at by people; those that README and docs show are kept under docs/images.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { launch, sizes, standing, visit } from './browser';
import { Stage } from './gateway';

const folder = process.env.PICTURES ?? 'screenshots';
mkdirSync(folder, { recursive: true });

type Size = keyof typeof sizes;
const all: [Size, 'dark' | 'light'][] = (Object.keys(sizes) as Size[]).flatMap((size) => [
  [size, 'dark'] as [Size, 'dark'],
  [size, 'light'] as [Size, 'light'],
]);

async function pictures(
  browser: Browser,
  stage: Stage,
  state: string,
  change: (page: Page) => Promise<void>,
  entrance = stage.entrance,
  expected = 'LIVE',
): Promise<void> {
  for (const [size, theme] of all) {
    const options = { viewport: sizes[size], colorScheme: theme, hasTouch: size === 'phone' };
    const { page, close } = await visit(browser, entrance, options);
    await page.evaluate(() => localStorage.setItem('tidegate.toasts', 'off'));
    await page.reload();
    if (expected !== '') await standing(page, expected);
    await change(page);
    await page.waitForTimeout(2500); // for the eye: charts drawn, a few frames on the glass
    await page.screenshot({ path: join(folder, `${state}-${size}-${theme}.png`) });
    await close();
  }
  console.log(state);
}

it('makes its pictures', { timeout: 1_800_000 }, async () => {
  const browser = await launch();
  const stage = await Stage.start(['Reconnect:InitialDelay=00:00:00.3', 'Polling:Interval=00:00:05']);
  const stay = async (): Promise<void> => undefined;
  try {
    await pictures(browser, stage, 'live', stay);
    await pictures(browser, stage, 'sign-in', stay, stage.address, '');
    await pictures(browser, stage, 'markets', (page) => page.keyboard.press('/'));
    const empty = `${stage.address}?address=${stage.addresses[0]}&subaccount=77`;
    await pictures(browser, stage, 'empty', stay, `${empty}#token=${stage.token}`);
    const away = (lever: string) => async (page: Page) => {
      await stage.lever(lever);
      await stage.lever('drop');
      await page.waitForFunction(() => document.querySelector('[data-testid=banner]') !== null);
    };
    const back = async (): Promise<void> => {
      await stage.lever('refuse?on=false');
      await stage.lever('clear');
    };
    for (const [size, theme] of all) {
      const options = { viewport: sizes[size], colorScheme: theme, hasTouch: size === 'phone' };
      for (const [state, lever] of [
        ['reconnecting', 'refuse?status=503'],
        ['blocked', 'refuse?status=403'],
      ] as const) {
        const { page, close } = await visit(browser, stage.entrance, options);
        await page.evaluate(() => localStorage.setItem('tidegate.toasts', 'off'));
        await page.reload();
        await standing(page, 'LIVE');
        await away(lever)(page);
        await page.screenshot({ path: join(folder, `${state}-${size}-${theme}.png`) });
        if (state === 'reconnecting') {
          await standing(page, 'POLLING', 60_000);
          await page.screenshot({ path: join(folder, `polling-${size}-${theme}.png`) });
        }
        await back();
        await fetch(`${stage.address}ws/reconnect/${stage.addresses[0]}`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${stage.token}` },
        });
        if (state === 'blocked') {
          await stage.end();
          await page.waitForSelector('[data-testid=banner][data-value="GATEWAY OFFLINE"]');
          await page.screenshot({ path: join(folder, `offline-${size}-${theme}.png`) });
          await stage.open();
        }
        await close();
      }
    }
  } finally {
    await stage.close();
    await browser.close();
  }
});
