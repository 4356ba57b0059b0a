import { asList, asObject, type Store } from '@tidegate/client';
import { isDecimal, subtract } from '../format/decimal';

export interface Order extends Record<string, unknown> {
  id: string;
  status?: string;
  ticker?: string;
  side?: string;
  size?: string;
  price?: string;
  type?: string;
  totalFilled?: string;
  updatedAt?: string;
  triggerPrice?: string;
  timeInForce?: string;
  postOnly?: boolean;
  reduceOnly?: boolean;
  goodTilBlock?: string;
  goodTilBlockTime?: string;
  clientMetadata?: string;
  subaccountNumber?: number;
}

const ended = new Set(['FILLED', 'CANCELED', 'ERROR']);

/** Ended orders beyond this many are forgotten, oldest first; the gateway's own snapshot holds 100. */
const keptEnded = 200;

/** An account's orders. Each update carries the whole merged order, so the newest simply takes the old one's place. */
export class OrdersStore implements Store {
  private readonly byId = new Map<string, Order>();
  private sorted: readonly Order[] | null = null;

  /** Those that can still change first, the latest news first in each part. The same list until one changes. */
  get orders(): readonly Order[] {
    if (this.sorted === null) {
      const newestFirst = [...this.byId.values()].reverse();
      this.sorted = [...newestFirst.filter(isOpen), ...newestFirst.filter((order) => !isOpen(order))];
    }
    return this.sorted;
  }

  replace(data: unknown): void {
    this.byId.clear();
    this.apply(data);
  }

  apply(data: unknown): void {
    for (const row of asList(asObject(data).orders)) {
      if (typeof row.id !== 'string') continue;
      this.byId.delete(row.id);
      this.byId.set(row.id, row as Order);
    }
    this.forgetOldest();
    this.sorted = null;
  }

  private forgetOldest(): void {
    let surplus = -keptEnded;
    for (const order of this.byId.values()) if (!isOpen(order)) surplus++;
    for (const order of this.byId.values()) {
      if (surplus <= 0) return;
      if (isOpen(order)) continue;
      this.byId.delete(order.id);
      surplus--;
    }
  }
}

/** Unknown statuses count as open: better shown too long than hidden. */
export function isOpen(order: Order): boolean {
  return !ended.has(order.status ?? '');
}

const resting = new Set(['OPEN', 'BEST_EFFORT_OPENED']);

/** What still lies in the book: a conditional order only once it was triggered, a market order never. */
export function isResting(order: Order): boolean {
  return resting.has(order.status ?? '') && isDecimal(order.price) && isDecimal(order.size);
}

/** What is left of an order to be filled. */
export function remaining(order: Order): string {
  const { size, totalFilled } = order;
  if (!isDecimal(size)) return '0';
  return isDecimal(totalFilled) ? subtract(size, totalFilled) : size;
}
