/** axe in each state of the page, in two themes at three sizes. */
import { violations } from "../../web/browser/axe";
import { visit, type Browser } from "../../web/browser/browser";
import { Stage } from "../../web/browser/gateway";
import {
  clear,
  inEachLook,
  scenes,
  sceneSettings,
} from "../../web/browser/scenes";

/** Prints one line a state, size and theme; returns whether none has a violation. */
export async function matrix(browser: Browser): Promise<boolean> {
  const stage = await Stage.start(sceneSettings);
  let all = 0;
  try {
    for (const scene of scenes) {
      const { page, close } = await visit(browser, scene.entrance(stage));
      await scene.enter(page, stage);
      await inEachLook(page, async (size, theme) => {
        const found = await violations(page, scene.name);
        console.log(
          `${found.length === 0 ? "ok  " : "MISS"} ${scene.name}, ${size}, ${theme}`,
          ...found,
        );
        all += found.length;
      });
      await close();
      await clear(stage, scene);
    }
  } finally {
    await stage.close();
  }
  console.log(`${all} violations`);
  return all === 0;
}
