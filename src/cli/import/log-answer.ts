import type { ReportFilter } from '../../reports/report-query.ts';
import type { TallylineClient } from '../client.ts';
import { count } from './row-count.ts';
import { rangeOf, top } from './top-values.ts';

/** What an import has read of a model invocation log. */
export interface LogAnswer {
  readonly Files: number;
  readonly Records: string;
  readonly Calls: string;
  readonly Tokens: string;
  readonly From?: string;
  readonly To?: string;
  readonly Notes: readonly {
    readonly IsKept: boolean;
    readonly Reason: string;
    readonly Records: string;
    readonly Examples: readonly string[];
  }[];
  readonly Refused: readonly { readonly File: string; readonly Text: string }[];
  readonly RefusedFiles: number;
}

/** What was imported of a log, who and what it is of, and what was left out. */
export async function logAnswer(
  client: TallylineClient,
  sourceId: string,
  log: LogAnswer,
  primaryBook: string,
): Promise<string> {
  const { Files, Records, Calls, Tokens, From, To, Notes, Refused, RefusedFiles } = log;
  const parts = [
    `imported ${count(Calls)} calls with ${count(Tokens)} tokens from ${count(Records)} records in ${count(Files)} files`,
  ];
  const range = rangeOf([{ ...(From && { UsageFrom: From }), ...(To && { UsageTo: To }) }]);
  if (range) {
    const Filter: ReportFilter = { key: { dimension: 'upstream' }, equalsAny: [`invocation-log:${sourceId}`] };
    for (const [key, title] of [
      ['principal', 'who'],
      ['model', 'what'],
    ] as const) {
      parts.push(await top(client, key, range, title, { Book: 'ledger', Filter }));
    }
  }
  const notes = Notes.map(({ IsKept, Reason, Records: records, Examples }) => {
    return `  ${IsKept ? 'kept' : 'left out'}: ${count(records)} records, ${Reason} (${Examples.join(', ')})`;
  });
  if (notes.length > 0) parts.push(['to know:', ...notes].join('\n'));
  if (RefusedFiles > 0) {
    const lines = Refused.map(({ File, Text }) => `  ${File}: ${Text}`);
    parts.push([`of ${count(RefusedFiles)} files nothing was taken:`, ...lines].join('\n'));
  }
  parts.push(
    `they are in the ledger at the price book's prices, marked as estimated: a log counts, and the bill has the last word${primaryBook === 'bill' ? '; reports show imported bills, `--book ledger` shows these calls' : ''}`,
  );
  return parts.join('\n\n');
}
