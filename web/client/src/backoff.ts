/** Waits between attempts to reach the gateway, in milliseconds: 0.25, 0.5, 1, 2, 4, then 8 s, each up to a fifth shorter. */
export function reconnectDelay(attempt: number, random: () => number): number {
  const delay = Math.min(8000, 250 * 2 ** Math.min(attempt, 10));
  return Math.round(delay * (1 - 0.2 * random()));
}
