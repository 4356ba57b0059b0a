/** A table of records: sorted by its heads, filtered, long ones virtual, each row with a drawer, all of it as CSV. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { beats } from '../app/beats';
import { compare, isDecimal } from '../format/decimal';

export interface Column<T> {
  id: string;
  title: ComponentChildren;
  name?: string;
  align?: 'text' | 'number';
  /** Left out first where room is short; the drawer still has it. */
  room?: 'wide' | 'wider';
  /** The exact value: sorted by, exported, shown in the drawer. */
  value: (row: T) => string | null | undefined;
  cell: (row: T) => ComponentChildren;
}

interface TableProps<T> {
  name: string;
  caption: string;
  /** Asked anew with each beat of the tables: rows made by the parent would stand as still as it does. */
  rows: () => readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  tone?: (row: T) => string;
  empty: ComponentChildren;
  /** More of the record than its columns, for the drawer. */
  more?: (row: T) => readonly (readonly [name: string, value: string | null | undefined])[];
  /** How many records there are, where fewer are shown. */
  count?: () => number;
  end?: () => void;
}

const rowHeight = 32;
const virtualFrom = 50;
const spare = 8;

export function order(a: string | null | undefined, b: string | null | undefined): number {
  if (isDecimal(a) && isDecimal(b)) return compare(a, b);
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}

export function DataTable<T>({
  name,
  caption,
  columns,
  rowKey,
  tone,
  empty,
  more,
  count,
  end,
  ...given
}: TableProps<T>) {
  void beats.table.value;
  const rows = given.rows();
  const sort = useSignal<{ id: string; down: boolean } | null>(null);
  const drawer = useSignal<string | null>(null);
  const top = useSignal(0);
  const box = useRef<HTMLDivElement>(null);
  const by = columns.find((column) => column.id === sort.value?.id);
  const sorted = by ? sortRows(rows, by, sort.value!.down) : rows;
  const height = box.current?.clientHeight ?? 300;
  const virtual = sorted.length > virtualFrom;
  const from = virtual ? Math.max(0, Math.floor(top.value / rowHeight) - spare) : 0;
  const to = virtual ? Math.min(sorted.length, from + Math.ceil(height / rowHeight) + 2 * spare) : sorted.length;
  const scrolled = (event: Event): void => {
    const at = event.currentTarget as HTMLElement;
    // Whole rows only, so that a scroll of some pixels paints nothing.
    top.value = Math.floor(at.scrollTop / rowHeight) * rowHeight;
    if (end && at.scrollTop + at.clientHeight > at.scrollHeight - 4 * rowHeight) end();
  };
  const press = (column: Column<T>): void => {
    const now = sort.value;
    sort.value =
      now?.id !== column.id ? { id: column.id, down: true } : now.down ? { id: column.id, down: false } : null;
  };
  return (
    <div class="scroll" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label={caption}>
      <table data-testid={name} data-count={count?.() ?? rows.length} aria-rowcount={sorted.length + 1}>
        <caption class="hidden-label">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                class={`${column.align ?? 'number'} ${column.room ?? ''}`}
                aria-sort={sort.value?.id === column.id ? (sort.value.down ? 'descending' : 'ascending') : undefined}
              >
                <button class="plain" onClick={() => press(column)}>
                  {column.title}
                  <span aria-hidden="true">{sort.value?.id === column.id ? (sort.value.down ? ' ↓' : ' ↑') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {from > 0 && <Spacer rows={from} columns={columns.length} />}
          {sorted.slice(from, to).map((row, at) => {
            const key = rowKey(row);
            return [
              <tr
                key={key}
                data-key={key}
                data-tone={tone?.(row)}
                aria-rowindex={from + at + 2}
                class="record"
                onClick={() => (drawer.value = drawer.value === key ? null : key)}
              >
                {columns.map((column, index) => {
                  const kind = `${column.align ?? 'number'} ${column.room ?? ''}`;
                  if (index > 0) return <td class={kind}>{column.cell(row)}</td>;
                  return (
                    <th scope="row" class={kind}>
                      <button class="plain more" aria-expanded={drawer.value === key} aria-label={`Details of ${key}`}>
                        {drawer.value === key ? '▾' : '▸'}
                      </button>
                      {column.cell(row)}
                    </th>
                  );
                })}
              </tr>,
              drawer.value === key && (
                <Drawer key={`${key} drawer`} columns={columns} row={row} more={more?.(row) ?? []} />
              ),
            ];
          })}
          {to < sorted.length && <Spacer rows={sorted.length - to} columns={columns.length} />}
        </tbody>
      </table>
      {rows.length === 0 && <div class="empty">{empty}</div>}
    </div>
  );
}

/** Nulls stand last when the greatest comes first. */
function sortRows<T>(rows: readonly T[], column: Column<T>, down: boolean): T[] {
  return [...rows].sort((a, b) => (down ? -1 : 1) * order(column.value(a), column.value(b)));
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  return (
    <tr aria-hidden="true" class="spacer">
      <td colSpan={columns} style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  );
}

interface DrawerProps<T> {
  columns: readonly Column<T>[];
  row: T;
  more: readonly (readonly [name: string, value: string | null | undefined])[];
}

function Drawer<T>({ columns, row, more }: DrawerProps<T>) {
  const pairs = [
    ...columns.map((column) => [column.name ?? String(column.title), column.value(row)] as const),
    ...more,
  ].filter(([, value]) => value !== undefined && value !== null && value !== '');
  return (
    <tr class="drawer">
      <td colSpan={columns.length}>
        <dl>
          {pairs.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd dir="ltr">{value}</dd>
            </div>
          ))}
        </dl>
      </td>
    </tr>
  );
}
