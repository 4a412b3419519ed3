import { setTimeout } from 'node:timers/promises';
import { Option } from 'commander';
import { Fault } from '../kernel/fault.ts';
import { CAUSE_CODES, CAUSES, type CauseCode, isCauseCode } from '../reconciliation/cause-code.ts';
import type { TallylineClient } from './client.ts';
import { type Column, formatCsv, formatTable } from './table.ts';
import type { VerbParts } from './verb-parts.ts';

interface ReconcileOptions {
  readonly data: string;
  readonly source?: string;
  readonly month?: string;
  readonly latest?: boolean;
  readonly explain?: string;
  readonly limit: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface CodeWire {
  readonly Code: CauseCode;
  readonly Kind: string;
  readonly Title: string;
  readonly Rows: number;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
  readonly DifferenceUsd: string;
}

interface ReconciliationWire {
  readonly Id: string;
  readonly SourceId: string;
  readonly BillingPeriod: string;
  readonly State: 'WAITING' | 'RUNNING' | 'DONE' | 'FAILED';
  readonly Reason?: string;
  readonly Sentence?: string;
  readonly OpenUsd?: string;
  readonly BillUsd?: string;
  readonly LedgerUsd?: string;
  readonly Codes?: readonly CodeWire[];
  readonly OutOfScope?: readonly {
    readonly Side: string;
    readonly Reason: string;
    readonly Usd: string;
    readonly Lines: number;
  }[];
}

interface DifferenceWire {
  readonly Code: string;
  readonly At: string;
  readonly Principal: string;
  readonly Callers: readonly string[];
  readonly ModelId: string;
  readonly Meter: string;
  readonly UsageType: string;
  readonly Note: string;
  readonly BillQuantity: string;
  readonly LedgerQuantity: string;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
  readonly DifferenceUsd: string;
}

const LEFT = (title: string): Column => ({ title, align: 'left' });
const RIGHT = (title: string): Column => ({ title, align: 'right' });
const CODES = [
  LEFT('cause'),
  RIGHT('rows'),
  RIGHT('bill USD'),
  RIGHT('ledger USD'),
  RIGHT('difference USD'),
  LEFT('means'),
];
const DIFFERENCES = [
  ...[
    LEFT('time'),
    LEFT('principal in the bill'),
    LEFT('model'),
    LEFT('meter'),
    RIGHT('in the bill'),
    RIGHT('in the ledger'),
  ],
  ...[RIGHT('difference USD'), LEFT('callers'), LEFT('note')],
];
const LOOK_EVERY_MS = 250;
/** Exit code where something is open. */
const OPEN = 2;

/** `tallyline reconcile`: imported bills against the ledger. Exit code 0: nothing is open; 2: something is; 1: it could not be told. */
export function reconcileVerb({ verb, client, print }: VerbParts): void {
  verb('reconcile', 'compare an imported bill with the ledger, and say why they differ')
    .option('--source <id>', 'of one import source (default: each)')
    .option('--month <month>', 'one month: 2026-05 (default: the latest of each source)')
    .option('--latest', 'show the last comparison instead of making one')
    .option('--explain <code>', 'rows of one cause, and what to do about it')
    .option('--limit <count>', 'rows of --explain', '20')
    .addOption(new Option('--json', 'JSON').conflicts('csv'))
    .option('--csv', 'CSV')
    .action(async (options: ReconcileOptions) => {
      if (await showReconciliations(client(options), options, print)) process.exitCode = OPEN;
    });
}

/** True when something is open. */
async function showReconciliations(
  client: TallylineClient,
  options: ReconcileOptions,
  print: (text: string) => void,
): Promise<boolean> {
  const code = options.explain?.toUpperCase();
  if (code !== undefined && !isCauseCode(code)) {
    throw new Fault('QueryInvalid', `there is no cause \`${options.explain}\`; use one of ${CAUSE_CODES.join(', ')}`);
  }
  const found = await reconciliations(client, options);
  for (const { State, SourceId, BillingPeriod, Reason } of found) {
    if (State === 'FAILED')
      throw new Fault('QueryInvalid', `the comparison of \`${SourceId}\` for ${BillingPeriod} failed: ${Reason}`);
  }
  if (code !== undefined) await explain(client, { ...options, code }, found, print);
  else if (options.json) print(JSON.stringify(found, null, 2));
  else if (options.csv) print(formatCsv([LEFT('source'), LEFT('month'), ...CODES], found.flatMap(csvRows)));
  else for (const one of found) print(textOf(one));
  return found.some(({ OpenUsd }) => OpenUsd !== undefined && OpenUsd !== '0');
}

/** Those that were asked for, finished. */
async function reconciliations(client: TallylineClient, options: ReconcileOptions): Promise<ReconciliationWire[]> {
  const of = {
    ...(options.source !== undefined && { SourceId: options.source }),
    ...(options.month !== undefined && { BillingPeriod: options.month }),
  };
  const operation = options.latest ? 'ListReconciliations' : 'StartReconciliation';
  const { Reconciliations } = await client.call<{ Reconciliations: ReconciliationWire[] }>(operation, of);
  const chosen = options.latest ? latestDone(Reconciliations, options) : Reconciliations;
  const finished: ReconciliationWire[] = [];
  for (const { Id } of chosen) finished.push(await finishedOne(client, Id));
  return finished;
}

async function finishedOne(client: TallylineClient, Id: string): Promise<ReconciliationWire> {
  for (;;) {
    const { Reconciliation } = await client.call<{ Reconciliation: ReconciliationWire }>('GetReconciliation', { Id });
    if (Reconciliation.State === 'DONE' || Reconciliation.State === 'FAILED') return Reconciliation;
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Newest first in, one of each source out; of each month where one is named. */
function latestDone(all: readonly ReconciliationWire[], { month }: ReconcileOptions): ReconciliationWire[] {
  const bySource = new Map<string, ReconciliationWire>();
  for (const one of all) if (one.State === 'DONE' && !bySource.has(one.SourceId)) bySource.set(one.SourceId, one);
  if (bySource.size > 0) return [...bySource.values()];
  throw new Fault(
    'QueryInvalid',
    `nothing was compared${month === undefined ? '' : ` for \`${month}\``} so far; run it without \`--latest\``,
  );
}

function textOf({ Sentence, SourceId, BillUsd, LedgerUsd, Codes = [], OutOfScope = [] }: ReconciliationWire): string {
  const shown = Codes.filter(({ Code, Rows }) => Rows > 0 || Code === 'REST');
  const sums = `source ${SourceId}: bill ${BillUsd} USD, ledger ${LedgerUsd} USD`;
  const left = OutOfScope.map(
    ({ Side, Reason, Usd, Lines }) =>
      `not compared: ${Usd} USD of the ${Side.toLowerCase()} (${Reason}, ${Lines} lines)`,
  );
  return [
    `${Sentence}`,
    '',
    sums,
    '',
    formatTable(CODES, shown.map(codeRow)),
    ...(left.length > 0 ? ['', ...left] : []),
    '',
  ].join('\n');
}

function codeRow({ Code, Rows, BillUsd, LedgerUsd, DifferenceUsd }: CodeWire): string[] {
  return [Code, `${Rows}`, BillUsd, LedgerUsd, DifferenceUsd, CAUSES[Code].meaning];
}

function csvRows({ SourceId, BillingPeriod, Codes = [] }: ReconciliationWire): string[][] {
  return Codes.map((one) => [SourceId, BillingPeriod, ...codeRow(one)]);
}

async function explain(
  client: TallylineClient,
  { code, limit, json, csv }: ReconcileOptions & { readonly code: CauseCode },
  found: readonly ReconciliationWire[],
  print: (text: string) => void,
): Promise<void> {
  const MaxResults = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (MaxResults < 1 || MaxResults > 1_000)
    throw new Fault('QueryInvalid', `--limit \`${limit}\` is not valid: use 1 to 1000`);
  const rows: DifferenceWire[] = [];
  for (const { SourceId, BillingPeriod } of found) {
    const input = { SourceId, BillingPeriod, Codes: [code], MaxResults };
    rows.push(
      ...(await client.call<{ Differences: DifferenceWire[] }>('ListReconciliationDifferences', input)).Differences,
    );
  }
  if (json) return print(JSON.stringify(rows, null, 2));
  if (csv) return print(formatCsv(DIFFERENCES, rows.map(differenceRow)));
  const { meaning, remedy } = CAUSES[code];
  const words = [`${code}: ${meaning}`, ...(remedy ? [`what to do: ${remedy}`] : []), ''];
  print([...words, rows.length === 0 ? 'no rows' : formatTable(DIFFERENCES, rows.map(differenceRow))].join('\n'));
}

function differenceRow(one: DifferenceWire): string[] {
  return [
    ...[
      one.At,
      one.Principal || '-',
      one.ModelId || one.UsageType || '-',
      one.Meter || '-',
      one.BillQuantity,
      one.LedgerQuantity,
    ],
    ...[one.DifferenceUsd, one.Callers.join(', ') || '-', one.Note || '-'],
  ];
}
