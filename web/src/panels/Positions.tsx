import { desk } from '../app/desk';
import { abs, divide, isDecimal, multiply, pixels, subtract } from '../format/decimal';
import { dollars, narrowAverage, percent, signed, direction, times } from '../format/number';
import { isIsolated, type Position } from '../state/account';
import { type Column, DataTable } from './DataTable';
import { isWanted, market, money, price, side, size, tickOf } from './columns';
import { Meter, Num, Signed } from './parts';

type Amount = string | null | undefined;

/** uPnL as a fraction of what the position cost. */
function gain(row: Position): string | null {
  if (!isDecimal(row.unrealizedPnl) || !isDecimal(row.size) || !isDecimal(row.entryPrice)) return null;
  return divide(row.unrealizedPnl, abs(multiply(row.size, row.entryPrice)), 6);
}

/** How far the oracle price is from the liquidation price, as a fraction of the oracle price. */
function room(row: Position): string | null {
  const oracle = desk.marketOf(row.market)?.oraclePrice;
  if (!isDecimal(oracle) || !isDecimal(row.liquidationPrice)) return null;
  return divide(abs(subtract(oracle, row.liquidationPrice)), oracle, 6);
}

/** What the position is, beside the equity that bears it: the isolated child's, or that of the whole cross account. */
function leverage(row: Position): string | null {
  const store = desk.account?.store;
  const holder = store?.children.find((child) => child.subaccountNumber === row.subaccountNumber) ?? store?.account;
  const equity = holder?.equity;
  return isDecimal(row.notional) && isDecimal(equity) ? divide(abs(row.notional), equity, 4) : null;
}

/** Trigger prices of reduce-only orders that close this position: take profit, stop loss. */
function exits(row: Position): string {
  const orders = desk.orders?.store.orders ?? [];
  const of = (types: string[]): string =>
    orders
      .filter(
        (order) =>
          order.ticker === row.market &&
          (order.subaccountNumber ?? 0) === (row.subaccountNumber ?? 0) &&
          order.reduceOnly === true &&
          order.status === 'UNTRIGGERED' &&
          types.includes(order.type ?? ''),
      )
      .map((order) => narrowAverage(order.triggerPrice, tickOf(row.market)))
      .join(' ');
  const profit = of(['TAKE_PROFIT', 'TAKE_PROFIT_MARKET']);
  const loss = of(['STOP_MARKET', 'STOP_LIMIT']);
  return profit === '' && loss === '' ? '' : `${profit || '—'} / ${loss || '—'}`;
}

function average(field: keyof Position & string, title: string, roomFor?: 'wide' | 'wider'): Column<Position> {
  return {
    id: field,
    title,
    ...(roomFor ? { room: roomFor } : {}),
    value: (row) => row[field] as Amount,
    cell: (row) => <Num text={narrowAverage(row[field] as Amount, tickOf(row.market))} exact={row[field] as Amount} />,
  };
}

export const positionColumns: readonly Column<Position>[] = [
  market<Position>('market'),
  side(),
  size<Position>('size', 'Size'),
  money('notional', 'Value', (row) => (isDecimal(row.notional) ? abs(row.notional) : row.notional), 'wide'),
  {
    id: 'unrealizedPnl',
    title: 'uPnL',
    value: (row) => row.unrealizedPnl,
    cell: (row) => (
      <>
        <Signed text={dollars(row.unrealizedPnl)} exact={row.unrealizedPnl} />{' '}
        <small data-tone={direction(row.unrealizedPnl)}>{signed(gain(row), percent(gain(row)))}</small>
      </>
    ),
  },
  average('entryPrice', 'Entry'),
  {
    ...price<Position>('oraclePrice', 'Oracle', 'wider'),
    value: (row) => desk.marketOf(row.market)?.oraclePrice,
    cell: (row) => {
      const oracle = desk.marketOf(row.market)?.oraclePrice;
      return <Num text={narrowAverage(oracle, tickOf(row.market))} exact={oracle} />;
    },
  },
  average('liquidationPrice', 'Liquidation', 'wide'),
  {
    id: 'room',
    title: 'Distance',
    room: 'wide',
    value: room,
    cell: (row) => {
      const share = room(row);
      const near = share !== null && pixels(share) < 0.1;
      return (
        <span class="metered">
          <Num text={percent(share, 1)} exact={share} tone={near ? 'down' : ''} />
          {share !== null && <Meter share={pixels(share)} tone={near ? 'down' : 'up'} label={percent(share, 1)} />}
        </span>
      );
    },
  },
  {
    id: 'leverage',
    title: 'Leverage',
    room: 'wider',
    value: leverage,
    cell: (row) => <Num text={times(leverage(row))} exact={leverage(row)} />,
  },
  {
    id: 'netFunding',
    title: 'Funding',
    room: 'wider',
    value: (row) => row.netFunding,
    cell: (row) => <Signed text={dollars(row.netFunding)} exact={row.netFunding} />,
  },
  {
    id: 'realizedPnl',
    title: 'Realized',
    room: 'wider',
    value: (row) => row.realizedPnl,
    cell: (row) => <Signed text={dollars(row.realizedPnl)} exact={row.realizedPnl} />,
  },
  {
    id: 'exits',
    title: 'TP / SL',
    room: 'wider',
    value: exits,
    cell: (row) => (
      <span dir="ltr" class="exits">
        {exits(row) || '—'}
      </span>
    ),
  },
];

export function positionRows(): Position[] {
  return (desk.account?.store.positions ?? []).filter(isWanted);
}

export function Positions() {
  return (
    <DataTable
      name="positions"
      caption="Open positions"
      rows={positionRows}
      columns={positionColumns}
      phone="cards"
      rowKey={(row) => `${row.market} ${row.subaccountNumber ?? 0}`}
      tone={(row) => (row.side === 'LONG' ? 'up' : 'down')}
      empty="No open position."
      more={(row) => [
        ['Margin mode', isIsolated(row.subaccountNumber) ? 'isolated' : 'cross'],
        ['Subaccount', String(row.subaccountNumber ?? desk.client.account.subaccount)],
        ['Maintenance margin', row.maintenanceMargin],
        ['Opened', row.createdAt],
      ]}
    />
  );
}
