/** A fixed pool of table rows for what changes many times a second: texts change, elements stay. */

export function setText(element: Element, text: string): void {
  const node = element.firstChild;
  if (node === null) element.append(text);
  else if (node.nodeValue !== text) node.nodeValue = text;
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export interface Cell {
  text: string;
  exact?: string | null | undefined;
  tone?: string | undefined;
}

export interface Row {
  key: string;
  cells: readonly Cell[];
  /** Share of the row's width that its bar takes, 0…1. */
  bar: number;
  /** Words that mark the row for the style sheet. */
  marks?: string;
  label?: string;
}

export class RowPool {
  readonly rows: HTMLTableRowElement[] = [];
  private readonly bars: HTMLElement[] = [];
  private readonly shown: string[] = [];

  constructor(
    private readonly body: HTMLTableSectionElement,
    private readonly columns: readonly string[],
  ) {}

  /** Shows these rows; a null keeps its place empty, so that nothing around it moves. */
  show(rows: readonly (Row | null)[]): void {
    while (this.rows.length < rows.length) this.grow();
    this.rows.forEach((element, index) => {
      const row = rows[index];
      if (element.hidden !== (row === undefined)) element.hidden = row === undefined;
      if (row !== undefined) this.fill(element, index, row);
    });
  }

  /** Ends the flashes that stand. */
  calm(): void {
    for (const row of this.rows)
      if (row.dataset.marks?.endsWith(' pulse')) row.dataset.marks = row.dataset.marks.slice(0, -6);
  }

  private grow(): void {
    const row = document.createElement('tr');
    this.columns.forEach((column, index) => {
      const cell = document.createElement(index === 0 ? 'th' : 'td');
      if (index === 0) cell.setAttribute('scope', 'row');
      cell.className = column;
      const text = document.createElement('span');
      text.dir = 'ltr';
      cell.append(text);
      row.append(cell);
    });
    const bar = document.createElement('span');
    bar.className = 'bar';
    bar.setAttribute('aria-hidden', 'true');
    row.lastElementChild?.append(bar);
    this.body.append(row);
    this.rows.push(row);
    this.bars.push(bar);
    this.shown.push('');
  }

  private fill(element: HTMLTableRowElement, index: number, row: Row | null): void {
    const bar = row === null ? '0' : `${(row.bar * 100).toFixed(2)}%`;
    if (this.shown[index] !== bar) {
      this.shown[index] = bar;
      this.bars[index]!.style.backgroundSize = `${bar} 100%`;
    }
    setAttribute(element, 'data-key', row?.key ?? null);
    setAttribute(element, 'data-marks', row?.marks || null);
    this.columns.forEach((_, at) => {
      const cell = element.children[at]!;
      const value = row?.cells[at];
      const target = cell.firstElementChild!;
      setText(target, value?.text ?? '\u00a0');
      setAttribute(target, 'data-value', value ? (value.exact ?? '') : null);
      setAttribute(target, 'data-tone', value?.tone || null);
      if (at === 0) setAttribute(cell, 'aria-label', row?.label ?? null);
    });
  }
}
