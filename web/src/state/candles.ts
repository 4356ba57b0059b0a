import { asList, asObject, type Store } from '@tidegate/client';

export interface Candle extends Record<string, unknown> {
  startedAt: string;
  open: string;
  high: string;
  low: string;
  close: string;
  baseTokenVolume?: string;
  usdVolume?: string;
  trades?: number;
  orderbookMidPriceOpen?: string | null;
  orderbookMidPriceClose?: string | null;
  closed?: boolean;
}

const kept = 5000;

/** One market's candles at one resolution, oldest first, one for each `startedAt`. */
export class CandlesStore implements Store {
  private list: Candle[] = [];

  /** Grows when anything but the newest candles changed, so that a chart knows when to draw all anew. */
  revision = 0;

  get candles(): readonly Candle[] {
    return this.list;
  }

  /** A snapshot holds the newest; older ones that were fetched before stay where they join without a hole. */
  replace(data: unknown): void {
    const before = this.list;
    this.list = [];
    this.apply(data);
    const first = this.list[0]?.startedAt;
    const joins = first !== undefined && before.some((candle) => candle.startedAt === first);
    if (joins) this.list = [...before.filter((candle) => candle.startedAt < first), ...this.list];
    this.revision++;
  }

  /** Puts older candles before those that are held; returns how many were new. */
  prepend(data: unknown): number {
    const first = this.list[0]?.startedAt;
    const older = asList(asObject(data).candles)
      .filter((row) => typeof row.startedAt === 'string' && (first === undefined || row.startedAt < first))
      .sort((a, b) => (String(a.startedAt) < String(b.startedAt) ? -1 : 1)) as Candle[];
    const room = Math.max(0, kept - this.list.length);
    const taken = older.slice(-room || older.length);
    if (room === 0 || taken.length === 0) return 0;
    this.list = [...taken, ...this.list];
    this.revision++;
    return taken.length;
  }

  apply(data: unknown): void {
    for (const row of asList(asObject(data).candles)) {
      if (typeof row.startedAt !== 'string') continue;
      this.put(row as Candle);
    }
    if (this.list.length > kept) this.list.splice(0, this.list.length - kept);
  }

  private put(candle: Candle): void {
    let at = this.list.length;
    while (at > 0 && this.list[at - 1]!.startedAt > candle.startedAt) at--;
    // A roll brings the closed candle and the new one in turn; anything older is a correction.
    if (this.list.length - at > 0) this.revision++;
    if (at > 0 && this.list[at - 1]!.startedAt === candle.startedAt) this.list[at - 1] = candle;
    else this.list.splice(at, 0, candle);
  }
}
