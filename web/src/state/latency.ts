/** How long changes take from the gateway's knowledge to the glass: a median for each five seconds of the last five minutes. */
const span = 5_000;
const kept = 60;

export class Latency {
  /** Medians in milliseconds, the newest last. */
  readonly medians: number[] = [];
  private samples: number[] = [];
  private since: number | null = null;

  get newest(): number | null {
    return this.medians.at(-1) ?? null;
  }

  add(milliseconds: number, now: number): void {
    this.since ??= now;
    this.samples.push(milliseconds);
    if (now - this.since < span) return;
    this.samples.sort((a, b) => a - b);
    this.medians.push(this.samples[this.samples.length >> 1]!);
    if (this.medians.length > kept) this.medians.shift();
    this.samples = [];
    this.since = now;
  }
}
