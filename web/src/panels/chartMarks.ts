/** What the own account puts on the chart: its lines, and marks where it was filled. */
import type { AccountLine, FillMark } from '../charts';
import type { Desk } from '../app/desk';
import { isDecimal } from '../format/decimal';
import { narrowAverage, plain } from '../format/number';
import { orderType } from '../format/words';
import type { Bar } from '../state/bars';
import { isOpen } from '../state/orders';

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

/** One mark for each bar and side, the newest five hundred. */
export function fillMarks(desk: Desk, ticker: string, seconds: number, bars: readonly Bar[]): FillMark[] {
  const first = bars[0]?.time;
  if (first === undefined) return [];
  const last = bars.at(-1)!.time;
  const seen = new Set<string>();
  const marks: FillMark[] = [];
  const fills = desk.fills?.store.trades ?? [];
  for (let at = fills.length - 1; at >= 0 && marks.length < mostMarks; at--) {
    const fill = fills[at]!;
    if (fill.ticker !== ticker || (fill.side !== 'BUY' && fill.side !== 'SELL')) continue;
    const time = Math.floor(Date.parse(fill.createdAt ?? '') / 1000 / seconds) * seconds;
    const key = `${time} ${fill.side}`;
    if (Number.isNaN(time) || time < first || time > last || seen.has(key)) continue;
    seen.add(key);
    marks.push({ time, side: fill.side });
  }
  return marks.sort((a, b) => a.time - b.time);
}
