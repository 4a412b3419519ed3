import { csvLine } from './csv-rows.ts';

/** RFC 4180 text, header first. A cell that a spreadsheet would run as a formula is quoted with an apostrophe; negative numbers stay numbers. */
export function csvText(rows: readonly (readonly string[])[]): string {
  const safe = (text: string) => (/^[=+@\t\r]|^-(?![\d.,]*(?:e[+-]?\d+)? ?%?$)/i.test(text) ? `'${text}` : text);
  return rows.map((row) => csvLine(row.map(safe))).join('\r\n');
}
