import { csvText } from '../kernel/csv-text.ts';

export type Align = 'left' | 'right';

export interface Column {
  readonly title: string;
  readonly align: Align;
}

/**
 * A plain text table: two spaces between columns, no trailing spaces, a rule under the titles. Names come from whoever may
 * make budgets or calls: what would steer the terminal, or order the line otherwise, is shown as its code.
 */
export function formatTable(columns: readonly Column[], given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(visible));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => width(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index]!, columns[index]!.align))
      .join('  ')
      .trimEnd();
  const head = line(columns.map(({ title }) => title));
  const rule = widths.map((size) => '-'.repeat(size)).join('  ');
  return [head, rule, ...rows.map(line)].join('\n');
}

/** The same as CSV, the titles first. */
export function formatCsv(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  return csvText([columns.map(({ title }) => title), ...rows]);
}

/** Control characters (C0, C1, line separators) and marks that turn the direction of text. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function pad(text: string, size: number, align: Align): string {
  const fill = ' '.repeat(Math.max(0, size - width(text)));
  return align === 'right' ? fill + text : text + fill;
}

/** Code points, which is near enough to columns for names and ARNs. */
function width(text: string): number {
  return [...text].length;
}
