import { signal } from '@preact/signals';
import { asList, asObject } from '@tidegate/client';
import { desk } from '../app/desk';
import { seconds } from '../app/rates';
import { settings } from '../app/settings';
import { compare, isDecimal, multiply } from '../format/decimal';
import { dollars } from '../format/number';
import { orderType } from '../format/words';
import { closedPnl, type Trade } from '../state/trades';
import { type Column, DataTable } from './DataTable';
import { isWanted, market, money, price, side, size, textOf, time } from './columns';
import { Num, Signed } from './parts';

const total = (fill: Trade): string | null =>
  isDecimal(fill.size) && isDecimal(fill.price) ? multiply(fill.size, fill.price) : null;

/** From the block of a fill to the gateway's knowledge of it, in milliseconds; unknown for what a snapshot held. */
function delay({ learnedAt, createdAt }: Trade): number | null {
  const taken = Date.parse(learnedAt ?? '') - Date.parse(createdAt ?? '');
  return Number.isNaN(taken) ? null : taken;
}

const sources: Record<string, string> = { stream: 'live', backfill: 'backfill', poll: 'poll', repair: 'repair' };

export const fillColumns: readonly Column<Trade>[] = [
  time<Trade>('createdAt'),
  market<Trade>(),
  side(),
  {
    id: 'type',
    title: 'Type',
    align: 'text',
    room: 'wide',
    value: (row) => row.type,
    cell: (row) => orderType(row.type === 'LIQUIDATION' ? 'LIMIT' : row.type, row.clientMetadata),
  },
  price<Trade>('price', 'Price'),
  size<Trade>('size', 'Amount'),
  money('total', 'Total', total, 'wide'),
  {
    id: 'fee',
    title: 'Fee',
    value: (row) => row.fee,
    cell: (row) => {
      const rebate = isDecimal(row.fee) && compare(row.fee, '0') < 0;
      return (
        <>
          <Num text={dollars(row.fee)} exact={row.fee} />
          {rebate && <span class="tag">rebate</span>}
        </>
      );
    },
  },
  {
    id: 'closedPnl',
    title: 'Closed PnL',
    room: 'wider',
    value: closedPnl,
    cell: (row) => <Signed text={dollars(closedPnl(row))} exact={closedPnl(row)} />,
  },
  {
    id: 'liquidity',
    title: 'Role',
    align: 'text',
    room: 'wide',
    value: (row) => row.liquidity,
    cell: (row) => (row.liquidity ?? '').toLowerCase(),
  },
  {
    id: 'source',
    title: 'Source',
    align: 'text',
    room: 'wider',
    value: (row) => row.source,
    cell: (row) => (
      <span data-tone={row.source && row.source !== 'stream' ? 'warn' : 'muted'}>
        {sources[row.source ?? ''] ?? ''}
      </span>
    ),
  },
  {
    id: 'delayMs',
    title: 'Delay',
    room: 'wider',
    value: (row) => delay(row)?.toString(),
    cell: (row) => <Num text={seconds(delay(row))} exact={delay(row)?.toString()} />,
  },
];

/** Fills from before those of the topic, page by page; filled while a reader scrolls down. */
const older = signal<{ account: string; fills: readonly Trade[]; done: boolean }>({
  account: '',
  fills: [],
  done: false,
});
let loading = false;

export function fillRows(): Trade[] {
  const live = [...(desk.fills?.store.trades ?? [])].reverse();
  const known = new Set(live.map((fill) => fill.id));
  const before = older.value.account === accountKey() ? older.value.fills : [];
  const source = settings.source.value;
  return [...live, ...before.filter((fill) => !known.has(fill.id))].filter(
    (row) => isWanted(row) && (source === 'all' || row.source === source),
  );
}

const accountKey = (): string => `${desk.address} ${JSON.stringify(desk.client.account)}`;

async function loadOlder(): Promise<void> {
  const { address } = desk;
  const account = accountKey();
  const current = older.value.account === account ? older.value : { account, fills: [], done: false };
  const last = current.fills.at(-1) ?? desk.fills?.store.trades[0];
  if (loading || current.done || address === null || last?.createdAtHeight === undefined) return;
  loading = true;
  const { subaccount, parent } = desk.client.account;
  try {
    const body = await desk.rest.get(parent ? '/v4/fills/parentSubaccountNumber' : '/v4/fills', {
      address,
      ...(parent ? { parentSubaccountNumber: subaccount } : { subaccountNumber: subaccount }),
      limit: 100,
      createdBeforeOrAtHeight: last.createdAtHeight,
    });
    const known = new Set([...current.fills, ...(desk.fills?.store.trades ?? [])].map((fill) => fill.id));
    const rows = (asList(asObject(body).fills) as Trade[])
      .filter((fill) => !known.has(fill.id))
      .map((fill) => ({ ...fill, ticker: fill.ticker ?? (fill.market as string) }));
    older.value = { account, fills: [...current.fills, ...rows].slice(0, 5000), done: rows.length === 0 };
  } catch {
    // Asked again when somebody scrolls there again.
  } finally {
    loading = false;
  }
}

export function Fills() {
  return (
    <DataTable
      name="fills"
      phone="lines"
      caption="Fills, the latest first"
      rows={fillRows}
      count={() => desk.fills?.store.trades.length ?? 0}
      columns={fillColumns}
      rowKey={(row) => row.id}
      empty="No fill yet."
      end={() => void loadOlder()}
      more={(row) =>
        [
          'id',
          'orderId',
          'createdAtHeight',
          'clientMetadata',
          'positionSizeBefore',
          'entryPriceBefore',
          'subaccountNumber',
        ].map((field) => [field, textOf(row[field])] as const)
      }
    />
  );
}
