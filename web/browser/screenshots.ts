/**
 * Pictures of the main states at three sizes and two themes, by one command: `npm run screenshots`, into web/screenshots
 * or the folder named by PICTURES. They are looked at by people; what README, docs and CI use is made by pictures.test.ts.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { launch, remember, visit } from './browser';
import { Stage } from './gateway';
import { clear, inEachLook, scenes, sceneSettings } from './scenes';

const folder = process.env.PICTURES ?? 'screenshots';
mkdirSync(folder, { recursive: true });
const only = process.env.SCENES?.split(',');

it('makes its pictures', { timeout: 1_800_000 }, async () => {
  const browser = await launch();
  const stage = await Stage.start(sceneSettings);
  try {
    for (const scene of scenes) {
      if (only && !only.includes(scene.name)) continue;
      const { page, close } = await visit(browser, scene.entrance(stage), {
        before: (made) => remember(made, { toasts: 'off' }),
      });
      await scene.enter(page, stage);
      await inEachLook(page, async (size, theme) => {
        await page.screenshot({ path: join(folder, `${scene.name}-${size}-${theme}.png`) });
      });
      await close();
      await clear(stage, scene);
      console.log(scene.name);
    }
  } finally {
    await stage.close();
    await browser.close();
  }
});
