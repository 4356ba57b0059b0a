/** The main states of the page, each brought about once, to be looked at in every size and theme. */
import { known, sizes, standing, type Page } from './browser';
import type { Stage } from './gateway';

export interface Scene {
  name: string;
  entrance: (stage: Stage) => string;
  enter: (page: Page, stage: Stage) => Promise<void>;
}

/** Slow enough for six looks at a feed that reconnects. */
export const sceneSettings = [
  'Reconnect:InitialDelay=00:00:04',
  'Reconnect:MaxDelay=00:00:04',
  'Polling:Interval=00:00:05',
  'Indexer:Standby=false',
];

async function live(page: Page): Promise<void> {
  await standing(page, 'LIVE');
  await known(page, 'book-spread');
  await page.getByTestId('chart').locator('canvas').first().waitFor({ state: 'attached' });
}

const entrance = (stage: Stage): string => stage.entrance;

function cut(status: number, word: string): Scene['enter'] {
  return async (page, stage) => {
    await live(page);
    await stage.lever(`refuse?status=${status}`);
    await stage.lever('drop');
    await standing(page, word);
    await page.getByTestId('banner').waitFor();
  };
}

export const scenes: readonly Scene[] = [
  { name: 'live', entrance, enter: live },
  { name: 'sign-in', entrance: (stage) => stage.address, enter: (page) => page.getByTestId('sign-in').waitFor() },
  {
    name: 'empty',
    entrance: (stage) => `${stage.address}?address=${stage.addresses[0]}&subaccount=77#token=${stage.token}`,
    enter: live,
  },
  {
    name: 'markets',
    entrance,
    enter: async (page) => {
      await live(page);
      await page.keyboard.press('/');
      await page.locator('[data-testid=markets] tr[data-key]').first().waitFor();
    },
  },
  { name: 'reconnecting', entrance, enter: cut(503, 'RECONNECTING') },
  { name: 'polling', entrance, enter: cut(503, 'POLLING') },
  { name: 'blocked', entrance, enter: cut(403, 'BLOCKED') },
  {
    name: 'stale',
    entrance,
    enter: async (page, stage) => {
      await live(page);
      await stage.lever('stall?on=true');
      await standing(page, 'STALE');
      await page.getByTestId('banner').waitFor();
    },
  },
  {
    name: 'offline',
    entrance,
    enter: async (page, stage) => {
      await live(page);
      await stage.end();
      await page.locator('[data-testid=banner][data-value="GATEWAY OFFLINE"]').waitFor();
    },
  },
];

/** After a scene everything is as it was. */
export async function clear(stage: Stage, { name }: Scene): Promise<void> {
  if (name === 'offline') await stage.open();
  await stage.lever('clear');
  await stage.lever('drop');
  await stage.reconnect();
}

export type Size = keyof typeof sizes;
export type Theme = 'dark' | 'light';

/** The same page in each size and theme; two frames later it is drawn anew. */
export async function inEachLook(page: Page, what: (size: Size, theme: Theme) => Promise<void>): Promise<void> {
  for (const size of Object.keys(sizes) as Size[]) {
    for (const theme of ['dark', 'light'] as const) {
      await page.setViewportSize(sizes[size]);
      await page.emulateMedia({ colorScheme: theme });
      await page.evaluate(
        () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 300)))),
      );
      await what(size, theme);
    }
  }
}
