/** The main thread's work for each frame of the screen, out of a trace of the browser. */
import type { Browser, Page } from "../../web/browser/browser";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  args?: { name?: string; data?: { frame?: string } };
}

/** Milliseconds of all tasks (script, style, layout, paint) between one frame's begin and the next's. */
export async function frameCosts(
  browser: Browser,
  page: Page,
  milliseconds: number,
): Promise<number[]> {
  await browser.startTracing(page, {
    categories: [
      "toplevel",
      "devtools.timeline",
      "disabled-by-default-devtools.timeline",
    ],
  });
  await page.waitForTimeout(milliseconds);
  const trace = JSON.parse(String(await browser.stopTracing())) as {
    traceEvents: TraceEvent[];
  };
  const events = trace.traceEvents;
  // The thread of this page is the one that fires animation frames.
  const fired = events.filter((event) => event.name === "FireAnimationFrame");
  const busiest = new Map<string, number>();
  for (const { pid, tid } of fired)
    busiest.set(`${pid} ${tid}`, (busiest.get(`${pid} ${tid}`) ?? 0) + 1);
  const [thread] = [...busiest].sort((a, b) => b[1] - a[1])[0] ?? [""];
  const own = events.filter((event) => `${event.pid} ${event.tid}` === thread);
  const starts = [
    ...new Set(
      own
        .filter((event) => event.name === "FireAnimationFrame")
        .map((event) => event.ts),
    ),
  ];
  // Several callbacks of one frame fire within a millisecond or two.
  const begins = starts
    .sort((a, b) => a - b)
    .filter((ts, at, list) => at === 0 || ts - list[at - 1]! > 4000);
  const costs = begins.map(() => 0);
  for (const task of own) {
    if (!/RunTask$/.test(task.name) || task.ph !== "X") continue;
    let at = begins.length - 1;
    while (at >= 0 && begins[at]! > task.ts + (task.dur ?? 0)) at--;
    if (at >= 0) costs[at]! += (task.dur ?? 0) / 1000;
  }
  return costs.slice(1, -1);
}
