import { describe, expect, it } from 'vitest';
import { BookStore } from '../../src/state/book';
import { crc32 } from '../../src/state/crc32';
import type { GapFrame, StateFrame, UpdateFrame } from '../src/frames';
import { Topic } from '../src/topic';
import { TradesStore } from '../../src/state/trades';

const state = (seq: number, data: unknown, more: Partial<StateFrame> = {}): StateFrame => ({
  type: 'subscribed',
  channel: 'v4_orderbook',
  id: 'BTC-USD',
  epoch: 'e',
  seq,
  data,
  ...more,
});

const update = (seq: number, data: unknown, more: Partial<UpdateFrame> = {}): UpdateFrame => ({
  type: 'orderbook_update',
  channel: 'v4_orderbook',
  id: 'BTC-USD',
  epoch: 'e',
  seq,
  ts: '2026-01-01T00:00:00.000Z',
  source: 'stream',
  data,
  ...more,
});

const came = '2025-12-31T23:59:58.000Z';
const book = () => new Topic('v4_orderbook', 'BTC-USD', new BookStore());
const bid = (price: string, size: string) => ({ bids: [[price, size]], asks: [] });

describe('a topic', () => {
  it('follows number by number', () => {
    const topic = book();
    expect(topic.takeState(state(4, bid('1', '1')), came)).toBe('ok');
    expect(topic.takeUpdate(update(5, bid('2', '1')))).toBe('ok');
    expect(topic.takeUpdate(update(6, bid('3', '1')))).toBe('ok');
    expect(topic.seq).toBe(6);
    expect(topic.store.bids).toHaveLength(3);
  });

  it('tells when its state came and when its last change', () => {
    const topic = book();
    topic.takeState(state(4, bid('1', '1')), came);
    expect([topic.stateAt, topic.lastAt]).toEqual([came, null]);
    topic.takeUpdate(update(5, bid('2', '1')));
    expect(topic.lastAt).toBe('2026-01-01T00:00:00.000Z');
  });

  it('follows merged frames by the number of the frame before', () => {
    const topic = book();
    topic.takeState(state(4, bid('1', '1')), came);
    expect(topic.takeUpdate(update(9, bid('2', '1'), { prev_seq: 4 }))).toBe('ok');
    expect(topic.takeUpdate(update(12, bid('3', '1'), { prev_seq: 8 }))).toBe('ask-snapshot');
  });

  it('asks for the state once where a frame is missing, and takes nothing until it is there', () => {
    const topic = book();
    topic.takeState(state(4, bid('1', '1')), came);
    expect(topic.takeUpdate(update(6, bid('2', '1')))).toBe('ask-snapshot');
    expect(topic.takeUpdate(update(7, bid('3', '1')))).toBe('ignored');
    expect(topic.store.bids).toEqual([['1', '1']]);
    expect(topic.takeState(state(7, bid('9', '1'), { type: 'snapshot' }), came)).toBe('ok');
    expect(topic.takeUpdate(update(8, bid('8', '1')))).toBe('ok');
    expect(topic.misses).toBe(1);
  });

  it('drops what it has seen, and what comes before any state', () => {
    const topic = book();
    expect(topic.takeUpdate(update(3, bid('1', '1')))).toBe('ignored');
    topic.takeState(state(4, bid('1', '1')), came);
    expect(topic.takeUpdate(update(4, bid('1', '5')))).toBe('ignored');
    expect(topic.store.bids).toEqual([['1', '1']]);
  });

  it('takes an update of another epoch for a miss', () => {
    const topic = book();
    topic.takeState(state(4, bid('1', '1')), came);
    expect(topic.takeUpdate(update(5, bid('1', '5'), { epoch: 'other' }))).toBe('ask-snapshot');
  });

  it('checks the book and asks anew where it differs', () => {
    const topic = book();
    expect(topic.takeState(state(1, bid('1', '1'), { crc: crc32('1:1') }), came)).toBe('ok');
    expect(topic.takeUpdate(update(2, bid('2', '3'), { crc: crc32('2:3:1:1') }))).toBe('ok');
    expect(topic.takeUpdate(update(3, bid('4', '1'), { crc: 1 }))).toBe('ask-snapshot');
  });

  it('keeps its state when it was resumed', () => {
    const topic = book();
    topic.takeState(state(4, bid('1', '1')), came);
    const resumed = { type: 'subscribed', channel: 'v4_orderbook', epoch: 'e', seq: 4, resumed: true } as const;
    expect(topic.takeState(resumed, '2026-01-01T00:00:09.000Z')).toBe('ok');
    expect(topic.stateAt).toBe(came);
    expect(topic.store.bids).toEqual([['1', '1']]);
    expect(topic.takeUpdate(update(5, bid('2', '1')))).toBe('ok');
  });

  it('counts a gap like any event, but not one that is its own alone', () => {
    const topic = new Topic('v4_trades', 'BTC-USD', new TradesStore());
    topic.takeState(state(4, { trades: [] }, { channel: 'v4_trades' }), came);
    const gap: GapFrame = {
      type: 'gap',
      channel: 'v4_trades',
      id: 'BTC-USD',
      data: { from: 'a', to: 'b', reason: 'upstream-closed', recovered: 1, complete: true },
    };
    expect(topic.takeGap(gap)).toBe('ok');
    expect(topic.seq).toBe(4);
    expect(topic.takeGap({ ...gap, epoch: 'e', seq: 5 })).toBe('ok');
    expect(topic.seq).toBe(5);
    expect(topic.gaps).toHaveLength(2);
  });
});
