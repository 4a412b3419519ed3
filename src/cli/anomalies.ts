import { formatUsdRounded, parsePicoUsd } from '../kernel/money.ts';
import { HOUR_MS, isoSeconds } from '../kernel/time.ts';
import type { TallylineClient } from './client.ts';
import { readKnownRange, sayRange } from './known-range.ts';
import { type Column, formatTable } from './table.ts';
import type { VerbParts } from './verb-parts.ts';

interface Finding {
  readonly FindingId: string;
  readonly Book: string;
  readonly Kind: string;
  readonly Title: string;
  readonly Severity: string;
  readonly Since: string;
  readonly Until: string;
  readonly EndedAt?: string;
  readonly ActualUsd: string;
  readonly ExpectedUsd: string;
  readonly ImpactUsd: string;
  readonly Evidence: readonly string[];
  readonly Causes: readonly { Principal: string; ModelId: string; Reason: string; ExcessUsd: string }[];
  readonly AlsoSeenOn: readonly { Key: string; Value: string }[];
  readonly Feedback?: { readonly Says: string; readonly By: string };
}

interface Shown {
  readonly Finding: Finding;
  readonly Series: readonly { Start: string; CostUsd: string; ExpectedUsd?: string; UpperUsd?: string }[];
  readonly Change?: { readonly Reasons: readonly { Reason: string; ChangeUsd: string; Text: string }[] };
}

interface ListOptions {
  readonly data: string;
  readonly since: string;
  readonly open?: boolean;
  readonly minSeverity: string;
  readonly json?: boolean;
}

interface OneOptions {
  readonly data: string;
  readonly json?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'since', align: 'left' },
  { title: 'severity', align: 'left' },
  { title: 'what', align: 'left' },
  { title: 'spent USD', align: 'right' },
  { title: 'usual USD', align: 'right' },
  { title: 'state', align: 'left' },
  { title: 'book', align: 'left' },
  { title: 'id', align: 'left' },
];

const HOURS: readonly Column[] = [
  { title: 'hour', align: 'left' },
  { title: 'spent USD', align: 'right' },
  { title: 'usual USD', align: 'right' },
  { title: 'up to USD', align: 'right' },
];

/** `tallyline anomalies`: what the standing watch found, one of them in full, and what somebody says of it. */
export function anomaliesVerbs({ verb, client, print, now }: VerbParts): void {
  const anomalies = verb('anomalies', 'spend that is out of the ordinary, the latest first')
    .enablePositionalOptions()
    .option('--since <time>', 'that went on within the last hours or days: 36h, 7d', '30d')
    .option('--open', 'that go on')
    .option('--min-severity <severity>', 'low, medium or high', 'low')
    .option('--json', 'JSON')
    .action((options: ListOptions) => list(client(options), options, now(), print));
  verb('show <id>', 'one of them: evidence, causes, and what was expected hour by hour', anomalies)
    .option('--json', 'JSON')
    .action((id: string, options: OneOptions) => show(client(options), id, options, print));
  verb('feedback <id>', 'say what it was: the watch learns from it', anomalies)
    .requiredOption('--says <what>', 'expected, false_alarm or fixed')
    .action(async (id: string, options: OneOptions & { says: string }) => {
      const input = { FindingId: id, Feedback: options.says };
      const { Finding } = await client(options).call<{ Finding: Finding }>('PutFindingFeedback', input);
      print(`${Finding.Title}: ${Finding.Feedback?.Says}`);
    });
}

async function list(
  client: TallylineClient,
  { since, open, minSeverity, json }: ListOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  const range = await readKnownRange(client, { last: since }, { nowMs });
  const { Findings } = await client.call<{ Findings: Finding[] }>('ListFindings', {
    ...{ Since: isoSeconds(range.startMs), MinSeverity: minSeverity, MaxResults: 1_000 },
    ...(open && { State: 'open' }),
  });
  if (json) return print(JSON.stringify(Findings, null, 2));
  const rows = Findings.map((one) => [
    ...[one.Since, one.Severity, one.Title, cents(one.ActualUsd), cents(one.ExpectedUsd)],
    ...[one.Feedback?.Says ?? (one.EndedAt === undefined ? 'goes on' : `until ${one.Until}`)],
    ...[one.Book, one.FindingId],
  ]);
  sayRange(range, print);
  print(rows.length === 0 ? 'nothing out of the ordinary' : formatTable(COLUMNS, rows));
}

async function show(
  client: TallylineClient,
  id: string,
  { json }: OneOptions,
  print: (text: string) => void,
): Promise<void> {
  const shown = await client.call<Shown>('GetFinding', { FindingId: id });
  if (json) return print(JSON.stringify(shown, null, 2));
  const { Finding, Series, Change } = shown;
  const lines = [
    Finding.Title,
    `severity ${Finding.Severity}; since ${Finding.Since}${Finding.EndedAt === undefined ? ', and goes on' : ` until ${Finding.Until}`}${Finding.Book === 'bill' ? '; in the imported bill' : ''}`,
    `USD ${cents(Finding.ActualUsd)} spent, USD ${cents(Finding.ExpectedUsd)} is usual: USD ${cents(Finding.ImpactUsd)} more`,
    ...Finding.Evidence.map((sentence) => `- ${sentence}`),
    ...Finding.Causes.map(
      (cause) => `who: ${cause.Principal} on ${cause.ModelId}: ${cause.Reason}, USD ${cents(cause.ExcessUsd)}`,
    ),
    ...(Change?.Reasons ?? []).map(({ Reason, ChangeUsd, Text }) => `why: ${Reason} USD ${cents(ChangeUsd)}: ${Text}`),
    ...Finding.AlsoSeenOn.map(({ Key, Value }) => `shows as well on: ${Key} ${Value}`.trimEnd()),
    ...(Finding.Feedback ? [`${Finding.Feedback.By} says: ${Finding.Feedback.Says}`] : []),
  ];
  const around = Date.parse(Finding.Since) - 6 * HOUR_MS;
  const hours = Series.filter(({ Start }) => Date.parse(Start) >= around).map(
    ({ Start, CostUsd, ExpectedUsd, UpperUsd }) => [
      ...[Start, cents(CostUsd)],
      ...[ExpectedUsd, UpperUsd].map((usd) => (usd === undefined ? '-' : cents(usd))),
    ],
  );
  print(`${lines.join('\n')}\n\n${formatTable(HOURS, hours)}`);
}

/** Of an amount in decimal notation; a finding's amounts are estimates below a cent. */
function cents(usd: string): string {
  return formatUsdRounded(parsePicoUsd(usd), 2);
}
