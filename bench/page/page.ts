/**
 * Measures the page in the system's Chromium, before a gateway and a simulated Indexer, and prints its figures beside
 * their budgets. Exits with 1 when one is missed. See README.md.
 */
import {
  choose,
  known,
  launch,
  remember,
  shift,
  standing,
  visit,
  type Browser,
} from "../../web/browser/browser";
import { Stage } from "../../web/browser/gateway";
import { cost, weight } from "../../web/browser/measure";
import { figure, quantile, tell, type Figure } from "./budget";
import { frameCosts, meanCost, taskTime } from "./frames";
import { matrix } from "./matrix";
import { glassQuantile, plant, readings, reset } from "./probe";

const loads = 5;
const switches = 50;
/** What an own account and the market itself need before their caps are reached and memory may stand still. */
const warmUp = 60_000;
const traced = 10_000;
/** After that long what came last is painted; with ten seconds more the page does not call the data stale yet. */
const settled = 4_000;

async function load(browser: Browser, stage: Stage): Promise<Figure[]> {
  const { first, scripts } = weight();
  const seen: Record<
    "paint" | "largest" | "book" | "moved" | "requests",
    number[]
  > = {
    paint: [],
    largest: [],
    book: [],
    moved: [],
    requests: [],
  };
  for (let times = 0; times < loads; times++) {
    const { page, requests, close } = await visit(browser, stage.entrance, {
      before: plant,
    });
    await standing(page, "LIVE");
    await known(page, "book-spread");
    await page.getByTestId("chart").locator("canvas").first().waitFor();
    await page
      .locator("[data-testid=positions] tr[data-key]")
      .first()
      .waitFor();
    const { firstPaint, largestPaint, firstBook } = await readings(page);
    const live = requests.findIndex((url) => url.startsWith("ws:"));
    seen.paint.push(firstPaint);
    seen.largest.push(largestPaint);
    seen.book.push(firstBook);
    seen.moved.push(await shift(page));
    seen.requests.push(
      requests.slice(0, live + 1).filter((url) => !url.includes("favicon"))
        .length,
    );
    await close();
  }
  return [
    figure("HTML, CSS and first JS, gzip", first / 1000, "kB", 45),
    figure("all JS, gzip", scripts / 1000, "kB", 120),
    figure("requests before live", Math.max(...seen.requests), "", 6),
    figure("shell painted", quantile(seen.paint, 0.5), "ms", 300),
    figure("first book painted", quantile(seen.book, 0.5), "ms", 700),
    figure("LCP", quantile(seen.largest, 0.5), "ms", 1000),
    figure("CLS, the worst load", Math.max(...seen.moved), "", 0.02),
  ];
}

async function run(
  browser: Browser,
  minutes: number,
  rate: number,
): Promise<Figure[]> {
  const stage = await Stage.start(
    [],
    ["--seed", "7", "--markets", "1", "--rate", String(rate)],
  );
  try {
    const { page, close } = await visit(browser, stage.entrance, {
      before: async (made) => {
        await plant(made);
        await remember(made, { rate: "fast" });
      },
    });
    await standing(page, "LIVE");
    await known(page, "book-spread");
    await page.waitForTimeout(Math.min(warmUp, minutes * 30_000));
    const before = await cost(page);
    await reset(page);
    const started = Date.now();
    for (let minute = 1; Date.now() < started + minutes * 60_000; minute++) {
      await page.waitForTimeout(
        Math.max(0, Math.min(60_000, started + minutes * 60_000 - Date.now())),
      );
      if (minute % 30 === 0)
        console.log(
          `${minute} min: heap ${((await cost(page)).heap / 1e6).toFixed(1)} MB`,
        );
    }
    const seconds = (Date.now() - started) / 1000;
    const { glass, messages, frames, longTasks } = await readings(page);
    const after = await cost(page);
    const busy = await meanCost(page, traced);
    const costs = await frameCosts(browser, page, traced);
    await reset(page);
    for (let times = 0; times < 10; times++) {
      for (const key of ["]", "[", "+", "-"]) await page.keyboard.press(key);
      await page.locator("#table-panel-orders").click();
      await page.locator("#table-panel-positions").click();
    }
    await page.waitForTimeout(500);
    const { interactions } = await readings(page);
    const elements = await page.evaluate(
      () => document.getElementsByTagName("*").length,
    );
    await close();
    return [
      figure("frames of the gateway a second", messages / seconds, ""),
      figure("frame → glass, median", glassQuantile(glass, 0.5), "ms", 17),
      figure("frame → glass, p99", glassQuantile(glass, 0.99), "ms", 50),
      {
        ...figure("frames of the screen a second", frames / seconds, "", 58),
        least: true,
      },
      figure(
        "script, style, layout a frame, median",
        quantile(costs, 0.5),
        "ms",
      ),
      figure(
        "script, style, layout a frame, p95",
        quantile(costs, 0.95),
        "ms",
        4,
      ),
      figure("all work of the main thread a frame, mean", busy, "ms"),
      figure("tasks over 50 ms", longTasks.length, "", 0),
      figure("the longest of them", Math.max(0, ...longTasks), "ms"),
      figure(
        "INP, p95 (0: all under 16 ms)",
        quantile(interactions, 0.95) || 0,
        "ms",
        100,
      ),
      figure("elements", elements, "", 2500),
      figure("heap after a collection", after.heap / 1e6, "MB", 60),
      figure(
        `heap growth in ${minutes} min`,
        (after.heap - before.heap) / 1e6,
        "MB",
        5,
      ),
    ];
  } finally {
    await stage.close();
  }
}

