/** Columns that several tables share. */
import { settings } from '../app/settings';
import { desk } from '../app/desk';
import { dollars, narrowPrice, narrowSize } from '../format/number';
import { isIsolated } from '../state/account';
import type { Column } from './DataTable';
import { Num, Side, When } from './parts';

type Record_ = Record<string, unknown>;

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

/** Whether the filters over the tables let a row through. */
export function isWanted(row: Record_): boolean {
  const { tables, margin } = settings;
  const isolated = isIsolated(row.subaccountNumber ?? desk.client.account.subaccount);
  const here = tables.value === 'all' || (row.ticker ?? row.market) === desk.market.value;
  return here && (margin.value === 'all' || isolated === (margin.value === 'isolated'));
}

export function tickOf(ticker: unknown): string | undefined {
  return desk.marketOf(textOf(ticker))?.tickSize;
}

export function stepOf(ticker: unknown): string | undefined {
  return desk.marketOf(textOf(ticker))?.stepSize;
}

export function time<T extends Record_>(field: keyof T & string, title = 'Time'): Column<T> {
  return {
    id: field,
    name: title,
    title: <TimeHead title={title} />,
    align: 'text',
    value: (row) => textOf(row[field]),
    cell: (row) => <When at={textOf(row[field])} />,
  };
}

function TimeHead({ title }: { title: string }) {
  const next = settings.times.value === 'date' ? 'age' : 'date';
  return (
    <span
      title={`Show ${next}`}
      onDblClick={(event) => {
        event.stopPropagation();
        settings.times.value = next;
      }}
    >
      {settings.times.value === 'date' ? title : 'Age'}
    </span>
  );
}

export function market<T extends Record_>(field: keyof T & string = 'ticker'): Column<T> {
  return {
    id: 'market',
    title: 'Market',
    align: 'text',
    value: (row) => textOf(row[field]),
    cell: (row) => (
      <span class="name">
        {textOf(row[field]) ?? ''}
        {isIsolated(row.subaccountNumber) && (
          <span class="tag" title="Isolated margin">
            iso
          </span>
        )}
      </span>
    ),
  };
}

export function side<T extends Record_>(): Column<T> {
  return {
    id: 'side',
    title: 'Side',
    align: 'text',
    value: (row) => textOf(row.side),
    cell: (row) => <Side side={textOf(row.side)} />,
  };
}

type Room = Column<Record_>['room'];

/** A number on the market's grid: exact beside what is shown. */
function gridded<T extends Record_>(field: string, title: string, room: Room, show: (row: T) => string): Column<T> {
  return {
    id: field,
    title,
    ...(room ? { room } : {}),
    value: (row) => textOf(row[field]),
    cell: (row) => <Num text={show(row)} exact={textOf(row[field])} />,
  };
}

export function price<T extends Record_>(field: string, title: string, room?: Room): Column<T> {
  return gridded(field, title, room, (row) => narrowPrice(textOf(row[field]), tickOf(row.ticker ?? row.market)));
}

export function size<T extends Record_>(field: string, title: string, room?: Room): Column<T> {
  return gridded(field, title, room, (row) => narrowSize(textOf(row[field]), stepOf(row.ticker ?? row.market)));
}

export function money<T>(
  id: string,
  title: string,
  value: (row: T) => string | null | undefined,
  room?: Room,
): Column<T> {
  return {
    id,
    title,
    ...(room ? { room } : {}),
    value,
    cell: (row) => <Num text={dollars(value(row))} exact={value(row)} />,
  };
}
