/** A book as it stands on the glass: grouped to a step, cumulated from the touch, with own orders and the known horizon. */
import { add, compare, decimals, fromUnits, isDecimal, multiply, subtract, toUnits, trim } from '../format/decimal';
import type { Level } from './book';
import { isResting, remaining, type Order } from './orders';

export interface Rung {
  price: string;
  size: string;
  /** Sum of the sizes from the touch to here. */
  total: string;
  /** The same in the quote currency. */
  cost: string;
  /** What is left of own orders at this price. */
  own: string | null;
  /** Beyond the price up to which every level is known. */
  uncertain: boolean;
}

export type BookSideName = 'bid' | 'ask';

export interface LadderView {
  step: string;
  rows: number;
  /** The last price of the side that is known whole; null: all of it. */
  knownTo: string | null;
  /** Of the account, in whatever market. */
  orders: readonly Order[];
  ticker: string | null;
}

/** Steps offered for grouping, as multiples of the tick. */
export const groupings = [1, 2, 5, 10, 20, 50, 100, 500, 1000];

/** Asks go up to the step's grid and bids down, so that no group looks better than its best level. */
function onStep(units: bigint, step: bigint, side: BookSideName): bigint {
  const rest = units % step;
  if (rest === 0n) return units;
  return side === 'ask' ? units - rest + step : units - rest;
}

export function ladder(levels: readonly Level[], side: BookSideName, view: LadderView): Rung[] {
  const places = Math.max(decimals(view.step), decimals(levels[0]?.[0] ?? ''), decimals(view.knownTo ?? ''));
  const step = toUnits(view.step, places);
  if (step <= 0n) return [];
  const own = ownSizes(view, side, places, step);
  let sizePlaces = 0;
  const rungs: Rung[] = [];
  let total = 0n;
  let cost = 0n;
  let price: bigint | null = null;
  let size = 0n;
  const known = view.knownTo === null ? null : toUnits(view.knownTo, places);
  const close = (): void => {
    if (price === null) return;
    rungs.push({
      price: trim(fromUnits(price, places)),
      size: trim(fromUnits(size, sizePlaces)),
      total: trim(fromUnits(total, sizePlaces)),
      cost: trim(fromUnits(cost, places + sizePlaces)),
      own: own.get(price) ?? null,
      uncertain: known !== null && (side === 'ask' ? price > known : price < known),
    });
  };
  for (const [levelPrice, levelSize] of levels) {
    const exact = toUnits(levelPrice, places);
    const grouped = onStep(exact, step, side);
    if (grouped !== price) {
      close();
      if (rungs.length === view.rows) return rungs;
      price = grouped;
      size = 0n;
    }
    const finer = decimals(levelSize) - sizePlaces;
    if (finer > 0) {
      const scale = 10n ** BigInt(finer);
      [size, total, cost, sizePlaces] = [size * scale, total * scale, cost * scale, sizePlaces + finer];
    }
    const units = toUnits(levelSize, sizePlaces);
    size += units;
    total += units;
    cost += exact * units;
  }
  close();
  return rungs;
}

function ownSizes(
  { orders, ticker }: LadderView,
  side: BookSideName,
  places: number,
  step: bigint,
): Map<bigint, string> {
  const sizes = new Map<bigint, string>();
  const wanted = side === 'ask' ? 'SELL' : 'BUY';
  for (const order of orders) {
    if (order.ticker !== ticker || order.side !== wanted || !isResting(order)) continue;
    const at = onStep(toUnits(order.price!, places), step, side);
    const before = sizes.get(at);
    const left = remaining(order);
    sizes.set(at, before === undefined ? left : add(before, left));
  }
  return sizes;
}

/** Whether a book breaks the gateway's promise that its best bid lies below its best ask. */
export function isCrossed(bids: readonly Level[], asks: readonly Level[]): boolean {
  const [bid] = bids;
  const [ask] = asks;
  return bid !== undefined && ask !== undefined && compare(bid[0], ask[0]) >= 0;
}

export function stepOf(tick: string, multiple: number): string {
  return trim(multiply(tick, String(multiple)));
}

/** How far a price lies from the middle, as a fraction with its sign. */
export function distance(price: string, middle: string): string | null {
  if (!isDecimal(middle)) return null;
  const away = subtract(price, middle);
  const places = Math.max(decimals(away), decimals(middle));
  const units = toUnits(middle, places);
  if (units === 0n) return null;
  return fromUnits((toUnits(away, places) * 10n ** 8n) / units, 8);
}
