/** A table of records: sorted by its heads, filtered, long ones virtual, each row with a drawer, all of it as CSV. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { beats } from '../app/beats';
import { kindOf, sorted, SortHeads, type Sort, type Sortable } from './sorting';

/** What has no room in its row is in the drawer; the exact value is exported too. */
export interface Column<T> extends Sortable<T> {
  name?: string;
  cell: (row: T) => ComponentChildren;
}

interface TableProps<T> {
  name: string;
  caption: string;
  /** Asked for with each paint: the stores behind are no signals, so rows handed in would stand still. */
  rows: () => readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  tone?: (row: T) => string;
  empty: ComponentChildren;
  /** More of the record than its columns, for the drawer. */
  more?: (row: T) => readonly (readonly [name: string, value: string | null | undefined])[];
  count?: () => number;
  end?: () => void;
  /** What a row is on a phone: a card, or two lines of its first eight columns. */
  phone?: 'cards' | 'lines';
}

const usualHeight = 32;
const virtualFrom = 50;
const spare = 8;

export function DataTable<T>(props: TableProps<T>) {
  const { name, caption, columns, rowKey, tone, empty, more, count, end, phone } = props;
  void beats.table.value;
  const rows = props.rows();
  const sort = useSignal<Sort | null>(null);
  const drawer = useSignal<string | null>(null);
  const top = useSignal(0);
  const box = useRef<HTMLDivElement>(null);
  const ordered = sorted(rows, columns, sort.value);
  const virtual = ordered.length > virtualFrom;
  // Asked for only where it is needed: either one makes the browser lay out what was changed so far.
  const height = (virtual && box.current?.clientHeight) || 300;
  // Rows are taller on a phone, or with a larger font.
  const rowHeight = (virtual && box.current?.querySelector<HTMLElement>('.record')?.offsetHeight) || usualHeight;
  const from = virtual ? Math.max(0, Math.floor(top.value / rowHeight) - spare) : 0;
  const to = virtual ? Math.min(ordered.length, from + Math.ceil(height / rowHeight) + 2 * spare) : ordered.length;
  const scrolled = (event: Event): void => {
    const at = event.currentTarget as HTMLElement;
    // Whole rows only, so that a scroll of some pixels paints nothing.
    top.value = Math.floor(at.scrollTop / rowHeight) * rowHeight;
    if (end && at.scrollTop + at.clientHeight > at.scrollHeight - 4 * rowHeight) end();
  };
  return (
    <div class="scroll" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label={caption}>
      <table class={phone} data-testid={name} data-count={count?.() ?? rows.length} aria-rowcount={ordered.length + 1}>
        <caption class="hidden-label">{caption}</caption>
        <thead>
          <SortHeads columns={columns} sort={sort} />
        </thead>
        <tbody>
          {from > 0 && <Spacer height={from * rowHeight} columns={columns.length} />}
          {ordered.slice(from, to).map((row, at) => {
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
                  const kind = kindOf(column);
                  if (index > 0) {
                    return (
                      <td class={kind} data-name={nameOf(column)}>
                        {column.cell(row)}
                      </td>
                    );
                  }
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
          {to < ordered.length && <Spacer height={(ordered.length - to) * rowHeight} columns={columns.length} />}
        </tbody>
      </table>
      {rows.length === 0 && <div class="empty">{empty}</div>}
    </div>
  );
}

function nameOf<T>({ name, title }: Column<T>): string {
  return name ?? String(title);
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden="true" class="spacer">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  );
}

interface DrawerProps<T> {
  columns: readonly Column<T>[];
  row: T;
  more: readonly (readonly [name: string, value: string | null | undefined])[];
}

function Drawer<T>({ columns, row, more }: DrawerProps<T>) {
  const pairs = [...columns.map((column) => [nameOf(column), column.value(row)] as const), ...more].filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
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
