import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { formatUsd } from '../../kernel/money.ts';
import { latestPeriods } from '../../paths/change-path.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { knownUntil, type ReportDeps } from '../../paths/report-path.ts';
import type { WhyAnswer } from '../../paths/why-answer.ts';
import type { WhyQuestion } from '../../paths/why-path.ts';
import type { PriceBook } from '../../rating/price-book.ts';
import { type Anomaly, spendOf } from '../../reports/anomaly.ts';
import type { AnomalyRegistry } from '../../reports/anomaly-registry.ts';
import { type Book, inBook } from '../../reports/book.ts';
import type { CostCatalog } from '../../reports/cost-catalog.ts';
import type { GroupKey, ReportFilter } from '../../reports/report-query.ts';
import { askedZone } from './asked-zone.ts';
import { askedPeriods, namesPeriods, type PeriodsInput } from './explain-spend/asked-periods.ts';
import { readFilter, readGroupKey, type WireGroupKey } from './report-input.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';
import { wireRequest } from './requests.ts';

export interface ExplainSpendParts extends ReportScopeParts, ReportDeps {
  readonly anomalies: AnomalyRegistry;
  readonly prices: PriceBook;
  /** `answerWhy`, wherever there is time for it. */
  readonly explain: (question: WhyQuestion, catalog: CostCatalog) => Promise<WhyAnswer>;
}

interface ExplainSpendInput extends ScopedInput, PeriodsInput {
  /** From the widest to the narrowest. Absent: the team, where that tag is active, principal, model, direction. */
  readonly Dimensions?: readonly WireGroupKey[];
  readonly Filter?: unknown;
  /** Default: UTC. */
  readonly TimeZone?: string;
  /** Absent: the primary book. */
  readonly Book?: Book;
}

/** ExplainSpend: why two periods cost a different amount: reasons, drivers, since when, which calls, what would cost less. */
export function explainSpend(parts: ExplainSpendParts): OperationHandler<ExplainSpendInput, unknown> {
  return {
    access: scopedAccess('ExplainSpend'),
    run: async ({ input, caller, nowMs, request }) => {
      const { Scope = 'ALL', Dimensions, Filter, Book } = input;
      const zone = askedZone(input.TimeZone);
      // Monitors look at everybody's spend.
      const anomalies = { registry: parts.anomalies, accountId: Scope === 'ALL' ? caller.accountId : undefined };
      const inBookOf = Book === undefined ? {} : { book: Book };
      const latestOf = async () => {
        const knownMs = await knownUntil(inBookOf, nowMs, parts, request.client.gone);
        return latestPeriods(inBookOf, { knownMs, zone }, parts, request.client.gone);
      };
      const latest = namesPeriods(input) ? undefined : await latestOf();
      const { before, after, words, anomaly, ...asked } = askedPeriods(input, { nowMs, latest, zone }, anomalies);
      const filters = [asked.filter, Filter === undefined ? undefined : readFilter(Filter)].filter(
        (one) => one !== undefined,
      );
      const catalog = parts.costCatalog();
      const { words: said, calls } = await parts.explain(
        {
          ...{ before, after, zone, visible: visibilityOf(input, caller, parts), signal: request.client.gone },
          keys: Dimensions?.map(readGroupKey) ?? defaultKeys(inBook(catalog, Book), parts.teamTagKey),
          ...(filters.length > 0 && { filter: { and: filters } satisfies ReportFilter }),
          ...inBookOf,
        },
        catalog,
      );
      return {
        Before: wireRange(before),
        After: wireRange(after),
        ComparedAs: words,
        TimeZone: zone.name,
        ...said,
        ...(calls && {
          Requests: calls.events.map((event) => wireRequest(event, parts.prices)),
          RequestsFrom: new Date(calls.range.startMs),
          RequestsTo: new Date(calls.range.endMs),
        }),
        ...(anomaly && { Anomaly: wireAnomaly(anomaly) }),
      };
    },
  };
}

function defaultKeys({ tags, books }: CostCatalog, teamTagKey: string): GroupKey[] {
  const tag = `${TAG_PREFIX.principal}${teamTagKey}`;
  const isShown = books?.primary === 'bill' ? books.billTagKeys.includes(tag) : tags.get(tag)?.status === 'Active';
  return [
    ...(isShown ? [{ tag }] : []),
    { dimension: 'principal' },
    { dimension: 'model' },
    { dimension: 'direction' },
  ];
}

function wireRange({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }) {
  return { Start: new Date(startMs), End: new Date(endMs) };
}

function wireAnomaly({ id, value, days }: Anomaly) {
  const { actual, expected } = spendOf(days);
  return { AnomalyId: id, Value: value, ActualUsd: formatUsd(actual), ExpectedUsd: formatUsd(expected) };
}
