/** One row of a CSV text, with the line on which it begins, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The rows of a text of comma-separated values (RFC 4180): fields may be quoted, with `""` for a quote, and then hold line
 * breaks. Rows end with LF or CRLF; a byte order mark and empty lines are passed over. A quote that is never closed takes the
 * rest.
 */
export function csvRows(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let line = 1;
  let begin = 1;
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  const end = () => {
    if (cells.length > 0 || cell !== '') rows.push({ line: begin, cells: [...cells, cell] });
    cells = [];
    cell = '';
  };
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  for (let at = 0; at < bare.length; at += 1) {
    const character = bare[at]!;
    if (character === '\n') line += 1;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (bare[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === ',') {
      cells.push(cell);
      cell = '';
    } else if (character === '\n') {
      end();
      begin = line;
    } else if (character !== '\r' || bare[at + 1] !== '\n') cell += character;
  }
  end();
  return rows;
}

/** One line of CSV; a cell that holds a comma, a quote or a line break is quoted. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
