/**
 * Some pictures of the page beside those that were approved, with all that changes from run to run left out.
 * `npm run pictures` takes them anew, and with them the readable ones that README and docs show.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasBrowser, remember, sizes, visit } from './browser';
import { staged } from './staged';
import { clear, scenes, sceneSettings, type Size, type Theme } from './scenes';

const images = fileURLToPath(new URL('../../docs/images', import.meta.url));
const anew = process.env.APPROVE !== undefined;

// Glyphs of another font are another picture: Debian's fonts-dejavu-core is what the approved ones were made with.
const hasFont = existsSync('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf');

const tolerance = 0.02;

/** Numbers, times, drawings and notices change with each run; their places do not. */
const still = `
  * { font-family: 'DejaVu Sans' !important; caret-color: transparent !important; }
  [data-value]:not([data-testid=connection-state], button), .num, .note, .figure, .legend, .count, .glyph, .bar, .meter,
  time, canvas, svg.spark, .curve, .ladder tbody, .spread, .horizon, .trades tbody, .ratio, .toasts, footer, .tables tbody,
  .column-choice, .strip dd, .whose, .address, .feed dd, .feed p, .banner
  { visibility: hidden !important; }`;

interface Picture {
  scene: string;
  size: Size;
  theme: Theme;
}

/** Compared in CI: each size, each theme, and what differs most in its places. */
const compared: readonly Picture[] = [
  { scene: 'live', size: 'desktop', theme: 'dark' },
  { scene: 'live', size: 'tablet', theme: 'light' },
  { scene: 'live', size: 'phone', theme: 'dark' },
  { scene: 'sign-in', size: 'desktop', theme: 'light' },
  { scene: 'markets', size: 'desktop', theme: 'dark' },
];

/** Shown by README and docs, with their numbers. */
const shown: readonly Picture[] = [
  { scene: 'live', size: 'desktop', theme: 'dark' },
  { scene: 'live', size: 'tablet', theme: 'light' },
  { scene: 'live', size: 'phone', theme: 'dark' },
  { scene: 'sign-in', size: 'desktop', theme: 'dark' },
  { scene: 'markets', size: 'desktop', theme: 'dark' },
  { scene: 'polling', size: 'desktop', theme: 'dark' },
  { scene: 'blocked', size: 'phone', theme: 'dark' },
  { scene: 'offline', size: 'desktop', theme: 'light' },
];

const nameOf = ({ scene, size, theme }: Picture): string => `${scene}-${size}-${theme}.png`;

/** The share of the pixels that differ by more than a shade; compared by the browser, which reads pictures anyway. */
async function difference(page: Page, one: Buffer, other: Buffer): Promise<number> {
  const sources = [one, other].map((image) => `data:image/png;base64,${image.toString('base64')}`);
  return page.evaluate(async (urls) => {
    const pixels = await Promise.all(
      urls.map(async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const { width, height } = image;
        const context = new OffscreenCanvas(width, height).getContext('2d')!;
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, width, height);
      }),
    );
    const [a, b] = pixels as [ImageData, ImageData];
    if (a.width !== b.width || a.height !== b.height) return 1;
    let differing = 0;
    for (let at = 0; at < a.data.length; at += 4) {
      const far = [0, 1, 2].some((part) => Math.abs(a.data[at + part]! - b.data[at + part]!) > 24);
      if (far) differing++;
    }
    return differing / (a.data.length / 4);
  }, sources);
}

describe.skipIf(!hasBrowser || !hasFont)('the look of the page', () => {
  const on = staged(sceneSettings);

  beforeAll(() => {
    mkdirSync(join(images, 'approved'), { recursive: true });
  });

  async function enter({ scene: name, size, theme }: Picture): Promise<{ page: Page; end: () => Promise<void> }> {
    const scene = scenes.find((one) => one.name === name)!;
    const { page, close } = await visit(on.browser, scene.entrance(on.stage), {
      viewport: sizes[size],
      colorScheme: theme,
      bypassCSP: true, // for the style that hides what changes
      before: (made) => remember(made, { toasts: 'off' }),
    });
    await scene.enter(page, on.stage);
    await page.evaluate(() => document.fonts.ready);
    const end = async (): Promise<void> => {
      await close();
      if (!['live', 'sign-in', 'markets'].includes(name)) await clear(on.stage, scene);
    };
    return { page, end };
  }

  it.each(
    compared
      .filter((one) => anew || existsSync(join(images, 'approved', nameOf(one))))
      .map((picture) => [nameOf(picture), picture] as const),
  )('is still that of %s', async (name, picture) => {
    const { page, end } = await enter(picture);
    const image = await page.screenshot({ style: still, animations: 'disabled' });
    const approved = join(images, 'approved', name);
    if (anew) writeFileSync(approved, image);
    const share = await difference(page, image, readFileSync(approved));
    if (share > tolerance) {
      mkdirSync('screenshots', { recursive: true });
      writeFileSync(join('screenshots', `differs-${name}`), image);
    }
    expect(share).toBeLessThanOrEqual(tolerance);
    await end();
  });

  // No test, but by the same road: what README and docs show.
  it.each(anew ? shown.map((picture) => [nameOf(picture), picture] as const) : [])(
    'is shown by %s',
    async (name, picture) => {
      const { page, end } = await enter(picture);
      await page.waitForTimeout(6000); // for the eye: a few frames on the glass, and the first pings answered
      await page.screenshot({ path: join(images, name) });
      await end();
    },
  );
});
