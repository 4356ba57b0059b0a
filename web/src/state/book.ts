import { compare, isDecimal, isZero } from '../format/decimal';
import { crc32 } from './crc32';
import { asObject, type Store } from '@tidegate/client';

export type Level = readonly [price: string, size: string];

/** The checksum covers ten levels a side. */
const checkedLevels = 10;

/** One market's order book: absolute sizes by price, best first. A price has one spelling, so text equality is identity. */
export class BookStore implements Store {
  private bidLevels: Level[] = [];
  private askLevels: Level[] = [];

  get bids(): readonly Level[] {
    return this.bidLevels;
  }

  get asks(): readonly Level[] {
    return this.askLevels;
  }

  replace(data: unknown): void {
    this.bidLevels = [];
    this.askLevels = [];
    this.apply(data);
  }

  apply(data: unknown): void {
    const { bids, asks } = asObject(data);
    for (const [price, size] of levels(bids)) set(this.bidLevels, price, size, -1);
    for (const [price, size] of levels(asks)) set(this.askLevels, price, size, 1);
  }

  checksum(): number {
    const parts: string[] = [];
    for (let i = 0; i < checkedLevels; i++) {
      const bid = this.bidLevels[i];
      const ask = this.askLevels[i];
      if (bid) parts.push(bid[0], bid[1]);
      if (ask) parts.push(ask[0], ask[1]);
    }
    return crc32(parts.join(':'));
  }
}

function* levels(side: unknown): Generator<Level> {
  if (!Array.isArray(side)) return;
  for (const level of side) {
    if (Array.isArray(level) && isDecimal(level[0]) && isDecimal(level[1])) yield [level[0], level[1]];
  }
}

/** `direction` is 1 where the lowest price is best, −1 where the highest is. */
function set(side: Level[], price: string, size: string, direction: 1 | -1): void {
  let low = 0;
  let high = side.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(side[middle]![0], price) * direction < 0) low = middle + 1;
    else high = middle;
  }
  const found = low < side.length && side[low]![0] === price;
  if (isZero(size)) {
    if (found) side.splice(low, 1);
  } else if (found) side[low] = [price, size];
  else side.splice(low, 0, [price, size]);
}
