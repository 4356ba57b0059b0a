import { describe, expect, it } from 'vitest';
import { AccountStore } from '../src/state/account';
import { BookStore } from '../src/state/book';
import { CandlesStore } from '../src/state/candles';
import { crc32 } from '../src/state/crc32';
import { compare } from '../src/format/decimal';
import { BlockStore, MarketsStore } from '../src/state/markets';
import { isOpen, OrdersStore } from '../src/state/orders';
import { TradesStore } from '../src/state/trades';
import { barOf } from '../src/state/bars';

describe('the checksum', () => {
  it('is CRC-32 as everyone computes it', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect(crc32('')).toBe(0);
  });
});

describe('a book', () => {
  it('keeps both sides best first, replaces sizes, and removes at zero', () => {
    const book = new BookStore();
    book.replace({
      bids: [
        ['9', '1'],
        ['10', '2'],
      ],
      asks: [
        ['11.5', '3'],
        ['11', '1'],
      ],
    });
    book.apply({
      bids: [
        ['9.5', '4'],
        ['10', '0'],
      ],
      asks: [['11', '7.50']],
    });
    expect(book.bids).toEqual([
      ['9.5', '4'],
      ['9', '1'],
    ]);
    expect(book.asks).toEqual([
      ['11', '7.50'],
      ['11.5', '3'],
    ]);
  });

  it('takes the removal of a level it does not hold, and zero in any spelling', () => {
    const book = new BookStore();
    book.replace({ bids: [['1', '2']], asks: [] });
    book.apply({ bids: [['5', '0']], asks: [] });
    book.apply({ bids: [['1', '0.000']], asks: [] });
    expect(book.bids).toEqual([]);
  });

  it('checks ten levels a side in turn, in the digits that were sent', () => {
    const book = new BookStore();
    book.replace({
      bids: [
        ['100', '1.50'],
        ['99', '2'],
      ],
      asks: [['101', '0.10']],
    });
    expect(book.checksum()).toBe(crc32('100:1.50:101:0.10:99:2'));
    const deep = Array.from({ length: 12 }, (_, i): [string, string] => [String(50 - i), '1']);
    book.replace({ bids: deep, asks: [] });
    expect(book.checksum()).toBe(
      crc32(
        deep
          .slice(0, 10)
          .map((level) => level.join(':'))
          .join(':'),
      ),
    );
    book.replace({ bids: [], asks: [] });
    expect(book.checksum()).toBe(0);
  });

  it('stays ordered through any sequence of changes', () => {
    const book = new BookStore();
    const truth = new Map<string, string>();
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    for (let i = 0; i < 5000; i++) {
      const price = `0.000${String(next(60)).padStart(2, '0')}1`;
      const size = next(3) === 0 ? '0' : `${next(9) + 1}.0`;
      book.apply({ bids: [[price, size]], asks: [] });
      if (size === '0') truth.delete(price);
      else truth.set(price, size);
    }
    expect(book.bids).toEqual([...truth].sort(([a], [b]) => compare(b, a)));
  });

  it('leaves out what is no level', () => {
    const book = new BookStore();
    book.replace({ bids: [['1'], null, ['x', '1'], ['1', 'NaN'], ['2', '1']], asks: 'none' });
    expect(book.bids).toEqual([['2', '1']]);
    expect(book.asks).toEqual([]);
  });
});

describe('orders', () => {
  it('take the whole newest record of an id', () => {
    const store = new OrdersStore();
    store.replace({ orders: [{ id: 'a', status: 'OPEN', removalReason: 'old' }] });
    store.apply({ orders: [{ id: 'a', status: 'FILLED' }] });
    expect(store.orders).toEqual([{ id: 'a', status: 'FILLED' }]);
  });

  it('show those that can still change first, an unknown status among them', () => {
    const store = new OrdersStore();
    store.replace({
      orders: [
        { id: 'a', status: 'FILLED' },
        { id: 'b', status: 'OPEN' },
        { id: 'c', status: 'SOMETHING_NEW' },
      ],
    });
    expect(store.orders.map((order) => order.id)).toEqual(['c', 'b', 'a']);
  });

  it('forget the oldest ended ones, never an open one', () => {
    const store = new OrdersStore();
    store.apply({ orders: [{ id: 'open', status: 'BEST_EFFORT_CANCELED' }] });
    for (let i = 0; i < 500; i++) store.apply({ orders: [{ id: `e${i}`, status: 'CANCELED' }] });
    expect(store.orders.filter((order) => !isOpen(order))).toHaveLength(200);
    expect(store.orders[0]!.id).toBe('open');
    expect(store.orders[1]!.id).toBe('e499');
  });
});

