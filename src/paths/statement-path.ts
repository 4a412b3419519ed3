import type { BusinessMetricRegistry } from '../allocation/business-metric-registry.ts';
import { Fault } from '../kernel/fault.ts';
import { anewOnConflict } from '../kernel/record-store.ts';
import { billingPeriodEndMs, billingPeriodStartMs, nextBillingPeriod } from '../kernel/time.ts';
import type { Measure, ReportFilter, ReportQuery, ReportRow } from '../reports/report-query.ts';
import type { BookKind, BookLine } from '../statements/book-line.ts';
import { draftMonth, type MonthDraft } from '../statements/draft-month.ts';
import { type MonthFigures, monthFigures } from '../statements/month-figures.ts';
import type { SharedCost, StatementDefinition } from '../statements/statement-definition.ts';
import type { IssuedStatement, StatementLedger } from '../statements/statement-ledger.ts';
import { type ReportDeps, report } from './report-path.ts';

export interface StatementPathParts extends ReportDeps {
  readonly statements: StatementLedger;
  /** Whether a month is closed for good. */
  readonly isFinalPeriod: (period: string) => boolean;
  readonly businessMetrics: BusinessMetricRegistry;
}

/** Earlier months whose statements are compared with the book anew. */
const CORRECTED_MONTHS_MAX = 13;

const SUMS: readonly Measure[] = ['cost', 'netCost', 'listCost', 'tokens', 'requests', 'unpricedQuantity'];
const CLASSES: readonly Measure[] = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'];

const INVOICE_LINE = { dimension: 'invoiceLine' } as const;
const USAGE: ReportFilter = { key: INVOICE_LINE, equalsAny: ['Usage'] };
const CORRECTION: ReportFilter = { key: INVOICE_LINE, equalsAny: ['Correction'] };

/**
 * What the statements of a month would say now: ask the book > share costs > compare earlier months > round. Nothing is
 * written. Throws QueryInvalid for a key that reports do not know.
 */
export async function previewMonth(
  definition: StatementDefinition,
  period: string,
  parts: StatementPathParts,
  signal?: AbortSignal,
): Promise<MonthDraft> {
  const { statements } = parts;
  const { id, minimumUsd } = definition;
  const runs = statements.runs(id).filter((run) => run.period < period);
  const earlier = [];
  for (const run of runs.slice(-CORRECTED_MONTHS_MAX)) {
    const figures = await figuresOf(definition, run.period, run.sharedCosts, parts, signal);
    earlier.push({ figures, said: statements.said(id, run.period, period) });
  }
  const figures = await figuresOf(definition, period, definition.sharedCosts, parts, signal);
  return draftMonth({ figures, earlier, former: statements.former(id, period), minimumUsd });
}

export interface IssueQuestion {
  readonly definition: StatementDefinition;
  readonly period: string;
  /** True: the month was issued before, and what differs has another version. */
  readonly isAnew: boolean;
  /** ARN. */
  readonly by: string;
  readonly nowMs: number;
}

/**
 * Issues a month: what `previewMonth` says, with numbers, in one transaction. Months come one after the other, and the latest
 * alone can be issued anew: earlier ones are corrected by lines. Throws ConflictException for a month whose turn it is not.
 */
export async function issueMonth(
  question: IssueQuestion,
  parts: StatementPathParts,
  signal?: AbortSignal,
): Promise<{ readonly draft: MonthDraft; readonly issued: readonly IssuedStatement[] }> {
  const { definition, period, by, nowMs } = question;
  return await anewOnConflict(async () => {
    const revision = parts.statements.revision(definition.id);
    checkTurn(question, parts.statements);
    const isFinal = parts.isFinalPeriod(period);
    const draft = await previewMonth(definition, period, parts, signal);
    const issued = await parts.statements.issue(draft, { definition, by, atMs: nowMs, isFinal }, revision);
    return { draft, issued };
  });
}

