/** Which values of a moving list deserve a flash: those that changed where they stand, unless they change all the time. */

interface Seen {
  value: string;
  /** When it changed last, the newest at the end; as many as may flash in a second. */
  changes: number[];
}

/** A row that changes more often than this flickers instead of telling something. */
const mostASecond = 10;

export class Pulses {
  private seen = new Map<string, Seen>();

  /** Takes what stands on the glass now; returns the keys whose value changed since. Time in milliseconds. */
  take(rows: Iterable<readonly [key: string, value: string]>, now: number): Set<string> {
    const before = this.seen;
    const flashing = new Set<string>();
    this.seen = new Map();
    for (const [key, value] of rows) {
      const known = before.get(key) ?? { value, changes: [] };
      this.seen.set(key, known);
      if (known.value === value) continue;
      known.value = value;
      known.changes.push(now);
      const often = known.changes.length > mostASecond && now - known.changes.shift()! < 1000;
      if (!often) flashing.add(key);
    }
    return flashing;
  }
}
