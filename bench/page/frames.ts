/** The main thread's work for each frame of the screen, out of a trace of the browser. */
import type { Browser, Page } from "../../web/browser/browser";
import { readings } from "./probe";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
}

/** Script, style and layout: what the page itself asks for. */
const own = new Set([
  "FunctionCall",
  "FireAnimationFrame",
  "TimerFire",
  "EventDispatch",
  "EvaluateScript",
  "RunMicrotasks",
  "MajorGC",
  "MinorGC",
  "UpdateLayoutTree",
  "Layout",
]);

/** Milliseconds of script, style and layout between one frame's begin and the next's. The trace costs a part of it. */
export async function frameCosts(
  browser: Browser,
  page: Page,
  milliseconds: number,
): Promise<number[]> {
  // No more than is read: each kind of event that is written down slows the thread that is measured.
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  await page.waitForTimeout(milliseconds);
  const trace = JSON.parse(String(await browser.stopTracing())) as {
    traceEvents: TraceEvent[];
  };
  const events = threadOf(trace.traceEvents);
  // Several callbacks of one frame fire within a millisecond or two.
  const begins = events
    .filter(({ name }) => name === "FireAnimationFrame")
    .map(({ ts }) => ts)
    .filter((ts, at, list) => at === 0 || ts - list[at - 1]! > 4000);
  return between(begins, events, own);
}

/** The thread of this page is the one that fires the most animation frames. Its whole events, in order, the outer first. */
function threadOf(events: TraceEvent[]): TraceEvent[] {
  const fired = new Map<string, number>();
  for (const { name, pid, tid } of events) {
    if (name !== "FireAnimationFrame") continue;
    fired.set(`${pid} ${tid}`, (fired.get(`${pid} ${tid}`) ?? 0) + 1);
  }
  const [thread] = [...fired].sort((a, b) => b[1] - a[1])[0] ?? [""];
  return events
    .filter(({ ph, pid, tid }) => ph === "X" && `${pid} ${tid}` === thread)
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
}

/** Time in events of these names, each moment counted once, by the frame in which they began. */
function between(
  begins: readonly number[],
  events: readonly TraceEvent[],
  names: ReadonlySet<string>,
): number[] {
  const costs = begins.map(() => 0);
  let [frame, end] = [-1, 0];
  for (const { name, ts, dur } of events) {
    if (!names.has(name) || ts < end) continue;
    end = ts + (dur ?? 0);
    while (frame + 1 < begins.length && begins[frame + 1]! <= ts) frame++;
    if (frame >= 0) costs[frame]! += (dur ?? 0) / 1000;
  }
  return costs.slice(1, -1);
}

/** Milliseconds of all tasks of the page's thread in a span of time, painting among them; measured without a trace. */
export async function taskTime(
  page: Page,
  milliseconds: number,
): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const spent = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value * 1000;
  };
  const before = await spent();
  await page.waitForTimeout(milliseconds);
  const after = await spent();
  await session.detach();
  return after - before;
}

/** The same for each frame: a mean. */
export async function meanCost(
  page: Page,
  milliseconds: number,
): Promise<number> {
  const seen = (await readings(page)).frames;
  const cost = await taskTime(page, milliseconds);
  return cost / ((await readings(page)).frames - seen);
}
