import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asList } from '@tidegate/client';
import { desk } from '../app/desk';
import { divide, isDecimal, multiply, pixels } from '../format/decimal';
import { narrowPrice, nothing, percent } from '../format/number';
import { age, timeAs } from '../format/time';
import { orderStatus, orderType } from '../format/words';
import { isOpen, type Order } from '../state/orders';
import { type Column, DataTable } from './DataTable';
import { isWanted, market, money, side, size, textOf, tickOf, time } from './columns';
import { Meter, Num } from './parts';

const isMarket = (order: Order): boolean =>
  orderType(order.type, order.clientMetadata).toLowerCase().includes('market');

function statusWords(order: Order): string {
  const filled = isDecimal(order.totalFilled) && pixels(order.totalFilled) > 0;
  if (order.status === 'OPEN' && filled) return 'Partially filled';
  if (order.status === 'CANCELED' && filled) return 'Partially canceled';
  return orderStatus[order.status ?? ''] ?? order.status ?? '';
}

function statusTone(order: Order): string {
  if (order.status === 'FILLED') return 'up';
  if (order.status === 'CANCELED' || order.status === 'ERROR') return 'down';
  return isDecimal(order.totalFilled) && pixels(order.totalFilled) > 0 ? 'warn' : 'muted';
}

function filledShare(order: Order): string | null {
  return isDecimal(order.size) && isDecimal(order.totalFilled) ? divide(order.totalFilled, order.size, 4) : null;
}

function value(order: Order): string | null {
  const at = isDecimal(order.triggerPrice) ? order.triggerPrice : order.price;
  return isDecimal(order.size) && isDecimal(at) ? multiply(order.size, at) : null;
}

function tags(order: Order): string[] {
  const list: string[] = [];
  if (order.postOnly === true) list.push('post-only');
  if (order.reduceOnly === true) list.push('reduce-only');
  if (order.timeInForce !== undefined && order.timeInForce !== 'GTT') list.push(order.timeInForce);
  return list;
}

/** Until when: a time, or for short-term orders the blocks that are left. */
function goodTil(order: Order): string {
  const height = desk.block?.height;
  if (order.goodTilBlockTime !== undefined) {
    const left = Date.parse(order.goodTilBlockTime) - desk.gatewayNow;
    return left > 0 ? `in ${age(left)}` : timeAs('date', order.goodTilBlockTime);
  }
  if (order.goodTilBlock === undefined || height === null || height === undefined) return nothing;
  const left = Number(order.goodTilBlock) - Number(height);
  return left >= 0 ? `${left} blocks left` : `block ${order.goodTilBlock}`;
}

const status: Column<Order> = {
  id: 'status',
  title: 'Status',
  align: 'text',
  value: (row) => row.status,
  cell: (row) => (
    <span
      class="status"
      data-value={row.status}
      title={row.status === 'BEST_EFFORT_CANCELED' ? 'May still fill' : row.status}
    >
      <span data-tone={statusTone(row)} aria-hidden="true">
        {row.status === 'FILLED' ? '●' : row.status === 'CANCELED' || row.status === 'ERROR' ? '✕' : '○'}
      </span>{' '}
      {statusWords(row)}
    </span>
  ),
};

const type: Column<Order> = {
  id: 'type',
  title: 'Type',
  align: 'text',
  value: (row) => row.type,
  cell: (row) => (
    <>
      {orderType(row.type, row.clientMetadata)}
      {tags(row).map((tag) => (
        <span class="tag" key={tag}>
          {tag}
        </span>
      ))}
    </>
  ),
};

const price: Column<Order> = {
  id: 'price',
  title: 'Price',
  value: (row) => row.price,
  cell: (row) => <Num text={isMarket(row) ? 'Market' : narrowPrice(row.price, tickOf(row.ticker))} exact={row.price} />,
};

const trigger: Column<Order> = {
  id: 'triggerPrice',
  title: 'Trigger',
  room: 'wide',
  value: (row) => row.triggerPrice,
  cell: (row) => <Num text={narrowPrice(row.triggerPrice, tickOf(row.ticker))} exact={row.triggerPrice} />,
};

