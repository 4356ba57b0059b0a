/** Heads that sort: the greatest first, then the least, then as the rows came. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { compare, isDecimal } from '../format/decimal';

export interface Sort {
  id: string;
  down: boolean;
}

export interface Sortable<T> {
  id: string;
  title: ComponentChildren;
  align?: 'text' | 'number';
  /** Left out first where room is short. */
  room?: 'wide' | 'wider';
  /** The exact value that is sorted by. */
  value: (row: T) => string | null | undefined;
}

interface SortHeadsProps<T> {
  columns: readonly Sortable<T>[];
  sort: Signal<Sort | null>;
  /** What the third press returns to. */
  natural?: Sort;
}

export function SortHeads<T>({ columns, sort, natural }: SortHeadsProps<T>) {
  const now = sort.value;
  const press = (id: string): void => {
    const next = now?.id !== id ? { id, down: true } : now.down ? { id, down: false } : null;
    sort.value = next ?? natural ?? null;
  };
  return (
    <tr>
      {columns.map(({ id, title, align, room }) => (
        <th
          key={id}
          scope="col"
          class={kindOf({ align, room })}
          aria-sort={now?.id === id ? (now.down ? 'descending' : 'ascending') : undefined}
        >
          <button class="plain" onClick={() => press(id)}>
            {title}
            <span aria-hidden="true">{now?.id === id ? (now.down ? ' ↓' : ' ↑') : ''}</span>
          </button>
        </th>
      ))}
    </tr>
  );
}

/** The classes of a column's cells. */
export function kindOf({ align, room }: { align?: string | undefined; room?: string | undefined }): string {
  return `${align ?? 'number'} ${room ?? ''}`;
}

/** Nulls stand last when the greatest comes first. */
export function sorted<T>(rows: readonly T[], columns: readonly Sortable<T>[], sort: Sort | null): readonly T[] {
  const by = columns.find((column) => column.id === sort?.id);
  if (!by || !sort) return rows;
  return [...rows].sort((a, b) => (sort.down ? -1 : 1) * order(by.value(a), by.value(b)));
}

function order(a: string | null | undefined, b: string | null | undefined): number {
  if (isDecimal(a) && isDecimal(b)) return compare(a, b);
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}
