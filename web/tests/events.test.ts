import { beforeAll, describe, expect, it } from 'vitest';
import { Topic, type FeedStatus, type News } from '@tidegate/client';
import { useZone } from '../src/format/time';
import { EventLog } from '../src/state/log';
import { NoticeDesk } from '../src/state/notices';
import { TradesStore } from '../src/state/trades';

const fills = new Topic('v4_trades', 'dydx1a/parent/0', new TradesStore());
const orders = new Topic('v4_orders', 'dydx1a/parent/0', new TradesStore());

const frame = (source: 'stream' | 'backfill', data: unknown) => ({
  type: 'trade_update',
  channel: 'v4_trades',
  epoch: 'e',
  seq: 1,
  ts: '2026-01-01T00:00:00.000Z',
  source,
  data,
});
const filled = (source: 'stream' | 'backfill', ...trades: object[]): News => ({
  kind: 'update',
  topic: fills,
  frame: frame(source, { trades }),
});
const fill = (id: string, more: object = {}) => ({
  id,
  orderId: 'o1',
  side: 'BUY',
  size: '0.2',
  price: '100',
  ticker: 'BTC-USD',
  createdAt: '2026-01-01T00:00:01.000Z',
  ...more,
});

beforeAll(() => useZone('UTC'));

describe('notices', () => {
  it('tell the fills of one order and frame as one, at their exact average', () => {
    const notices = new NoticeDesk().take(filled('stream', fill('1'), fill('2', { size: '0.1', price: '103' })));
    expect(notices).toEqual([
      { key: '1', title: 'Bought 0.3 BTC-USD', text: 'at 101.0 on average, 2 fills', tone: 'up' },
    ]);
  });

  it('call a liquidation by its name', () => {
    expect(new NoticeDesk().take(filled('stream', fill('1', { type: 'LIQUIDATED' })))[0]!.title).toContain(
      'Liquidated',
    );
  });

  it('tell what a backfill brought as one summary, once', () => {
    const desk = new NoticeDesk();
    expect(desk.take(filled('backfill', fill('1'), fill('2', { createdAt: '2026-01-01T00:00:09.000Z' })))).toEqual([]);
    desk.take(filled('backfill', fill('3', { createdAt: '2026-01-01T00:00:05.000Z' })));
    expect(desk.summary()).toMatchObject({ title: '3 fills recovered', text: '00:00:01 to 00:00:09' });
    expect(desk.summary()).toBeNull();
  });

  it('tell the end of an order once, with its reason, and leave out what it never told', () => {
    const desk = new NoticeDesk();
    const canceled = { id: 'o', status: 'CANCELED', ticker: 'BTC-USD', removalReason: 'ORDER_REMOVAL_REASON_EXPIRED' };
    const news: News = { kind: 'update', topic: orders, frame: frame('stream', { orders: [canceled] }) };
    expect(desk.take(news)).toMatchObject([{ title: 'Order canceled', text: 'BTC-USD · expired' }]);
    expect(desk.take(news)).toEqual([]);
  });

  it('are silent about other people', () => {
    const tape = new Topic('v4_trades', 'BTC-USD', new TradesStore());
    expect(new NoticeDesk().take({ ...filled('stream', fill('1')), topic: tape } as News)).toEqual([]);
  });
});

describe('the log', () => {
  const status = (mode: FeedStatus['mode'], since = '2026-01-01T00:00:00Z'): FeedStatus => ({
    mode,
    since,
    complete: true,
  });
  const now = Date.parse('2026-01-01T00:00:07Z');

  it('tells a change of mode with how long the one before lasted, and no repetition', () => {
    const log = new EventLog();
    log.tell({ kind: 'status', topic: fills, before: null, status: status('reconnecting') }, now);
    log.tell({ kind: 'status', topic: fills, before: status('reconnecting'), status: status('reconnecting') }, now);
    log.tell({ kind: 'status', topic: fills, before: status('reconnecting'), status: status('streaming') }, now);
    expect(log.lines.map((line) => line.text)).toEqual(['streaming after 7 s of reconnecting', 'reconnecting']);
    expect(log.lines[0]!.topic).toBe('fills');
  });

  it('counts repairs and what was recovered', () => {
    const log = new EventLog();
    log.tell({ kind: 'update', topic: fills, frame: { ...frame('stream', {}), source: 'repair' } }, now);
    const gap = { from: '2026-01-01T00:00:01Z', to: '2026-01-01T00:00:05Z', reason: 'x', recovered: 9, complete: true };
    log.tell({ kind: 'gap', topic: fills, gap }, now);
    expect([log.repairs, log.recovered]).toEqual([1, 9]);
    expect(log.lines[0]!.text).toBe('9 events of 00:00:01 to 00:00:05 UTC were recovered.');
  });

  it('keeps the newest two hundred', () => {
    const log = new EventLog();
    for (let i = 0; i < 250; i++) log.add(now, 'notice', '', '', `line ${i}`);
    expect(log.lines).toHaveLength(200);
    expect(log.lines[0]!.text).toBe('line 249');
  });
});

describe('repairs', () => {
  const repair = (channel: string, id: string): News => ({
    kind: 'update',
    topic: new Topic(channel, id, new TradesStore()),
    frame: { ...frame('stream', {}), source: 'repair' },
  });

  it('are told together, and not again within a minute', () => {
    const desk = new NoticeDesk();
    expect(desk.repaired(0)).toBeNull();
    desk.take(repair('v4_orderbook', 'BTC-USD'));
    desk.take(repair('v4_orderbook', 'BTC-USD'));
    desk.take(repair('v4_orders', 'dydx1a/0'));
    expect(desk.repaired(1_000)).toMatchObject({ title: '3 differences were repaired', text: 'book BTC-USD, orders' });
    desk.take(repair('v4_orders', 'dydx1a/0'));
    expect(desk.repaired(60_000)).toBeNull();
    expect(desk.repaired(61_000)).toMatchObject({ title: 'A difference was repaired', text: 'orders' });
  });
});
