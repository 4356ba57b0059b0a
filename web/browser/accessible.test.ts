/** Whether everybody can use the page: axe in its states, no sideways scroll, still where stillness is asked for. */
import { describe, expect, it } from 'vitest';
import { violations } from './axe';
import { hasBrowser, known, sizes, standing, visit } from './browser';
import { staged } from './staged';

describe.skipIf(!hasBrowser)('the page for everybody', () => {
  const on = staged();

  it('has no violation live, in any table, in any window', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    const found = await violations(page, 'live');
    for (const name of ['orders', 'fills', 'history', 'funding', 'transfers', 'log', 'positions']) {
      await page.locator(`#table-panel-${name}`).click();
      await page.locator(`[role=tabpanel][aria-labelledby=table-panel-${name}] table`).waitFor();
      found.push(...(await violations(page, name)));
    }
    for (const key of ['/', '?', 'Control+k']) {
      await page.keyboard.press(key);
      await page.locator('dialog[open]').waitFor();
      found.push(...(await violations(page, `window of ${key}`)));
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
    }
    for (const button of ['[aria-label=Settings]', '[data-testid=connection-state]', '.whose']) {
      await page.locator(button).click();
      await page.locator('dialog[open]').waitFor();
      found.push(...(await violations(page, `window of ${button}`)));
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
    }
    expect(found).toEqual([]);
    await close();
  });

  it('has no violation on a phone in light, and where a token is asked for', async () => {
    const phone = await visit(on.browser, on.stage.entrance, { viewport: sizes.phone, colorScheme: 'light' });
    await standing(phone.page, 'LIVE');
    await known(phone.page, 'book-spread');
    const found = await violations(phone.page, 'phone');
    await phone.close();
    const asked = await visit(on.browser, on.stage.address);
    await asked.page.getByTestId('sign-in').waitFor();
    found.push(...(await violations(asked.page, 'sign-in')));
    await asked.close();
    expect(found).toEqual([]);
  });

  it('scrolls sideways at no width, and shows its state at each', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    // 720 by 450 is what 200 % zoom leaves of 1440 by 900.
    for (const [width, height] of [
      [1440, 900],
      [1024, 768],
      [720, 450],
      [390, 844],
      [320, 640],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const pill = (await page.getByTestId('connection-state').boundingBox())!;
      expect(pill.x + pill.width).toBeLessThanOrEqual(width);
    }
    await close();
  });

  it('moves nothing and changes at most once a second where less motion is wanted', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance, { reducedMotion: 'reduce' });
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    const repaints = await page.evaluate(
      () =>
        new Promise<number>((done) => {
          let bursts = 0;
          let last = -Infinity;
          const seen = new MutationObserver(() => {
            if (performance.now() - last > 100) bursts++;
            last = performance.now();
            if (bursts === 4) finish();
          });
          const started = performance.now();
          const finish = (): void => {
            seen.disconnect();
            done((performance.now() - started) / bursts);
          };
          seen.observe(document.querySelector('.ladder')!, { subtree: true, characterData: true, attributes: true });
        }),
    );
    // Four bursts take at least three pauses of a second.
    expect(repaints).toBeGreaterThan(700);
    await close();
  });

  it('tells sides, bars and choices apart where the system forces its own colours', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance, { forcedColors: 'active' });
    await standing(page, 'LIVE');
    await known(page, 'book-spread');
    await page.locator('[data-testid=positions] tr[data-key]').first().waitFor();
    await page.locator('[data-testid=tape] tr[data-key]').nth(8).waitFor({ state: 'attached' });
    const seen = await page.evaluate(() => {
      const look = (selector: string): string => {
        const { color, backgroundColor, borderColor, borderWidth, outlineStyle } = getComputedStyle(
          document.querySelector(selector)!,
        );
        return [color, backgroundColor, borderColor, borderWidth, outlineStyle].join(' ');
      };
      return {
        active: matchMedia('(forced-colors: active)').matches,
        bar: getComputedStyle(document.querySelector('.ladder tr[data-key]')!).backgroundImage,
        choice:
          look('[data-testid=resolutions] [aria-pressed=true]') !==
          look('[data-testid=resolutions] [aria-pressed=false]'),
        tab: look('.tables [role=tab][aria-selected=true]') !== look('.tables [role=tab][aria-selected=false]'),
        pill: getComputedStyle(document.querySelector('.pill')!).borderStyle,
        sides: [
          ...document.querySelectorAll('[data-testid=tape] tbody tr:not([hidden]):not([data-marks~=divider]) .price'),
        ].map((cell) => /[▲▼]/.test(cell.textContent ?? '')),
        words: [...document.querySelectorAll('[data-testid=positions] .side')].map((cell) => cell.textContent!.trim()),
      };
    });
    expect(seen).toMatchObject({ active: true, choice: true, tab: true, pill: 'solid' });
    // The system's colour: by itself a bar is a tint, mixed in color(srgb …).
    expect(seen.bar).toMatch(/^linear-gradient\(rgba?\(/);
    expect(seen.sides.length).toBeGreaterThan(5);
    expect(seen.sides.every(Boolean)).toBe(true);
    expect(seen.words.every((word) => /LONG|SHORT/.test(word))).toBe(true);
    await close();
  });
});
