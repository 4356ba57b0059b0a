/**
 * When the page paints. Frames are folded as they come and only mark that something changed; one animation frame then
 * lets each beat go whose time has come. A hidden page gets no animation frames and so paints nothing.
 */
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { looks, paused, reducedMotion, settings } from './settings';

interface Beat {
  readonly count: Signal<number>;
  /** The channels that it follows. */
  readonly of: RegExp;
  /** The least time between two, in milliseconds. */
  readonly least: number;
  /** A person can pause it. */
  readonly pauses: boolean;
  lastAt: number;
  due: boolean;
}

const calm = () => (reducedMotion.matches || settings.rate.value === 'calm' ? 1000 : 0);

function beat(of: RegExp, least: number, pauses = true): Beat {
  return { count: signal(0), of, least, pauses, lastAt: -Infinity, due: true };
}

const all = {
  /** Book and top of the book: each frame of the screen. */
  book: beat(/orderbook|orders|markets/, 33),
  tape: beat(/trades|markets/, 100),
  /** Tables and account. */
  table: beat(/^v4_(?!orderbook|candles)/, 250, false),
  /** The strip of the market's figures, and the depth. */
  market: beat(/orderbook|trades|markets|block/, 250),
  chart: beat(/candles|accounts|orders|trades|markets/, 250),
  /** Ages, counts, the long list of markets: whether something came or not. */
  second: beat(/^$/, 1000, false),
};

/** Reading one inside a component makes it paint with that beat. */
export const beats = Object.fromEntries(Object.entries(all).map(([name, { count }]) => [name, count])) as {
  readonly [name in keyof typeof all]: ReadonlySignal<number>;
};

/** Once a second, seen or not: for the title, which a hidden page still has. Not a clock: browsers slow it down. */
export const tick = signal(0);

const list: readonly Beat[] = Object.values(all);

/** From the moment a frame is asked for until the page has rested from it. */
let asked = false;
/** Painting takes no more than half of the thread's time: on a slow machine the rest is for input and for what comes. */
let resting: ReturnType<typeof setTimeout> | undefined;
let drawing = false;
/** Asks for a frame when the next beat's time has come, where nothing else does before. */
let waking: ReturnType<typeof setTimeout> | undefined;
let wakesAt = Infinity;
/** One frame of a usual screen: what takes less needs no rest. */
const frame = 16;
const longestRest = 1000;
/** Half a frame early is better than half a frame late. */
const early = 8;

/** Something changed. Cheap: it may be said a thousand times a second. */
export function changed(channel?: string): void {
  for (const one of list) one.due ||= channel === undefined || one.of.test(channel);
  ask();
}

function ask(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(paint);
}

/** Until a beat may go, in milliseconds. */
function wait(one: Beat, now: number): number {
  const every = one === all.book && settings.rate.value === 'fast' ? 0 : Math.max(one.least, calm());
  return one.due && !(one.pauses && paused.value) ? one.lastAt + every - now : Infinity;
}

function go(one: Beat, now: number): void {
  one.due = false;
  one.lastAt = now;
  one.count.value++;
}

function paint(): void {
  const now = performance.now();
  let slower: Beat | undefined;
  let first = false;
  for (const one of list) {
    const left = wait(one, now);
    if (left > early) continue;
    const isFirst = one.lastAt === -Infinity;
    if (one === all.book || isFirst) go(one, now);
    // Beside the book the one that waits longest, so that no frame has the work of all and none is kept waiting for good.
    else if (slower === undefined || left < wait(slower, now)) slower = one;
    first ||= isFirst;
  }
  // The chart draws itself a frame after it was told.
  if (drawing) slower = undefined;
  drawing = slower === all.chart;
  if (slower) go(slower, now);
  // The task after this frame: style, layout and paint are in it. What a first paint costs is no habit.
  resting = setTimeout(() => {
    const cost = performance.now() - now;
    if (first || cost <= frame) rested();
    else resting = setTimeout(rested, Math.min(longestRest, cost));
  });
}

function rested(): void {
  resting = undefined;
  asked = false;
  const now = performance.now();
  const soonest = list.reduce((least, one) => Math.min(least, wait(one, now)), Infinity);
  if (soonest <= early) ask();
  else if (now + soonest < wakesAt) {
    clearTimeout(waking);
    wakesAt = now + soonest;
    waking = setTimeout(() => {
      wakesAt = Infinity;
      ask();
    }, soonest - early);
  }
}

export function startBeats(): void {
  setInterval(() => {
    all.second.due = true;
    tick.value++;
    ask();
  }, 1000);
  // Colours and formats concern all of it; at once, and whenever they change.
  looks.subscribe(() => changed());
}

/** The page is seen again, or its machine woke: all that time has made old is painted in the very next frame. */
export function woken(): void {
  tick.value++;
  for (const one of list) one.lastAt = -Infinity;
  if (resting !== undefined) {
    clearTimeout(resting);
    rested();
  }
  changed();
}
