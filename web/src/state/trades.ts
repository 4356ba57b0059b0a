import { asList, asObject, type Source, type Store } from '@tidegate/client';
import { abs, compare, isDecimal, isZero, multiply, negate, subtract } from '../format/decimal';

export interface Trade extends Record<string, unknown> {
  id: string;
  side?: string;
  size?: string;
  price?: string;
  type?: string;
  createdAt?: string;
  createdAtHeight?: string;
  ticker?: string;
  fee?: string;
  liquidity?: string;
  orderId?: string | null;
  clientMetadata?: string;
  subaccountNumber?: number;
  positionSideBefore?: string | null;
  positionSizeBefore?: string | null;
  entryPriceBefore?: string | null;
  /** How the gateway learned it; absent for what a snapshot held. */
  source?: Source;
  /** When the gateway learned it; absent like the source. */
  learnedAt?: string;
}

const kept = 1000;

/** A market's tape, or an account's fills: each id once, oldest first. */
export class TradesStore implements Store {
  private list: Trade[] = [];
  private ids = new Set<string>();

  get trades(): readonly Trade[] {
    return this.list;
  }

  replace(data: unknown): void {
    this.list = [];
    this.ids.clear();
    for (const row of asList(asObject(data).trades)) this.insert(row as Trade);
  }

  apply(data: unknown, source: Source, learnedAt: string): void {
    for (const row of asList(asObject(data).trades)) this.insert({ ...(row as Trade), source, learnedAt });
  }

  private insert(trade: Trade): void {
    if (typeof trade.id !== 'string' || this.ids.has(trade.id)) return;
    this.ids.add(trade.id);
    // Nearly always the newest; one that a repair found later goes to its own time.
    let at = this.list.length;
    while (at > 0 && later(this.list[at - 1]!, trade)) at--;
    this.list.splice(at, 0, trade);
    if (this.list.length > kept) this.ids.delete(this.list.shift()!.id);
  }
}

/** By time, and within one block by the id, which counts on. */
function later(a: Trade, b: Trade): boolean {
  if (a.createdAt === undefined || b.createdAt === undefined) return false;
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt;
  return eventId.test(a.id) && eventId.test(b.id) && a.id > b.id;
}

/** Height, transaction and event, in hexadecimal. */
const eventId = /^[\da-f]{24}$/;

/** What a fill earned: the fee alone when it opens or adds, else also the move from the entry to its price. */
export function closedPnl(fill: Trade): string | null {
  const { side, size, price, fee, positionSideBefore, positionSizeBefore, entryPriceBefore } = fill;
  if (!isDecimal(size) || !isDecimal(price) || !isDecimal(fee) || positionSizeBefore === undefined) return null;
  const held = isDecimal(positionSizeBefore) ? abs(positionSizeBefore) : '0';
  const closes = !isZero(held) && (positionSideBefore === 'LONG') === (side === 'SELL');
  if (!closes) return negate(fee);
  if (!isDecimal(entryPriceBefore)) return null;
  const move = subtract(price, entryPriceBefore);
  const gain = multiply(compare(size, held) < 0 ? size : held, move);
  return subtract(positionSideBefore === 'LONG' ? gain : negate(gain), fee);
}