async function switching(browser: Browser, stage: Stage): Promise<Figure[]> {
  const { page, close } = await visit(browser, stage.entrance);
  await standing(page, "LIVE");
  const there = async (): Promise<void> => {
    for (const ticker of ["ETH-USD", "BTC-USD"]) {
      await choose(page, ticker);
      await known(page, "book-spread");
    }
  };
  const topics = async (): Promise<number> => {
    const headers = { Authorization: `Bearer ${stage.token}` };
    const status = (await (
      await fetch(`${stage.address}ws/status`, { headers })
    ).json()) as {
      topics: { clients: number }[];
    };
    return status.topics.reduce((sum, { clients }) => sum + clients, 0);
  };
  for (let times = 0; times < 3; times++) await there();
  const [subscribed, before] = [await topics(), await cost(page)];
  for (let times = 0; times < switches / 2; times++) await there();
  const after = await cost(page);
  const more = (await topics()) - subscribed;
  await close();
  return [
    figure("subscriptions more", more, "", 0),
    figure("listeners more", after.listeners - before.listeners, "", 5),
    figure("nodes more", after.nodes - before.nodes, "", 100),
    figure("heap more", (after.heap - before.heap) / 1e6, "MB"),
  ];
}

/** Nothing trades and nothing changes in the book: what is left are the page's own clocks. */
async function idling(browser: Browser, stage: Stage): Promise<Figure[]> {
  const { page, close } = await visit(browser, stage.entrance);
  await standing(page, "LIVE");
  await known(page, "book-spread");
  const busy = await stage.held(async () => {
    await page.waitForTimeout(settled);
    return taskTime(page, traced);
  });
  await close();
  return [figure("main thread at work", (100 * busy) / traced, "%", 1)];
}

function option(
  args: readonly string[],
  name: string,
  otherwise: number,
): number {
  const at = args.indexOf(`--${name}`);
  const value = at < 0 ? otherwise : Number(args[at + 1]);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0`);
  return value;
}

export async function main(args: readonly string[]): Promise<number> {
  const browser = await launch();
  let held = true;
  try {
    if (args.includes("axe")) return (await matrix(browser)) ? 0 : 1;
    const minutes = option(args, "hours", option(args, "minutes", 1) / 60) * 60;
    const stage = await Stage.start();
    try {
      held =
        tell(`Loading, median of ${loads}`, await load(browser, stage)) && held;
      held =
        tell(
          `${switches} changes of the market`,
          await switching(browser, stage),
        ) && held;
      held =
        tell("A market that stands still", await idling(browser, stage)) &&
        held;
    } finally {
      await stage.close();
    }
    held =
      tell(
        `${minutes} min at the fastest pace`,
        await run(browser, minutes, option(args, "rate", 1000)),
      ) && held;
    return held ? 0 : 1;
  } finally {
    await browser.close();
  }
}
