/** What deserves a word while it happens: own fills, ends of orders; and what backfills and repairs brought, as one summary each. */
import type { News } from '@tidegate/client';
import { asList, asObject } from '@tidegate/client';
import { add, divide, isDecimal, multiply } from '../format/decimal';
import { plain } from '../format/number';
import { nameOf } from './log';
import { timeOfDay } from '../format/time';
import { orderType, tradeTags } from '../format/words';

export interface Notice {
  key: string;
  title: string;
  text: string;
  tone: 'up' | 'down' | 'warn' | '';
}

interface Summary {
  fills: number;
  from: string;
  to: string;
}

/** Repairs are told together, and no sooner after the last time. */
const repairsEvery = 60_000;

export class NoticeDesk {
  private repairs: string[] = [];
  private repairsTold = -Infinity;
  private recovered: Summary | null = null;
  private readonly told = new Map<string, string>();

  /** News of an own topic, as notices: fills of one order and frame are one. */
  take(news: News): Notice[] {
    if (news.kind === 'update' && news.frame.source === 'repair') this.repairs.push(nameOf(news.topic));
    if (news.kind !== 'update' || !news.topic.id?.startsWith('dydx1')) return [];
    const { frame, topic } = news;
    if (topic.channel === 'v4_trades')
      return this.fills(asList(asObject(frame.data).trades), frame.source !== 'stream');
    if (topic.channel === 'v4_orders' && frame.source === 'stream')
      return this.ends(asList(asObject(frame.data).orders));
    return [];
  }

  /** What was repaired since it was told last: how often, and where. Time in milliseconds. */
  repaired(now: number): Notice | null {
    const count = this.repairs.length;
    if (count === 0 || now - this.repairsTold < repairsEvery) return null;
    const places = [...new Set(this.repairs)];
    const more = places.length > 3 ? ` and ${places.length - 3} more` : '';
    this.repairs = [];
    this.repairsTold = now;
    return {
      key: `repaired ${now}`,
      title: count === 1 ? 'A difference was repaired' : `${count} differences were repaired`,
      text: places.slice(0, 3).join(', ') + more,
      tone: 'warn',
    };
  }

  /** The summary of what a backfill brought, once it has gone quiet. */
  summary(): Notice | null {
    const sum = this.recovered;
    this.recovered = null;
    if (!sum) return null;
    return {
      key: `recovered ${sum.from}`,
      title: `${sum.fills} ${sum.fills === 1 ? 'fill' : 'fills'} recovered`,
      text: `${timeOfDay(sum.from)} to ${timeOfDay(sum.to)}`,
      tone: 'warn',
    };
  }

  private fills(rows: Record<string, unknown>[], late: boolean): Notice[] {
    if (late) {
      for (const row of rows) this.recover(String(row.createdAt ?? ''));
      return [];
    }
    const byOrder = new Map<string, Record<string, unknown>[]>();
    for (const row of rows) {
      const key = String(row.orderId ?? row.id);
      byOrder.set(key, [...(byOrder.get(key) ?? []), row]);
    }
    return [...byOrder.values()].map(fillNotice);
  }

  private recover(at: string): void {
    const sum = this.recovered;
    if (!sum) this.recovered = { fills: 1, from: at, to: at };
    else {
      sum.fills++;
      if (at < sum.from) sum.from = at;
      if (at > sum.to) sum.to = at;
    }
  }

  private ends(rows: Record<string, unknown>[]): Notice[] {
    const notices: Notice[] = [];
    for (const row of rows) {
      const id = String(row.id);
      const status = String(row.status ?? '');
      if (this.told.get(id) === status) continue;
      this.told.delete(id);
      this.told.set(id, status);
      if (this.told.size > 500) this.told.delete(this.told.keys().next().value!);
      // A filled order has told itself by its fills.
      if (status !== 'CANCELED' && status !== 'ERROR') continue;
      const reason = typeof row.removalReason === 'string' ? ` · ${removalWords(row.removalReason)}` : '';
      notices.push({
        key: `${id} ${status}`,
        title: status === 'ERROR' ? 'Order failed' : 'Order canceled',
        text: orderWords(row) + reason,
        tone: '',
      });
    }
    return notices;
  }
}

function fillNotice(rows: Record<string, unknown>[]): Notice {
  const first = rows[0]!;
  let size = '0';
  let cost = '0';
  for (const row of rows) {
    if (!isDecimal(row.size) || !isDecimal(row.price)) continue;
    size = add(size, row.size);
    cost = add(cost, multiply(row.size, row.price));
  }
  const places = isDecimal(first.price) ? (first.price.split('.')[1]?.length ?? 0) + 1 : 0;
  const average = rows.length === 1 && isDecimal(first.price) ? first.price : (divide(cost, size, places) ?? '0');
  const tag = tradeTags[String(first.type)];
  const verb = tag === 'LIQ' ? 'Liquidated' : tag === 'ADL' ? 'Deleveraged' : first.side === 'BUY' ? 'Bought' : 'Sold';
  return {
    key: String(first.id),
    title: `${verb} ${plain(size)} ${String(first.ticker ?? first.market ?? '')}`,
    text: `at ${plain(average)}${rows.length > 1 ? ` on average, ${rows.length} fills` : ''}`,
    tone: first.side === 'BUY' ? 'up' : 'down',
  };
}

/** "Sell 0.1 BTC-USD limit", of as much as is known: an order that was refused at once never told its size. */
function orderWords(row: Record<string, unknown>): string {
  const size = text(row.size);
  const type = orderType(text(row.type), row.clientMetadata).toLowerCase();
  return [side(row.side), size === undefined ? '' : plain(size), text(row.ticker) ?? '', type]
    .filter(Boolean)
    .join(' ');
}

function side(value: unknown): string {
  return value === 'BUY' ? 'Buy' : value === 'SELL' ? 'Sell' : String(value ?? '');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** "ORDER_REMOVAL_REASON_POST_ONLY_WOULD_CROSS_MAKER_ORDER" → "post only would cross maker order". */
export function removalWords(reason: string): string {
  return reason
    .replace(/^ORDER_REMOVAL_REASON_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
}
