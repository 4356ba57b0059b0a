/**
 * What the answers to pings tell: how far the gateway is away, and how its clock stands to ours.
 * Each answer gives one estimate, half a round trip uncertain; the one of the shortest recent round trip is kept.
 */
const kept = 5;

export class GatewayClock {
  /** Gateway's clock minus ours, in milliseconds. */
  offset = 0;

  private readonly samples: { trip: number; offset: number }[] = [];

  /** Median of the last round trips in milliseconds; null before the first. */
  get roundTrip(): number | null {
    if (this.samples.length === 0) return null;
    const trips = this.samples.map((sample) => sample.trip).sort((a, b) => a - b);
    return trips[trips.length >> 1]!;
  }

  /** A first word without a question, such as `connected`: good until an answer is here. */
  greeted(serverTime: string, now: number): void {
    const time = Date.parse(serverTime);
    this.samples.length = 0;
    if (!Number.isNaN(time)) this.offset = time - now;
  }

  answered(asked: number, serverTime: unknown, now: number): void {
    const time = typeof serverTime === 'string' ? Date.parse(serverTime) : NaN;
    if (Number.isNaN(time) || now < asked) return;
    const trip = now - asked;
    this.samples.push({ trip, offset: time - (asked + trip / 2) });
    if (this.samples.length > kept) this.samples.shift();
    this.offset = this.samples.reduce((best, sample) => (sample.trip < best.trip ? sample : best)).offset;
  }
}
