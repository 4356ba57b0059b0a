/**
 * What watches the page from inside it, put there before its own scripts: nothing of this is in the product.
 * Everything is counted in fixed room, so that eight hours cost no more than a minute.
 */
import type { Page } from "../../web/browser/browser";

/** Half a millisecond each; the last holds all that took longer. */
export const slots = 2000;

export interface Readings {
  /** Times from `onmessage` to after the next frame, by half milliseconds. */
  glass: number[];
  messages: number;
  frames: number;
  longTasks: number[];
  firstPaint: number;
  largestPaint: number;
  firstBook: number;
  /** Of each interaction since the last reset, from the input to the next paint. */
  interactions: number[];
}

export function plant(page: Page): Promise<unknown> {
  return page.addInitScript((size) => {
    const glass = new Uint32Array(size);
    const read = {
      messages: 0,
      frames: 0,
      firstPaint: 0,
      largestPaint: 0,
      firstBook: 0,
    };
    const [longTasks, interactions]: [number[], number[]] = [[], []];
    let pending: number[] = [];

    // A message to oneself, sent within a frame, is taken up after that frame was made.
    const after = new MessageChannel();
    after.port1.onmessage = () => {
      const now = performance.now();
      for (const at of pending)
        glass[Math.min(size - 1, Math.floor((now - at) * 2))]!++;
      pending = [];
      if (
        read.firstBook === 0 &&
        document.querySelector("[data-testid=book-bids] tr[data-key]")
      )
        read.firstBook = now;
    };
    let asked = false;
    const onmessage = Object.getOwnPropertyDescriptor(
      WebSocket.prototype,
      "onmessage",
    )!;
    Object.defineProperty(WebSocket.prototype, "onmessage", {
      ...onmessage,
      set(handler: (event: MessageEvent) => void) {
        onmessage.set!.call(this, (event: MessageEvent) => {
          read.messages++;
          pending.push(performance.now());
          handler.call(this as WebSocket, event);
          if (asked) return;
          asked = true;
          requestAnimationFrame(() => {
            asked = false;
            after.port2.postMessage(0);
          });
        });
      },
    });

    const count = (): void => {
      read.frames++;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);

    const observe = (
      type: string,
      take: (entry: PerformanceEntry) => void,
      more: object = {},
    ): void => {
      new PerformanceObserver((list) =>
        list.getEntries().forEach(take),
      ).observe({ type, buffered: true, ...more });
    };
    const keep = (list: number[], value: number): void => {
      list.push(value);
      if (list.length > 1000) list.shift();
    };
    observe("longtask", (entry) => keep(longTasks, entry.duration));
    observe("paint", (entry) => {
      if (entry.name === "first-contentful-paint")
        read.firstPaint = entry.startTime;
    });
    observe(
      "largest-contentful-paint",
      (entry) => (read.largestPaint = entry.startTime),
    );
    observe(
      "event",
      (entry) => {
        if (
          (entry as PerformanceEntry & { interactionId: number }).interactionId
        )
          keep(interactions, entry.duration);
      },
      { durationThreshold: 16 },
    );
    Object.assign(window, {
      probe: {
        read: () => ({ ...read, glass: [...glass], longTasks, interactions }),
        reset: () => {
          glass.fill(0);
          [read.messages, read.frames] = [0, 0];
          longTasks.length = interactions.length = 0;
        },
      },
    });
  }, slots);
}

interface Probe {
  probe: { read(): Readings; reset(): void };
}

export const readings = (page: Page): Promise<Readings> =>
  page.evaluate(() => (window as never as Probe).probe.read());

export const reset = (page: Page): Promise<void> =>
  page.evaluate(() => (window as never as Probe).probe.reset());

/** The time that a share of the messages took at most, in milliseconds. */
export function glassQuantile(glass: readonly number[], share: number): number {
  const all = glass.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  const at = glass.findIndex((count) => (seen += count) >= all * share);
  return (at + 1) / 2;
}
