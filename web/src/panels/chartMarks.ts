/** What the own account puts on the chart: its lines, and marks where it was filled. */
import type { AccountLine, FillMark } from '../charts';
import type { Desk } from '../app/desk';
import { add, decimals, divide, isDecimal, multiply } from '../format/decimal';
import { narrowAverage, plain } from '../format/number';
import { orderType } from '../format/words';
import type { Bar } from '../state/bars';
import { isOpen } from '../state/orders';
import type { Trade } from '../state/trades';

const mostMarks = 500;
const mostOrders = 40;

export function accountLines(desk: Desk, ticker: string): AccountLine[] {
  const tick = desk.marketOf(ticker)?.tickSize;
  const lines: AccountLine[] = [];
  for (const position of desk.account?.store.positions ?? []) {
    if (position.market !== ticker) continue;
    const key = `${position.subaccountNumber ?? 0}`;
    const { entryPrice, liquidationPrice } = position;
    if (isDecimal(entryPrice)) {
      lines.push({
        key: `entry ${key}`,
        price: entryPrice,
        title: `Entry ${narrowAverage(entryPrice, tick)}`,
        kind: 'entry',
      });
    }
    if (isDecimal(liquidationPrice)) {
      const title = `Liq ${narrowAverage(liquidationPrice, tick)}`;
      lines.push({ key: `liquidation ${key}`, price: liquidationPrice, title, kind: 'liquidation' });
    }
  }
  const orders = (desk.orders?.store.orders ?? []).filter((order) => order.ticker === ticker && isOpen(order));
  for (const order of orders.slice(0, mostOrders)) {
    const price = isDecimal(order.triggerPrice) ? order.triggerPrice : order.price;
    if (!isDecimal(price)) continue;
    const words = `${order.side === 'BUY' ? 'Buy' : 'Sell'} ${orderType(order.type, order.clientMetadata).toLowerCase()} ${plain(order.size)}`;
    lines.push({ key: order.id, price, title: words, kind: order.side === 'BUY' ? 'buy' : 'sell' });
  }
  return lines;
}

/** Marks are made anew only when a fill came or the bars are others. */
let made: { key: string; marks: FillMark[] } = { key: '', marks: [] };

/** One mark for each bar and side, at the average of its fills; the newest five hundred. */
export function fillMarks(desk: Desk, ticker: string, seconds: number, bars: readonly Bar[]): FillMark[] {
  const topic = desk.fills;
  const first = bars[0]?.time;
  if (first === undefined || !topic) return [];
  const last = bars.at(-1)!.time;
  const key = `${ticker} ${seconds} ${first} ${last} ${topic.id} ${topic.revision}`;
  if (made.key !== key) made = { key, marks: grouped(topic.store.trades, ticker, seconds, first, last, desk) };
  return made.marks;
}

function grouped(
  fills: readonly Trade[],
  ticker: string,
  seconds: number,
  first: number,
  last: number,
  desk: Desk,
): FillMark[] {
  const tick = desk.marketOf(ticker)?.tickSize;
  const groups = new Map<string, { time: number; side: 'BUY' | 'SELL'; size: string; cost: string }>();
  for (let at = fills.length - 1; at >= 0 && groups.size < mostMarks; at--) {
    const { ticker: where, side, size, price, createdAt } = fills[at]!;
    if (where !== ticker || (side !== 'BUY' && side !== 'SELL') || !isDecimal(size) || !isDecimal(price)) continue;
    const time = Math.floor(Date.parse(createdAt ?? '') / 1000 / seconds) * seconds;
    if (Number.isNaN(time) || time < first || time > last) continue;
    const key = `${time} ${side}`;
    const group = groups.get(key) ?? { time, side, size: '0', cost: '0' };
    groups.set(key, { ...group, size: add(group.size, size), cost: add(group.cost, multiply(size, price)) });
  }
  return [...groups.values()]
    .sort((a, b) => a.time - b.time || (a.side < b.side ? -1 : 1))
    .map(({ time, side, size, cost }) => {
      const average = divide(cost, size, decimals(tick ?? '0.01') + 1) ?? '0';
      return { time, side, size, average, text: narrowAverage(average, tick) };
    });
}
