/** How far each market moved in the last minute. Pure: times come in, in milliseconds. */
import { divide, subtract } from '../format/decimal';

const span = 60_000;
const every = 5_000;

export class Moves {
  private readonly seen = new Map<string, { at: number; price: string }[]>();

  add(ticker: string, price: string, now: number): void {
    const samples = this.seen.get(ticker) ?? [];
    this.seen.set(ticker, samples);
    if (now - (samples.at(-1)?.at ?? -Infinity) >= every) samples.push({ at: now, price });
    // The newest that is a minute old stays: from there it moved.
    while (samples[1] && samples[1].at <= now - span) samples.shift();
  }

  /** As a fraction of the price a minute ago, or of the oldest that is known; null before there is one. */
  share(ticker: string, price: string): string | null {
    const from = this.seen.get(ticker)?.[0];
    return from ? divide(subtract(price, from.price), from.price, 6) : null;
  }
}
