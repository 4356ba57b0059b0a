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
  /** It changed a moment ago. */
  lit?: boolean;
}

export interface Row {
  key: string;
  cells: readonly Cell[];
  /** Share of the row's width that its bar takes, 0…1. */
  bar: number;
  /** Words that mark the row for the style sheet. */
  marks?: string;
  label?: string | undefined;
}

/** One row of the pool, and what it shows: reading that back from the page would cost more than writing it. */
interface Line {
  readonly element: HTMLTableRowElement;
  readonly texts: readonly HTMLElement[];
  width: string;
  shown: Row | null;
}

const empty: Cell = { text: '\u00a0', exact: null };

export class RowPool {
  private readonly lines: Line[] = [];

  constructor(
    private readonly body: HTMLTableSectionElement,
    private readonly columns: readonly string[],
  ) {}

  get rows(): HTMLTableRowElement[] {
    return this.lines.map(({ element }) => element);
  }

  /** Shows these rows; a null keeps its place empty, so that nothing around it moves. */
  show(rows: readonly (Row | null)[]): void {
    while (this.lines.length < rows.length) this.lines.push(this.grow());
    this.lines.forEach((line, index) => {
      const row = rows[index];
      if (line.element.hidden !== (row === undefined)) line.element.hidden = row === undefined;
      if (row !== undefined) this.fill(line, row);
    });
  }

  /** Ends the flashes that stand. */
  calm(): void {
    for (const line of this.lines) {
      if (!line.shown?.cells.some(({ lit }) => lit)) continue;
      this.fill(line, { ...line.shown, cells: line.shown.cells.map((cell) => ({ ...cell, lit: false })) });
    }
  }

  private grow(): Line {
    const element = document.createElement('tr');
    const texts = this.columns.map((column, index) => {
      const cell = document.createElement(index === 0 ? 'th' : 'td');
      if (index === 0) cell.setAttribute('scope', 'row');
      cell.className = column;
      const text = document.createElement('span');
      text.dir = 'ltr';
      text.textContent = empty.text;
      cell.append(text);
      element.append(cell);
      return text;
    });
    this.body.append(element);
    return { element, texts, width: '0', shown: null };
  }

  private fill(line: Line, row: Row | null): void {
    const { element, texts, shown } = line;
    const width = row === null ? '0' : `${(row.bar * 100).toFixed(1)}%`;
    if (line.width !== width) {
      line.width = width;
      element.style.backgroundSize = `${width} 100%`;
    }
    line.shown = row;
    if (shown?.key !== row?.key) setAttribute(element, 'data-key', row?.key ?? null);
    if (shown?.marks !== row?.marks) setAttribute(element, 'data-marks', row?.marks || null);
    if (shown?.label !== row?.label) setAttribute(element.firstElementChild!, 'aria-label', row?.label ?? null);
    texts.forEach((text, at) => {
      const [before, now] = [shown?.cells[at] ?? empty, row?.cells[at] ?? empty];
      if (before.text !== now.text) setText(text, now.text);
      if (before.exact !== now.exact) setAttribute(text, 'data-value', now.exact === undefined ? '' : now.exact);
      if (before.tone !== now.tone) setAttribute(text, 'data-tone', now.tone || null);
      if (before.lit !== now.lit) setAttribute(text.parentElement!, 'data-lit', now.lit ? 'true' : null);
    });
  }
}
