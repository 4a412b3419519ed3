import { latinText } from './latin-text.ts';

export interface TableColumn {
  readonly title: string;
  /** Points. */
  readonly width: number;
  readonly align: 'left' | 'right';
}

export interface TableRow {
  readonly cells: readonly string[];
  /** Below the first cell, small and grey; absent: nothing. */
  readonly note?: string;
  /** Absent: an ordinary row. */
  readonly look?: 'heading' | 'total';
}

const FONT = 'Helvetica';
const BOLD_FONT = 'Helvetica-Bold';
const SIZE = 8;
const NOTE_SIZE = 6.5;
const PADDING = 3;
const GAP = 6;
const INK = '#1a1a1a';
const SOFT_INK = '#5f6570';
const RULE = '#c9cdd4';

/** A table over as many pages as it needs, with its titles on each. */
export class PageTable {
  readonly #paper: PDFKit.PDFDocument;
  readonly #columns: readonly TableColumn[];
  readonly #bottom: number;

  constructor(paper: PDFKit.PDFDocument, columns: readonly TableColumn[]) {
    this.#paper = paper;
    this.#columns = columns;
    this.#bottom = paper.page.height - paper.page.margins.bottom;
  }

  write(rows: readonly TableRow[]): void {
    this.#writeTitles();
    for (const [index, row] of rows.entries()) {
      const height = this.#heightOf(row);
      // A heading alone at the end of a page would head nothing.
      const needed = height + (row.look === 'heading' ? this.#heightOf(rows[index + 1] ?? row) : 0);
      if (this.#paper.y + needed > this.#bottom) {
        this.#paper.addPage();
        this.#writeTitles();
      }
      this.#writeRow(row, height);
    }
  }

  #writeTitles(): void {
    const titles = { cells: this.#columns.map(({ title }) => title), look: 'total' } as const;
    this.#writeRow(titles, this.#heightOf(titles));
    this.#rule(0.8, INK);
  }

  #writeRow(row: TableRow, height: number): void {
    const paper = this.#paper;
    const top = paper.y;
    if (row.look === 'total') this.#rule(0.8, RULE);
    let x = paper.page.margins.left;
    for (const [index, { width, align }] of this.#columns.entries()) {
      const room = this.#roomFor(row, index);
      const text = latinText(row.cells[index] ?? '');
      if (text !== '') {
        paper
          .font(row.look === undefined ? FONT : BOLD_FONT, SIZE)
          .fillColor(INK)
          .text(text, x, top + PADDING, { width: room, align, lineBreak: true });
      }
      if (index === 0 && row.note !== undefined) {
        paper.font(FONT, NOTE_SIZE).fillColor(SOFT_INK);
        paper.text(latinText(row.note), x, paper.y, { width: room });
      }
      x += width;
    }
    paper.y = top + height;
    if (row.look === undefined) this.#rule(0.3, RULE);
  }

  /** The first cell alone may need several lines. */
  #heightOf(row: TableRow): number {
    const paper = this.#paper;
    const width = this.#roomFor(row, 0);
    paper.font(row.look === undefined ? FONT : BOLD_FONT, SIZE);
    const own = paper.heightOfString(latinText(row.cells[0] ?? ''), { width });
    const note =
      row.note === undefined ? 0 : paper.font(FONT, NOTE_SIZE).heightOfString(latinText(row.note), { width });
    return own + note + 2 * PADDING;
  }

  /** Words without figures beside them have the room of the figures. */
  #roomFor({ cells, look }: TableRow, index: number): number {
    const { width } = this.#columns[index]!;
    if (index > 0) return width;
    if (look === 'heading') return this.#width;
    const isBare = cells.slice(1, -1).every((cell) => cell === '');
    return (isBare ? this.#width - this.#columns.at(-1)!.width : width) - GAP;
  }

  get #width(): number {
    return this.#columns.reduce((sum, { width }) => sum + width, 0);
  }

  #rule(width: number, colour: string): void {
    const { left } = this.#paper.page.margins;
    const { y } = this.#paper;
    this.#paper
      .moveTo(left, y)
      .lineTo(left + this.#width, y)
      .lineWidth(width)
      .strokeColor(colour)
      .stroke();
  }
}