function checkTurn({ definition, period, isAnew, nowMs }: IssueQuestion, statements: StatementLedger): void {
  if (nowMs < billingPeriodEndMs(period)) throw conflict(`the month \`${period}\` has not ended: preview it instead`);
  const latest = statements.runs(definition.id).at(-1)?.period;
  if (latest === undefined) {
    if (isAnew) throw conflict(`\`${definition.name}\` of \`${period}\` was never issued: issue it first`);
    return;
  }
  if (isAnew) {
    if (period === latest) return;
    throw conflict(`only \`${latest}\` can be issued anew: what changed in earlier months is in the lines of the next`);
  }
  if (period <= latest) throw conflict(`\`${definition.name}\` of \`${period}\` was issued already: issue it anew`);
  const due = nextBillingPeriod(latest);
  if (period !== due) throw conflict(`issue \`${due}\` first: months are issued one after the other`);
}

async function figuresOf(
  definition: StatementDefinition,
  period: string,
  sharedCosts: readonly SharedCost[],
  parts: StatementPathParts,
  signal?: AbortSignal,
): Promise<MonthFigures> {
  const lines = await bookLines(definition, period, parts, signal);
  return monthFigures(period, lines, sharedCosts, (metric) => metricUnits(metric, period, parts));
}

/** What was counted in a month, by value of the metric's key. Nothing of a metric that was deleted since. */
function metricUnits(
  metric: string,
  period: string,
  { businessMetrics }: Pick<StatementPathParts, 'businessMetrics'>,
): ReadonlyMap<string, bigint> {
  const units = new Map<string, bigint>();
  for (const { key, picoUnits, ...of } of businessMetrics.values(metric)) {
    if (of.period.startsWith(period)) units.set(key, (units.get(key) ?? 0n) + picoUnits);
  }
  return units;
}

/** Everything on the book of a month: usage, late usage of closed months, and charges. Each line of the book is in one of them. */
async function bookLines(
  { key, book, detail }: StatementDefinition,
  period: string,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<BookLine[]> {
  const range = { startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
  const ask = (query: Pick<ReportQuery, 'groupBy' | 'filter' | 'measures'>) =>
    report({ range, granularity: 'TOTAL', ...(book !== 'primary' && { book }), ...query }, deps, signal);
  const user = [key, { dimension: 'principal' }, { dimension: 'model' }] as const;
  const byMeter = [...user, { dimension: 'meter' }] as const;
  const usage = await ask({
    groupBy: detail === 'meter' ? byMeter : user,
    ...{ filter: USAGE, measures: [...SUMS, ...CLASSES] },
  });
  const late = await ask({
    groupBy: [...user, { dimension: 'correctedPeriod' }],
    ...{ filter: CORRECTION, measures: [...SUMS, ...CLASSES] },
  });
  const charges = await ask({
    groupBy: [key, INVOICE_LINE, { dimension: 'service' }, { dimension: 'account' }],
    filter: { not: { or: [USAGE, CORRECTION] } },
    measures: SUMS,
  });
  return [
    ...usage.map((row) => bookLine(row, 'Usage', { principal: row.keys[1], model: row.keys[2], meter: row.keys[3] })),
    ...late.map((row) => {
      const [, principal, model, correctedPeriod] = row.keys;
      return bookLine(row, 'Correction', { principal, model, correctedPeriod });
    }),
    ...charges.map((row) => bookLine(row, row.keys[1] as BookKind, { service: row.keys[2], account: row.keys[3] })),
  ];
}

type Names = Partial<
  Record<'principal' | 'model' | 'meter' | 'correctedPeriod' | 'service' | 'account', string | undefined>
>;

function bookLine(row: ReportRow, kind: BookKind, names: Names): BookLine {
  const { principal = '', model = '', meter = '', correctedPeriod = '', service = '', account = '' } = names;
  const { tokens, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, requests, unpricedQuantity } = row;
  const { costPicoUsd, listCostPicoUsd, netCostPicoUsd } = row;
  return {
    ...{ value: row.keys[0]!, kind, principal, model, meter, correctedPeriod, service, account },
    ...{ tokens, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, requests, unpriced: unpricedQuantity },
    ...{ costPicoUsd, listCostPicoUsd, netCostPicoUsd },
  };
}

function conflict(message: string): Fault {
  return new Fault('ConflictException', message);
}
