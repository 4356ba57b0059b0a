import type { MarketsStore, Market } from '../feed/markets';
import { isOpen, type Order, type OrdersStore } from '../feed/orders';
import type { Trade, TradesStore } from '../feed/trades';
import { dollars, narrowPrice, narrowSize } from '../format/number';
import { timeOfDay } from '../format/time';
import { bodyOf, byTestId, Rows, type Cell } from './dom';

const shownOrders = 60;
const shownFills = 60;
const shownTrades = 32;

const orderRows = new Rows(bodyOf('orders'), ['text', 'text', 'text', 'number', 'number', 'number', 'text wider'], 0);
const fillRows = new Rows(
  bodyOf('fills'),
  ['text', 'text', 'text', 'number', 'number', 'number wide', 'text wider'],
  0,
);
const tradeRows = new Rows(bodyOf('tape'), ['number', 'number', 'number']);

const statusWords: Record<string, string> = {
  OPEN: 'Open',
  FILLED: 'Filled',
  CANCELED: 'Canceled',
  BEST_EFFORT_CANCELED: 'Canceling',
  BEST_EFFORT_OPENED: 'Pending',
  UNTRIGGERED: 'Untriggered',
  ERROR: 'Error',
};

function side(value: string | undefined): Cell {
  return { text: value ?? '', tone: value === 'BUY' ? 'up' : value === 'SELL' ? 'down' : '' };
}

export function paintOrders(store: OrdersStore | undefined, markets: MarketsStore | undefined): void {
  const orders = store?.orders ?? [];
  byTestId('orders').dataset.count = String(orders.filter(isOpen).length);
  orderRows.show(orders.slice(0, shownOrders).map((order) => orderRow(order, markets?.get(order.ticker ?? ''))));
}

function orderRow(order: Order, market: Market | undefined) {
  const status = order.status ?? '';
  return {
    key: order.id,
    cells: [
      { text: order.ticker ?? '' },
      side(order.side),
      { text: statusWords[status] ?? status, exact: status, tone: isOpen(order) ? ('' as const) : ('muted' as const) },
      { text: narrowPrice(order.price, market?.tickSize), exact: order.price },
      { text: narrowSize(order.size), exact: order.size },
      { text: narrowSize(order.totalFilled), exact: order.totalFilled },
      { text: (order.type ?? '').replaceAll('_', ' ').toLowerCase() },
    ],
  };
}

export function paintFills(store: TradesStore | undefined, markets: MarketsStore | undefined): void {
  const fills = (store?.trades ?? []).slice(-shownFills).reverse();
  byTestId('fills').dataset.count = String(store?.trades.length ?? 0);
  fillRows.show(fills.map((fill) => fillRow(fill, markets?.get(fill.ticker ?? ''))));
}

function fillRow(fill: Trade, market: Market | undefined) {
  return {
    key: fill.id,
    cells: [
      { text: timeOfDay(fill.createdAt), exact: fill.createdAt, tone: 'muted' as const },
      { text: fill.ticker ?? '' },
      side(fill.side),
      { text: narrowPrice(fill.price, market?.tickSize), exact: fill.price },
      { text: narrowSize(fill.size), exact: fill.size },
      { text: dollars(fill.fee), exact: fill.fee },
      { text: (fill.liquidity ?? '').toLowerCase() },
    ],
  };
}

export function paintTape(store: TradesStore | undefined, market: Market | undefined): void {
  const trades = (store?.trades ?? []).slice(-shownTrades).reverse();
  tradeRows.show(
    trades.map((trade) => {
      const tone = side(trade.side).tone ?? '';
      const glyph = trade.side === 'BUY' ? '▲' : trade.side === 'SELL' ? '▼' : '';
      return {
        key: trade.id,
        cells: [
          { text: `${glyph} ${narrowPrice(trade.price, market?.tickSize)}`, exact: trade.price, tone },
          { text: narrowSize(trade.size, market?.stepSize), exact: trade.size },
          { text: timeOfDay(trade.createdAt), exact: trade.createdAt, tone: 'muted' as const },
        ],
      };
    }),
  );
}
