/**
 * Milliseconds that never run back: the browser's steady clock, pushed forward where the wall clock shows that the
 * machine slept, for the steady one may stand still meanwhile. A wall clock that is merely wrong does not matter.
 */
const sleepFrom = 10_000;

export class SteadyClock {
  private readonly origin: number;
  private slept = 0;

  constructor(
    private readonly steady: () => number,
    private readonly wall: () => number,
    private readonly woke: (milliseconds: number) => void,
  ) {
    this.origin = wall() - steady();
  }

  now(): number {
    return this.origin + this.steady() + this.slept;
  }

  /** To be asked once a second and when the page is shown: tells a sleep of the machine. */
  check(): void {
    const missing = this.wall() - this.now();
    if (missing < sleepFrom) return;
    this.slept += missing;
    this.woke(missing);
  }
}
