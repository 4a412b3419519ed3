/** Begin and end of a row's usage, of all formats. */
const SPANS = [
  ['line_item_usage_start_date', 'line_item_usage_end_date'],
  ['lineItem/UsageStartDate', 'lineItem/UsageEndDate'],
  ['ChargePeriodStart', 'ChargePeriodEnd'],
] as const;

/** The same in one text, `2026-05-01T00:00:00Z/2026-05-01T01:00:00Z`: the greatest is of a row that begins last, no fee of a month. */
const INTERVALS = ['identity_time_interval', 'identity/TimeInterval'];

/** The shortest time that rows of CSV stand for, in ms. Undefined: they do not say. */
export function shortestSpan(header: readonly string[], rows: readonly (readonly string[])[]): number | undefined {
  for (const [start, end] of SPANS) {
    const [from, to] = [header.indexOf(start), header.indexOf(end)];
    if (from >= 0 && to >= 0) return shortest(rows.map((cells) => [cells[from] ?? '', cells[to] ?? '']));
  }
  return shortestInterval((name) => {
    const at = header.indexOf(name);
    return at < 0 ? [] : rows.map((cells) => cells[at] ?? '');
  });
}

/** The same of the intervals that a column has; `textsOf` is empty for a column that is not there. */
export function shortestInterval(textsOf: (column: string) => readonly string[]): number | undefined {
  return shortest(INTERVALS.flatMap(textsOf).map((text) => text.split('/')));
}

function shortest(spans: readonly (readonly string[])[]): number | undefined {
  const lengths = spans.map(([start = '', end = '']) => Date.parse(end) - Date.parse(start)).filter((ms) => ms > 0);
  return lengths.length === 0 ? undefined : Math.min(...lengths);
}
