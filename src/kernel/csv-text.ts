/** RFC 4180 text, header first. A cell that a spreadsheet would run as a formula is quoted with an apostrophe; negative numbers stay numbers. */
export function csvText(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const safe = /^[=+@\t\r]|^-(?![\d.,]*(?:e[+-]?\d+)? ?%?$)/i.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(',')).join('\r\n');
}
