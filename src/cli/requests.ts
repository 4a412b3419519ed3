import { Option } from 'commander';
import { isoSeconds } from '../kernel/time.ts';
import type { TallylineClient } from './client.ts';
import { readKnownRange } from './known-range.ts';
import { type Column, formatCsv, formatTable } from './table.ts';
import { type RangeOptions, readRange } from './time-range.ts';
import type { VerbParts } from './verb-parts.ts';

interface RequestsOptions extends RangeOptions {
  readonly data: string;
  readonly limit?: string;
  readonly principal?: string;
  readonly model?: string;
  readonly status?: string;
  readonly costliest?: boolean;
  readonly minCost?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface RequestSummary {
  readonly RequestId: string;
  readonly AdmittedAt: string;
  readonly Principal: string;
  readonly Operation: string;
  readonly ModelId: string;
  readonly Status: string;
  readonly ErrorCode?: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
  readonly CacheReadInputTokens?: string;
  readonly CacheWrite5mInputTokens?: string;
  readonly CacheWrite1hInputTokens?: string;
  readonly Units?: Readonly<Record<string, string>>;
  readonly IsEstimated?: boolean;
  readonly CostUsd: string;
  readonly IsUnpriced?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'time', align: 'left' },
  { title: 'principal', align: 'left' },
  { title: 'model', align: 'left' },
  { title: 'operation', align: 'left' },
  { title: 'input', align: 'right' },
  { title: 'output', align: 'right' },
  { title: 'cache read', align: 'right' },
  { title: 'cache write', align: 'right' },
  { title: 'units', align: 'left' },
  { title: 'cost USD', align: 'right' },
  { title: 'status', align: 'left' },
  { title: 'request id', align: 'left' },
];

/** `tallyline requests`: the latest or the costliest calls. */
export function requestsVerb({ verb, client, print, now }: VerbParts): void {
  verb('requests', 'the latest calls, or the costliest')
    .option('--limit <count>', 'how many', '20')
    .option('--principal <arn>', 'of one principal')
    .option('--model <id>', 'of one model')
    .option('--status <status>', 'completed, cut, failed or interrupted')
    .option('--costliest', 'the most expensive first')
    .option('--min-cost <usd>', 'that cost at least so much')
    .option('--from <time>', 'admitted from this date (UTC) or instant on (default: the first call)')
    .option('--to <time>', 'admitted before it (default: now)')
    .option('--last <time>', 'the last hours or days: 36h, 7d')
    .option('--month <month>', 'one month: 2026-05')
    .addOption(new Option('--json', 'JSON').conflicts('csv'))
    .option('--csv', 'CSV')
    .action((options: RequestsOptions) => listRequests(client(options), options, now(), print));
}

async function listRequests(
  client: TallylineClient,
  options: RequestsOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  const { Requests } = await client.call<{ Requests: RequestSummary[] }>('ListRequests', {
    MaxResults: Number(options.limit ?? 20),
    ...(options.principal && { Principal: options.principal }),
    ...(options.model && { ModelId: options.model }),
    ...(options.status && { Status: options.status }),
    ...(options.costliest && { OrderBy: 'COSTLIEST' }),
    ...(options.minCost !== undefined && { MinCostUsd: options.minCost }),
    ...(await wireRange(client, options, nowMs)),
  });
  if (options.json) return print(JSON.stringify(Requests, null, 2));
  const rows = Requests.map((one) => [
    one.AdmittedAt,
    one.Principal,
    one.ModelId,
    one.Operation,
    one.InputTokens,
    one.OutputTokens,
    one.CacheReadInputTokens ?? '-',
    cacheWrites(one),
    Object.entries(one.Units ?? {})
      .map(([meter, pieces]) => `${pieces} ${meter}`)
      .join(', ') || '-',
    one.IsUnpriced ? 'unpriced' : one.CostUsd,
    [one.Status, one.ErrorCode, one.IsEstimated && 'estimated'].filter(Boolean).join(' '),
    one.RequestId,
  ]);
  if (options.csv) return print(formatCsv(COLUMNS, rows));
  print(rows.length === 0 ? 'no requests yet' : formatTable(COLUMNS, rows));
}

/** Without any option of time: every call. */
async function wireRange(
  client: TallylineClient,
  options: RequestsOptions,
  nowMs: number,
): Promise<{ readonly Start?: string; readonly End?: string }> {
  const { from, to, last, month } = options;
  if (last !== undefined || month !== undefined || from !== undefined) {
    const { startMs, endMs } = await readKnownRange(client, options, { nowMs, book: 'ledger' });
    return { Start: isoSeconds(startMs), End: isoSeconds(endMs) };
  }
  return to === undefined ? {} : { End: isoSeconds(readRange({ from: '1970-01-01', to }, nowMs).endMs) };
}

/** Five-minute and one-hour writes together; `-` where the model reported neither. */
function cacheWrites({ CacheWrite5mInputTokens: short, CacheWrite1hInputTokens: long }: RequestSummary): string {
  return short === undefined && long === undefined ? '-' : (BigInt(short ?? 0) + BigInt(long ?? 0)).toString();
}
