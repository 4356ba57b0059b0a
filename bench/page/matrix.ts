/** axe in each state of the page, in two themes at three sizes. */
import { violations } from "../../web/browser/axe";
import {
  known,
  sizes,
  standing,
  visit,
  type Browser,
  type Page,
} from "../../web/browser/browser";
import { Stage } from "../../web/browser/gateway";

const settings = [
  "Reconnect:InitialDelay=00:00:01",
  "Reconnect:MaxDelay=00:00:01",
  "Polling:Interval=00:00:05",
];

interface State {
  name: string;
  entrance: (stage: Stage) => string;
  enter: (page: Page, stage: Stage) => Promise<void>;
}

const cut =
  (lever: string, word: string) => async (page: Page, stage: Stage) => {
    await live(page);
    await stage.lever(lever);
    await stage.lever("drop");
    await standing(page, word);
    await page.getByTestId("banner").waitFor();
  };

async function live(page: Page): Promise<void> {
  await standing(page, "LIVE");
  await known(page, "book-spread");
}

const entrance = (stage: Stage): string => stage.entrance;

const states: readonly State[] = [
  { name: "live", entrance, enter: live },
  {
    name: "sign-in",
    entrance: (stage) => stage.address,
    enter: (page) => page.getByTestId("sign-in").waitFor(),
  },
  {
    name: "empty account",
    entrance: (stage) =>
      `${stage.address}?address=${stage.addresses[0]}&subaccount=77#token=${stage.token}`,
    enter: live,
  },
  {
    name: "reconnecting or polling",
    entrance,
    enter: cut("refuse?status=503", "RECONNECTING"),
  },
  { name: "polling", entrance, enter: cut("refuse?status=503", "POLLING") },
  { name: "blocked", entrance, enter: cut("refuse?status=403", "BLOCKED") },
  {
    name: "stale",
    entrance,
    enter: async (page, stage) => {
      await live(page);
      await stage.lever("hold?on=true");
      await standing(page, "STALE");
    },
  },
  {
    name: "offline",
    entrance,
    enter: async (page, stage) => {
      await live(page);
      await stage.end();
      await page
        .locator('[data-testid=banner][data-value="GATEWAY OFFLINE"]')
        .waitFor();
    },
  },
];

/** Prints one line a state, size and theme; returns whether none has a violation. */
export async function matrix(browser: Browser): Promise<boolean> {
  const stage = await Stage.start(settings);
  let all = 0;
  try {
    for (const { name, entrance: address, enter } of states) {
      for (const [size, viewport] of Object.entries(sizes)) {
        for (const colorScheme of ["dark", "light"] as const) {
          const { page, close } = await visit(browser, address(stage), {
            viewport,
            colorScheme,
          });
          await enter(page, stage);
          const found = await violations(page, name);
          console.log(
            `${found.length === 0 ? "ok  " : "MISS"} ${name}, ${size}, ${colorScheme}`,
            ...found,
          );
          all += found.length;
          await close();
          if (name === "offline") await stage.open();
          await stage.lever("clear");
          if (name === "blocked") await stage.reconnect();
        }
      }
    }
  } finally {
    await stage.close();
  }
  console.log(`${all} violations`);
  return all === 0;
}
