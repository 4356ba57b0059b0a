import { asList, asObject, type Store } from './store';

export interface Candle extends Record<string, unknown> {
  startedAt: string;
  open: string;
  high: string;
  low: string;
  close: string;
  baseTokenVolume?: string;
  usdVolume?: string;
  trades?: number;
  closed?: boolean;
}

const kept = 2000;

/** One market's candles at one resolution, oldest first, one for each `startedAt`. */
export class CandlesStore implements Store {
  private list: Candle[] = [];

  /** Grows when anything but the newest candles changed, so that a chart knows when to draw all anew. */
  revision = 0;

  get candles(): readonly Candle[] {
    return this.list;
  }

  replace(data: unknown): void {
    this.list = [];
    this.apply(data);
    this.revision++;
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
