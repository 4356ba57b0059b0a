import type { Topic } from './topic';

/** 1013: the gateway let go of a client that took its events too slowly. */
export const tooSlow = 1013;
const leastAtFirst = 250;
const leastAtMost = 2_000;
const quietAfter = 60_000;
/** Events are never merged, so no pace helps them. */
const eventChannels = new Set(['v4_trades', 'v4_orders', 'v4_transfers']);

/** How often topics are asked to tell: as wanted, and less often for a minute after this client was too slow. */
export class Pace {
  /** In milliseconds; 0 while all is well. */
  least = 0;
  private cancelQuiet: (() => void) | null = null;

  constructor(
    private readonly after: (milliseconds: number, what: () => void) => () => void,
    private readonly changed: () => void,
  ) {}

  /** The `conflate_ms` of a topic. */
  of({ channel, conflateMs }: Topic): number {
    return eventChannels.has(channel) ? 0 : Math.max(conflateMs, this.least);
  }

  slowDown(): void {
    this.least = Math.min(leastAtMost, Math.max(leastAtFirst, 2 * this.least));
    this.cancelQuiet?.();
    this.cancelQuiet = this.after(quietAfter, () => {
      this.least = 0;
      this.changed();
    });
    this.changed();
  }
}
