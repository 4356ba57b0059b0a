/** Which values of a moving list deserve a flash: those that changed where they stand, unless they change all the time. */

interface Seen {
  value: string;
  litUntil: number;
  /** When it changed last, the newest at the end; as many as may flash in a second. */
  changes: number[];
}

/** A row that changes more often than this flickers instead of telling something. */
const mostASecond = 10;
/** How long a flash stands, in milliseconds. */
export const flash = 300;

export class Pulses {
  private seen = new Map<string, Seen>();

  /** Takes what stands on the glass now; returns the keys whose value changed a moment ago. Time in milliseconds. */
  take(rows: Iterable<readonly [key: string, value: string]>, now: number): Set<string> {
    const before = this.seen;
    const flashing = new Set<string>();
    this.seen = new Map();
    for (const [key, value] of rows) {
      const known = before.get(key) ?? { value, litUntil: 0, changes: [] };
      this.seen.set(key, known);
      if (known.value !== value) {
        known.value = value;
        known.changes.push(now);
        const often = known.changes.length > mostASecond && now - known.changes.shift()! < 1000;
        known.litUntil = often ? 0 : now + flash;
      }
      if (now < known.litUntil) flashing.add(key);
    }
    return flashing;
  }
}
