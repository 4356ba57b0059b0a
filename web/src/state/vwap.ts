/** The average price of a session, weighted by volume: from midnight UTC to each bar. Exact, and only as far as the day is known. */
import { add, divide } from '../format/decimal';
import type { Bar } from './bars';

const day = 86_400;
const dayOf = (bar: Bar): number => Math.floor(bar.time / day);

interface Sum {
  cost: string;
  size: string;
}

export class SessionVwap {
  /** One for each bar; null where the session's beginning is not held, or nothing was traded yet. */
  readonly values: (string | null)[] = [];
  private readonly sums: (Sum | null)[] = [];

  /** Takes the bars anew from the first, or where they only went on, from the newest that is known. */
  take(bars: readonly Bar[], revised: boolean, places: number): void {
    const from = revised ? 0 : Math.max(0, this.values.length - 1);
    this.values.length = this.sums.length = from;
    for (let at = from; at < bars.length; at++) {
      const bar = bars[at]!;
      const before = bars[at - 1];
      const begins = before === undefined ? bar.time % day === 0 : dayOf(before) !== dayOf(bar);
      const sum = begins ? { cost: '0', size: '0' } : (this.sums[at - 1] ?? null);
      const next = sum && { cost: add(sum.cost, bar.usdVolume), size: add(sum.size, bar.volume) };
      this.sums.push(next);
      this.values.push(next && divide(next.cost, next.size, places));
    }
  }
}
