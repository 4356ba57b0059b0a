/** How long a candle may last. */
export const resolutions = [
  { id: '1MIN', label: '1m', seconds: 60, window: 60 },
  { id: '5MINS', label: '5m', seconds: 300, window: 60 },
  { id: '15MINS', label: '15m', seconds: 900, window: 60 },
  { id: '30MINS', label: '30m', seconds: 1800, window: 60 },
  { id: '1HOUR', label: '1h', seconds: 3600, window: 72 },
  { id: '4HOURS', label: '4h', seconds: 14_400, window: 72 },
  { id: '1DAY', label: '1D', seconds: 86_400, window: 61 },
] as const;

export function secondsOf(resolution: string): number {
  return resolutions.find((one) => one.id === resolution)?.seconds ?? 60;
}