describe('trades', () => {
  const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;

  it('come once, whatever is repeated', () => {
    const store = new TradesStore();
    store.replace({ trades: [{ id: '1', createdAt: at(1) }] });
    const twice = { trades: [{ id: '1' }, { id: '2', createdAt: at(2) }] };
    store.apply(twice, 'stream', at(3));
    store.apply(twice, 'backfill', at(4));
    expect(store.trades.map((trade) => trade.id)).toEqual(['1', '2']);
  });

  it('found late go to their own time and say how they were found', () => {
    const store = new TradesStore();
    store.replace({
      trades: [
        { id: '1', createdAt: at(1) },
        { id: '3', createdAt: at(3) },
      ],
    });
    store.apply({ trades: [{ id: '2', createdAt: at(2) }] }, 'repair', at(9));
    expect(store.trades.map((trade) => trade.id)).toEqual(['1', '2', '3']);
    expect(store.trades[1]).toMatchObject({ source: 'repair', learnedAt: at(9) });
  });

  it("of one block stand in the order of their ids, where those are the chain's", () => {
    const store = new TradesStore();
    const id = (event: number) => `01c9c38000000002${event.toString(16).padStart(8, '0')}`;
    for (const event of [3, 12, 5]) store.apply({ trades: [{ id: id(event), createdAt: at(1) }] }, 'stream', at(2));
    for (const other of ['b', 'a']) store.apply({ trades: [{ id: other, createdAt: at(3) }] }, 'stream', at(4));
    expect(store.trades.map((trade) => trade.id)).toEqual([id(3), id(5), id(12), 'b', 'a']);
  });

  it('keep the newest thousand', () => {
    const store = new TradesStore();
    store.replace({ trades: Array.from({ length: 1000 }, (_, i) => ({ id: `t${i}` })) });
    store.apply({ trades: [{ id: 'new' }] }, 'stream', at(1));
    expect(store.trades).toHaveLength(1000);
    expect(store.trades[0]!.id).toBe('t1');
    expect(store.trades.at(-1)!.id).toBe('new');
  });
});

describe('candles', () => {
  const candle = (minute: number, close: string) => ({ startedAt: `2026-01-01T00:0${minute}:00.000Z`, close });

  it('are one for each start, the last word counting', () => {
    const store = new CandlesStore();
    store.replace({ candles: [candle(1, '1'), candle(2, '2')] });
    const revision = store.revision;
    store.apply({ candles: [candle(2, '2.5')] });
    store.apply({ candles: [candle(3, '3')] });
    expect(store.candles.map((one) => one.close)).toEqual(['1', '2.5', '3']);
    expect(store.revision).toBe(revision);
  });

  it('of a snapshot go on where the history before it ended', () => {
    // cases.md 50: an interval began between the two answers
    const store = new CandlesStore();
    store.replace({ candles: [candle(3, '3'), candle(2, '2')] });
    store.apply({ candles: [candle(5, '5'), candle(4, '4')] });
    expect(store.candles.map((one) => one.close)).toEqual(['2', '3', '4', '5']);
  });

  it('with at most one trade are drawn from the middles of the book, and still reach that trade', () => {
    // cases.md 52: one trade at 9 under middles of 10 and 10.1
    const traded = { startedAt: '2026-01-01T00:01:00.000Z', open: '9', high: '9', low: '9', close: '9', trades: 1 };
    const raw = { ...traded, orderbookMidPriceOpen: '10', orderbookMidPriceClose: '10.1' };
    const store = new CandlesStore();
    store.apply({ candles: [raw] });
    expect(store.candles).toEqual([raw]);
    expect(barOf(store.candles[0]!)).toMatchObject({ open: '10', high: '10.1', low: '9', close: '10.1' });
  });

  it('say when an old one was corrected, so that a chart draws anew', () => {
    const store = new CandlesStore();
    store.replace({ candles: [candle(1, '1'), candle(3, '3')] });
    const revision = store.revision;
    store.apply({ candles: [candle(1, '1.1'), candle(2, '2')] });
    expect(store.candles.map((one) => one.close)).toEqual(['1.1', '2', '3']);
    expect(store.revision).toBeGreaterThan(revision);
  });
});

describe('an account', () => {
  it('is the newest whole value, with nothing of the one before', () => {
    const store = new AccountStore();
    store.replace({ subaccount: { equity: '1', openPerpetualPositions: { 'BTC-USD': { market: 'BTC-USD' } } } });
    expect(store.positions).toHaveLength(1);
    store.apply({ subaccount: { equity: '0', leverage: null } });
    expect(store.account).toEqual({ equity: '0', leverage: null });
    expect(store.positions).toEqual([]);
  });
});

describe('markets', () => {
  it('merge the changed fields of a ticker', () => {
    const store = new MarketsStore();
    store.replace({ markets: { 'BTC-USD': { oraclePrice: '1', tickSize: '0.1' } } });
    store.apply({ markets: { 'BTC-USD': { oraclePrice: '2' }, 'NEW,x_v3,0xa-USD': { status: 'INITIALIZING' } } });
    expect(store.get('BTC-USD')).toEqual({ oraclePrice: '2', tickSize: '0.1' });
    expect(store.tickers).toContain('NEW,x_v3,0xa-USD');
  });

  it('block heights come as text or number', () => {
    const store = new BlockStore();
    store.replace({ height: 12, time: '2026-01-01T00:00:00Z' });
    expect(store.height).toBe('12');
    store.apply({ height: '13', time: '2026-01-01T00:00:01Z' });
    expect(store.height).toBe('13');
  });
});
