import { describe, expect, it } from 'vitest';
import { distance, isCrossed, ladder, stepOf, type LadderView } from '../src/state/ladder';
import type { Order } from '../src/state/orders';

const view = (more: Partial<LadderView> = {}): LadderView => ({
  step: '1',
  rows: 10,
  knownTo: null,
  orders: [],
  ticker: 'BTC-USD',
  ...more,
});
const bids = [
  ['100', '1'],
  ['99', '2.5'],
  ['95', '0.25'],
] as const;
const asks = [
  ['101', '1'],
  ['104', '2'],
  ['111', '3'],
] as const;

describe('a ladder', () => {
  it('cumulates sizes and costs from the touch, exactly', () => {
    expect(ladder(bids, 'bid', view()).map(({ price, total, cost }) => [price, total, cost])).toEqual([
      ['100', '1', '100'],
      ['99', '3.5', '347.5'],
      ['95', '3.75', '371.25'],
    ]);
  });

  it('rounds asks up and bids down to the step, and keeps the sum', () => {
    expect(ladder(asks, 'ask', view({ step: '10' })).map(({ price, size }) => [price, size])).toEqual([
      ['110', '3'],
      ['120', '3'],
    ]);
    expect(ladder(bids, 'bid', view({ step: '10' })).map(({ price, total }) => [price, total])).toEqual([
      ['100', '1'],
      ['90', '3.75'],
    ]);
  });

  it('stops after the rows that there is room for, with whole groups', () => {
    const rungs = ladder(asks, 'ask', view({ step: '10', rows: 1 }));
    expect(rungs.map(({ price, total }) => [price, total])).toEqual([['110', '3']]);
  });

  it('keeps every digit of a tiny tick', () => {
    const tiny = [['0.0000100071123', '500927.130846']] as const;
    expect(ladder(tiny, 'bid', view({ step: '0.0000000000001' }))[0]).toMatchObject({
      price: '0.0000100071123',
      size: '500927.130846',
    });
  });

  it('marks what is left of own resting orders, and none that waits for its trigger', () => {
    const order = (more: Partial<Order>): Order => ({
      id: 'o',
      ticker: 'BTC-USD',
      side: 'BUY',
      price: '99',
      size: '2',
      totalFilled: '0.5',
      status: 'OPEN',
      ...more,
    });
    const own = (orders: Order[]) => ladder(bids, 'bid', view({ orders })).map((rung) => rung.own);
    expect(own([order({})])).toEqual([null, '1.5', null]);
    expect(own([order({ status: 'UNTRIGGERED' })])).toEqual([null, null, null]);
    expect(own([order({ side: 'SELL' })])).toEqual([null, null, null]);
    expect(own([order({ ticker: 'ETH-USD' })])).toEqual([null, null, null]);
    expect(own([order({}), order({ id: 'p', totalFilled: '0' })])).toEqual([null, '3.5', null]);
  });

  it('calls rows beyond the known price uncertain, the last known one not', () => {
    expect(ladder(bids, 'bid', view({ knownTo: '99' })).map((rung) => rung.uncertain)).toEqual([false, false, true]);
    expect(ladder(asks, 'ask', view({ knownTo: '104' })).map((rung) => rung.uncertain)).toEqual([false, false, true]);
  });

  it('is crossed where the best bid reaches the best ask', () => {
    expect(isCrossed(bids, asks)).toBe(false);
    expect(isCrossed([['101', '1']], asks)).toBe(true);
    expect(isCrossed([], asks)).toBe(false);
  });

  it('measures from the middle, and offers multiples of the tick', () => {
    expect(distance('101', '100')).toBe('0.01000000');
    expect(distance('99', '100')).toBe('-0.01000000');
    expect(stepOf('0.10', 5)).toBe('0.5');
    expect(stepOf('10', 100)).toBe('1000');
  });
});