const filled: Column<Order> = {
  id: 'totalFilled',
  title: 'Filled',
  value: (row) => row.totalFilled,
  cell: (row) => {
    const share = filledShare(row);
    return (
      <span class="metered" data-value={row.totalFilled ?? ''}>
        <Num text={percent(share, 0)} exact={row.totalFilled} />
        <Meter share={pixels(share)} tone="up" label={`${percent(share, 0)} filled`} />
      </span>
    );
  },
};

const common: readonly Column<Order>[] = [
  market<Order>(),
  side(),
  type,
  status,
  size<Order>('size', 'Amount'),
  filled,
  price,
  trigger,
  money('value', 'Value', value, 'wider'),
];

export const openOrderColumns: readonly Column<Order>[] = [
  ...common,
  {
    id: 'goodTil',
    title: 'Good til',
    room: 'wide',
    value: (row) => row.goodTilBlockTime ?? row.goodTilBlock,
    cell: (row) => <span dir="ltr">{goodTil(row)}</span>,
  },
];

export const historyColumns: readonly Column<Order>[] = [time<Order>('updatedAt', 'Updated'), ...common];

function details(order: Order): (readonly [string, string | undefined])[] {
  const fields = [
    'id',
    'clientId',
    'orderFlags',
    'removalReason',
    'createdAtHeight',
    'updatedAtHeight',
    'goodTilBlock',
    'goodTilBlockTime',
    'timeInForce',
    'postOnly',
    'reduceOnly',
    'subaccountNumber',
    'clientMetadata',
  ];
  return fields.map((field) => [field, textOf(order[field])] as const);
}

export function openOrders(): Order[] {
  return (desk.orders?.store.orders ?? []).filter((order) => isOpen(order) && isWanted(order));
}

export function OpenOrders() {
  return (
    <DataTable
      name="orders"
      phone="lines"
      caption="Open orders"
      rows={openOrders}
      columns={openOrderColumns}
      rowKey={(row) => row.id}
      empty="No open order."
      more={details}
    />
  );
}

/** Ended orders of before, by REST; those of now come from the topic and win. */
const older = signal<{ account: string; orders: readonly Order[]; failure: string | null } | null>(null);

export function endedOrders(): Order[] {
  const live = desk.orders?.store.orders ?? [];
  const known = new Set(live.map((order) => order.id));
  const before = (older.value?.orders ?? []).filter((order) => !known.has(order.id) && !isOpen(order));
  return [...live.filter((order) => !isOpen(order)), ...before]
    .filter(isWanted)
    .sort((a, b) => (b.updatedAt ?? '').localeCompare(a.updatedAt ?? ''));
}

async function loadOlder(account: string, address: string): Promise<void> {
  const { subaccount, parent } = desk.client.account;
  const path = parent ? '/v4/orders/parentSubaccountNumber' : '/v4/orders';
  const who = parent ? { parentSubaccountNumber: subaccount } : { subaccountNumber: subaccount };
  try {
    const rows = asList(await desk.rest.get(path, { address, ...who, limit: 100 }));
    older.value = { account, orders: rows as Order[], failure: null };
  } catch (error) {
    older.value = { account, orders: [], failure: error instanceof Error ? error.message : String(error) };
  }
}

export function OrderHistory() {
  const { address } = desk;
  const { subaccount, parent } = desk.client.account;
  const account = `${address} ${subaccount} ${parent}`;
  useEffect(() => {
    if (address !== null && older.value?.account !== account) void loadOlder(account, address);
  }, [account]);
  const failure = older.value?.failure;
  return (
    <>
      {failure && <p class="aside">Older orders could not be fetched: {failure}</p>}
      <DataTable
        name="order-history"
        phone="lines"
        caption="Ended orders, the latest first"
        rows={endedOrders}
        columns={historyColumns}
        rowKey={(row) => row.id}
        empty="No ended order."
        more={details}
      />
    </>
  );
}
