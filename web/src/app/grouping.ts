/** The multiple of the tick that rows of the book are grouped to; remembered for each market. */
import { signal } from '@preact/signals';
import { groupings } from '../state/ladder';
import { desk } from './desk';
import { kept } from './storage';

const key = (ticker: string): string => `tidegate.grouping.${ticker}`;

export const multiple = signal(1);

desk.market.subscribe((ticker) => {
  if (ticker !== null) multiple.value = Number(kept.get(key(ticker)) ?? '1') || 1;
});

export function groupBy(value: number): void {
  const ticker = desk.market.peek();
  if (ticker === null) return;
  multiple.value = value;
  kept.set(key(ticker), String(value));
}

/** One step coarser or finer, where there is one. */
export function regroup(by: 1 | -1): void {
  const next = groupings[groupings.indexOf(multiple.peek()) + by];
  if (next !== undefined) groupBy(next);
}
