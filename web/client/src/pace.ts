import type { Topic } from './topic';

/** 1013: the gateway let go of a client that took its events too slowly. */
export const tooSlow = 1013;
const leastAtFirst = 250;
const leastAtMost = 2_000;
const strainedMost = 500;
const quietAfter = 60_000;
/** What was asked for has an effect before it is called too little. */
const settlesIn = 5_000;
/** Events are never merged, so no pace helps them. */
const eventChannels = new Set(['v4_trades', 'v4_orders', 'v4_transfers']);

/** How often topics are asked to tell: as wanted, and less often for a minute after this client was too slow. */
export class Pace {
  /** In milliseconds; 0 while all is well. */
  least = 0;
  private cancelQuiet: (() => void) | null = null;
  private settling = false;

  constructor(
    private readonly after: (milliseconds: number, what: () => void) => () => void,
    private readonly changed: () => void,
  ) {}

  /** The `conflate_ms` of a topic. */
  of({ channel, conflateMs }: Topic): number {
    return eventChannels.has(channel) ? 0 : Math.max(conflateMs, this.least);
  }

  /** The gateway had to leave frames out: this client does not take all of them. */
  strained(): void {
    if (this.settling) return;
    this.settling = true;
    this.after(settlesIn, () => (this.settling = false));
    this.slowDown(strainedMost);
  }

  slowDown(most = leastAtMost): void {
    const before = this.least;
    this.least = Math.max(before, Math.min(most, Math.max(leastAtFirst, 2 * before)));
    this.cancelQuiet?.();
    this.cancelQuiet = this.after(quietAfter, () => {
      this.least = 0;
      this.changed();
    });
    if (this.least !== before) this.changed();
  }
}
