import { formatUsd, parsePicoUsd } from '../../kernel/money.ts';
import type { TallylineClient } from '../client.ts';
import { formatTable } from '../table.ts';
import { type BillFinding, findingTexts, type LookedAtDelivery } from './findings.ts';
import type { LogAnswer } from './log-answer.ts';
import { type BillProblem, type IgnoredFile, ignoredLines, problemLines } from './problems.ts';
import { count } from './row-count.ts';
import { rangeOf, top } from './top-values.ts';

export interface BillImportAnswer {
  readonly Import: {
    readonly ImportId: string;
    readonly SourceId: string;
    readonly State: string;
    readonly StartedAt?: string;
    readonly EndedAt?: string;
    readonly Problems: readonly BillProblem[];
    readonly Ignored: readonly IgnoredFile[];
    readonly ReplacedPeriods: readonly string[];
    readonly MadePrimary: boolean;
    readonly Log?: LogAnswer;
  };
  readonly Progress?: {
    readonly Step: string;
    readonly FilesDone: number;
    readonly FilesTotal: number;
    readonly BytesDone: string;
    readonly BytesTotal: string;
    readonly RowsDone: string;
    readonly RowsTotal?: string;
    readonly PeriodsDone: number;
    readonly PeriodsTotal: number;
  };
  /** What is imported; empty before anything was found. */
  readonly Deliveries: readonly LookedAtDelivery[];
  readonly Periods: readonly BillPeriod[];
  readonly PrimaryBook: string;
}

interface BillPeriod {
  readonly BillingPeriod: string;
  readonly Format: string;
  readonly Layout: string;
  readonly Files: number;
  readonly Bytes: string;
  readonly Rows: string;
  readonly RowsWithoutCost: string;
  readonly CostUsd: string;
  readonly UsageFrom?: string;
  readonly UsageTo?: string;
  readonly TagKeys: readonly string[];
  readonly NotImported: readonly { readonly Product: string; readonly Rows: string; readonly CostUsd: string }[];
  readonly Findings: readonly BillFinding[];
  readonly Unrecognised: readonly {
    readonly UsageType: string;
    readonly Unread: readonly string[];
    readonly Rows: string;
    readonly CostUsd: string;
  }[];
}

const TOP = 10;

/** Why nothing was changed, every reason on a line of its own. */
export function problemsText({ Import }: BillImportAnswer): string {
  // Calls of a log are in the ledger as soon as they are read.
  const calls = Import.Log && `${count(Import.Log.Calls)} calls are in the ledger`;
  const replaced = Import.ReplacedPeriods;
  const changed =
    calls ??
    (replaced.length === 0
      ? 'nothing was changed'
      : `these billing periods were replaced before: ${replaced.join(', ')}`);
  if (Import.State === 'cancelled') return `the import was cancelled; ${changed}`;
  return [`not imported, and ${changed}:`, ...problemLines(Import.Problems)].join('\n');
}

/** What was imported, and who and what it is of. Findings that were `told` before are not told again. */
export async function importAnswer(
  client: TallylineClient,
  { Import, Periods, PrimaryBook }: BillImportAnswer,
  nowMs: number,
  told: ReadonlySet<string>,
): Promise<string> {
  const seconds = (Date.parse(Import.EndedAt ?? new Date(nowMs).toISOString()) - Date.parse(Import.StartedAt!)) / 1_000;
  const rows = Periods.reduce((sum, period) => sum + Number(period.Rows), 0);
  const skipped = Periods.flatMap(({ NotImported }) => NotImported);
  const skippedRows = skipped.reduce((sum, product) => sum + Number(product.Rows), 0);
  const total = usd(Periods.map(({ CostUsd }) => CostUsd));
  const parts = [
    `imported ${count(rows)} rows of ${Periods.length} billing period${Periods.length === 1 ? '' : 's'} in ${seconds.toFixed(1)} s (${count(Math.round((rows + skippedRows) / Math.max(seconds, 0.1)))} rows/s): ${total} USD`,
    formatTable(PERIOD_COLUMNS, Periods.map(periodRow)),
  ];
  if (skippedRows > 0) {
    const services = new Set(skipped.map(({ Product }) => Product)).size;
    const cost = usd(skipped.map(({ CostUsd }) => CostUsd));
    parts.push(
      `not imported: ${count(skippedRows)} rows of ${services} other service${services === 1 ? '' : 's'} (${cost} USD); --all-services keeps them`,
    );
  }
  const range = rangeOf(Periods);
  if (range) {
    parts.push(await top(client, 'principal', range, 'who', { Book: 'bill' }));
    parts.push(await top(client, 'model', range, 'what', { Book: 'bill' }));
  }
  const keys = [...new Set(Periods.flatMap(({ TagKeys }) => TagKeys))].sort();
  parts.push(keys.length === 0 ? 'no tags: no cost allocation tag is on any row' : `tags: ${keys.join(', ')}`);
  const findings = Periods.flatMap(({ Findings }) => Findings);
  parts.push(...findingTexts(findings).filter((text) => !told.has(text)));
  const unrecognised = Periods.flatMap(({ Unrecognised }) => Unrecognised);
  if (unrecognised.length > 0) {
    parts.push(
      `kept, and not understood: ${usd(unrecognised.map(({ CostUsd }) => CostUsd))} USD`,
      ...unrecognised
        .slice(0, TOP)
        .map((one) => `  ${one.UsageType} (${one.Unread.join(', ')}): ${count(one.Rows)} rows, ${one.CostUsd} USD`),
    );
  }
  const withoutCost = Periods.reduce((sum, period) => sum + Number(period.RowsWithoutCost), 0);
  if (withoutCost > 0) parts.push(`${count(withoutCost)} rows do not say what they cost: kept as unpriced`);
  parts.push(...ignoredLines(Import.Ignored));
  parts.push(
    Import.MadePrimary
      ? 'reports show this bill from now on, since nothing was metered here; `--book ledger` shows the ledger'
      : PrimaryBook === 'bill'
        ? 'reports show imported bills; `--book ledger` shows what was metered here'
        : 'reports show what was metered here; `--book bill` shows imported bills',
  );
  return parts.join('\n\n');
}

const PERIOD_COLUMNS = [
  { title: 'period', align: 'left' },
  { title: 'format', align: 'left' },
  { title: 'files', align: 'right' },
  { title: 'rows', align: 'right' },
  { title: 'cost USD', align: 'right' },
] as const;

function periodRow({ BillingPeriod, Format, Files, Rows, CostUsd }: BillPeriod): string[] {
  return [BillingPeriod, Format, `${Files}`, count(Rows), CostUsd];
}

function usd(amounts: readonly string[]): string {
  return formatUsd(amounts.reduce((sum, amount) => sum + (amount === '' ? 0n : parsePicoUsd(amount)), 0n));
}
