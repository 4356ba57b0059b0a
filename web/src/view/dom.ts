/** The least of a view layer: write to the document only what differs. */

export function byTestId(id: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!element) throw new Error(`The page has no element ${id}.`);
  return element;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Shown text, and the exact value for whoever reads the page by program or by tooltip. */
export function setValue(element: Element, shown: string, exact: string | null | undefined): void {
  setText(element, shown);
  setAttribute(element, 'data-value', exact ?? '');
  setAttribute(element, 'title', exact !== null && exact !== undefined && exact !== shown ? exact : null);
}

export interface Cell {
  text: string;
  exact?: string | null | undefined;
  tone?: 'up' | 'down' | 'muted' | '';
}

export interface Row {
  cells: Cell[];
  /** Identifies the row to a program reading the page. */
  key?: string;
  /** Share of the row's width that its bar takes, 0…1. */
  bar?: number;
}

/** A table body with a pool of rows: shows a list by changing texts, not by building elements anew. */
export class Rows {
  private readonly pool: HTMLTableRowElement[] = [];

  constructor(
    private readonly body: HTMLTableSectionElement,
    private readonly columns: readonly string[],
    private readonly headed = -1,
  ) {}

  show(rows: readonly Row[]): void {
    while (this.pool.length < rows.length) this.grow();
    this.pool.forEach((element, index) => {
      const row = rows[index];
      if (element.hidden !== (row === undefined)) element.hidden = row === undefined;
      if (row) this.fill(element, row);
    });
  }

  private grow(): void {
    const row = document.createElement('tr');
    this.columns.forEach((column, index) => {
      const cell = document.createElement(index === this.headed ? 'th' : 'td');
      if (index === this.headed) cell.setAttribute('scope', 'row');
      cell.className = column;
      row.append(cell);
    });
    this.body.append(row);
    this.pool.push(row);
  }

  private fill(element: HTMLTableRowElement, row: Row): void {
    setAttribute(element, 'data-key', row.key ?? null);
    if (row.bar !== undefined) element.style.setProperty('--bar', row.bar.toFixed(4));
    row.cells.forEach((cell, index) => {
      const target = element.children[index]!;
      setValue(target, cell.text, cell.exact ?? null);
      setAttribute(target, 'data-tone', cell.tone ?? '');
    });
  }
}

export function bodyOf(testId: string): HTMLTableSectionElement {
  return byTestId(testId).querySelector('tbody')!;
}
