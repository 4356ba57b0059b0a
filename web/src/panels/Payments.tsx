/** Funding paid and received, and money moved in and out. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asList, asObject } from '@tidegate/client';
import { tick } from '../app/beats';
import { copy } from '../app/browser';
import { desk } from '../app/desk';
import { settings } from '../app/settings';
import { say } from '../app/toasts';
import { dollars, fixed, percent } from '../format/number';
import { shortAddress } from '../format/time';
import { transferTypes } from '../format/words';
import type { Transfer } from '../state/transfers';
import { type Column, DataTable } from './DataTable';
import { market, price, side, size, textOf, time } from './columns';
import { Num, Signed } from './parts';

type Payment = Record<string, unknown>;

export const paymentColumns: readonly Column<Payment>[] = [
  time<Payment>('createdAt'),
  market<Payment>(),
  side(),
  price('oraclePrice', 'Oracle', 'wide'),
  size('size', 'Size', 'wide'),
  {
    id: 'payment',
    title: 'Payment',
    value: (row) => textOf(row.payment),
    cell: (row) => <Signed text={fixed(textOf(row.payment), 4)} exact={textOf(row.payment)} />,
  },
  {
    id: 'rate',
    title: 'Rate',
    value: (row) => textOf(row.rate),
    cell: (row) => <Signed text={percent(textOf(row.rate), 5)} exact={textOf(row.rate)} />,
  },
];

const payments = signal<{ key: string; rows: readonly Payment[]; failure: string | null } | null>(null);

export function paymentRows(): readonly Payment[] {
  const rows = payments.value?.rows ?? [];
  return settings.tables.value === 'all' ? rows : rows.filter((row) => row.ticker === desk.market.value);
}

async function loadPayments(key: string, address: string): Promise<void> {
  const { subaccount, parent } = desk.client.account;
  const path = parent ? '/v4/fundingPayments/parentSubaccount' : '/v4/fundingPayments';
  const who = parent ? { parentSubaccountNumber: subaccount } : { subaccountNumber: subaccount };
  try {
    const body = asObject(await desk.rest.get(path, { address, ...who, limit: 100 }));
    payments.value = { key, rows: asList(body.fundingPayments), failure: null };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    payments.value = { key, rows: payments.value?.rows ?? [], failure };
  }
}

/** Payments are made on the full hour; ten seconds later the Indexer has them. */
function fundingHour(): number {
  return Math.floor((desk.gatewayNow - 10_000) / 3_600_000);
}

export function FundingPayments() {
  void tick.value;
  const { address } = desk;
  const key = `${address} ${JSON.stringify(desk.client.account)} ${fundingHour()}`;
  useEffect(() => {
    if (address !== null && payments.value?.key !== key) void loadPayments(key, address);
  }, [key]);
  const failure = payments.value?.failure;
  return (
    <>
      {failure && <p class="aside">Payments could not be fetched: {failure}</p>}
      <DataTable
        name="funding-payments"
        caption="Funding payments, the latest first"
        rows={paymentRows}
        columns={paymentColumns}
        rowKey={(row) => `${textOf(row.createdAt)} ${textOf(row.ticker)} ${textOf(row.subaccountNumber)}`}
        empty={payments.value === null && address !== null ? 'Fetching…' : 'No funding payment yet.'}
      />
    </>
  );
}

function other(row: Transfer): string {
  const own = row.type === 'TRANSFER_IN' || row.type === 'DEPOSIT' ? row.sender : row.recipient;
  const number = own?.subaccountNumber === undefined ? '' : ` / ${own.subaccountNumber}`;
  return own?.address === undefined ? '' : `${own.address}${number}`;
}

export const transferColumns: readonly Column<Transfer>[] = [
  time<Transfer>('createdAt'),
  {
    id: 'type',
    title: 'Action',
    align: 'text',
    value: (row) => row.type,
    cell: (row) => transferTypes[row.type ?? ''] ?? row.type ?? '',
  },
  {
    id: 'other',
    title: 'From / to',
    align: 'text',
    room: 'wide',
    value: other,
    cell: (row) => {
      const [address = '', rest = ''] = other(row).split(' / ');
      return (
        <Copied text={address} shown={`${shortAddress(address)}${rest === '' ? '' : ` / ${rest}`}`} what="Address" />
      );
    },
  },
  {
    id: 'size',
    title: 'Amount',
    value: (row) => row.size,
    cell: (row) => (
      <>
        <Num text={dollars(row.size)} exact={row.size} /> <small>{row.symbol}</small>
      </>
    ),
  },
  {
    id: 'transactionHash',
    title: 'Transaction',
    align: 'text',
    room: 'wide',
    value: (row) => row.transactionHash,
    cell: (row) => {
      const hash = row.transactionHash ?? '';
      return <Copied text={hash} shown={hash === '' ? '' : `${hash.slice(0, 8)}…`} what="Hash" />;
    },
  },
];

function Copied({ text, shown, what }: { text: string; shown: string; what: string }) {
  if (text === '') return null;
  const press = async (event: Event): Promise<void> => {
    event.stopPropagation();
    say((await copy(text)) ? `${what} copied` : 'Copying is not allowed here', text);
  };
  return (
    <button class="plain copied" title={text} onClick={(event) => void press(event)}>
      {shown} <span class="hidden-label">copy</span> <span aria-hidden="true">⧉</span>
    </button>
  );
}

export function transferRows(): readonly Transfer[] {
  return desk.transfers?.store.transfers ?? [];
}

export function Transfers() {
  return (
    <DataTable
      name="transfers"
      caption="Transfers, the latest first"
      rows={transferRows}
      columns={transferColumns}
      rowKey={(row) => `${row.id ?? ''} ${row.transactionHash ?? ''} ${row.createdAt ?? ''} ${row.size ?? ''}`}
      empty="No transfer yet."
    />
  );
}
