/**
 * When the page paints. Frames are folded as they come and only mark that something changed; one animation frame then
 * lets each beat go whose time has come. A hidden page gets no animation frames and so paints nothing.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { paused, reducedMotion, settings } from './settings';

interface Beat {
  readonly count: ReturnType<typeof signal<number>>;
  every(): number;
  stops(): boolean;
  lastAt: number;
  due: boolean;
}

const calm = () => (reducedMotion.matches || settings.rate.value === 'calm' ? 1000 : 0);

function beat(every: () => number, stops: () => boolean = () => false): Beat {
  return { count: signal(0), every, stops, lastAt: -Infinity, due: true };
}

const all = {
  /** Book and top of the book: each frame of the screen. */
  book: beat(
    () => (settings.rate.value === 'fast' ? 0 : Math.max(33, calm())),
    () => paused.value,
  ),
  tape: beat(
    () => Math.max(100, calm()),
    () => paused.value,
  ),
  /** Strip, tables, account, chart. */
  table: beat(() => Math.max(250, calm())),
  market: beat(
    () => Math.max(250, calm()),
    () => paused.value,
  ),
  /** Ages, counts, the long list of markets: whether something came or not. */
  second: beat(() => 1000),
};

export type BeatName = keyof typeof all;

/** Reading one inside a component makes it paint with that beat. */
export const beats: Record<BeatName, ReadonlySignal<number>> = {
  book: all.book.count as ReadonlySignal<number>,
  tape: all.tape.count as ReadonlySignal<number>,
  table: all.table.count as ReadonlySignal<number>,
  market: all.market.count as ReadonlySignal<number>,
  second: all.second.count as ReadonlySignal<number>,
};

/** Once a second, seen or not: for the title, which a hidden page still has. Not a clock: browsers slow it down. */
export const tick = signal(0);

let asked = false;
/** Until then nothing is painted: after a frame that cost much the rest is for input and for what comes. */
let restUntil = 0;
const longestRest = 1000;

/** Something changed. Cheap: it may be said a thousand times a second. */
export function changed(): void {
  for (const one of Object.values(all)) one.due = true;
  ask();
}

function ask(): void {
  if (asked) return;
  asked = true;
  const rest = restUntil - performance.now();
  if (rest < 8) requestAnimationFrame(paint);
  else setTimeout(() => requestAnimationFrame(paint), rest);
}

function paint(): void {
  asked = false;
  const now = performance.now();
  let soonest = Infinity;
  let slower = false;
  for (const one of Object.values(all)) {
    if (!one.due || one.stops()) continue;
    const left = one.lastAt + one.every() - now;
    // Half a frame early is better than half a frame late.
    if (left > 8) {
      soonest = Math.min(soonest, left);
      continue;
    }
    // Beside the book one beat a frame, so that no frame has the work of all; what never was painted waits for nothing.
    if (one !== all.book && one.lastAt > -Infinity) {
      if (slower) {
        soonest = 0;
        continue;
      }
      slower = true;
    }
    one.due = false;
    one.lastAt = now;
    one.count.value = (one.count.value ?? 0) + 1;
  }
  // The task after this frame: style, layout and paint are in it.
  setTimeout(() => {
    const end = performance.now();
    restUntil = end + Math.min(longestRest, end - now);
  });
  if (soonest === 0) ask();
  else if (soonest < Infinity) setTimeout(ask, soonest - 8);
}

export function startBeats(): void {
  setInterval(() => {
    all.second.due = true;
    tick.value++;
    ask();
  }, 1000);
  changed();
}

/** The page is seen again, or its machine woke: all that time has made old is painted in the very next frame. */
export function woken(): void {
  tick.value++;
  restUntil = 0;
  for (const one of Object.values(all)) one.lastAt = -Infinity;
  changed();
}
