import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { OperationCall, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { CAUSES, type CauseCode } from '../../reconciliation/cause-code.ts';
import { type DifferenceQuery, differenceQuery, type StoredDifference } from '../../reconciliation/difference-query.ts';
import {
  openBasisPoints,
  openPicoUsd,
  type Reconciliation,
  type ReconciliationResult,
  sentenceOf,
} from '../../reconciliation/reconciliation.ts';
import type { ReconciliationLedger } from '../../reconciliation/reconciliation-ledger.ts';
import type { CostStore } from '../../reports/cost-store.ts';
import { managementOnly } from './management-only.ts';
import { getReconciliationRows } from './reconciliations/rows.ts';

export interface ReconciliationParts {
  readonly store: CostStore;
  readonly managementAccountId: string;
  readonly reconciliations: ReconciliationLedger;
  /** Everything that was imported, in order of time. */
  readonly importedPeriods: () => readonly ImportedPeriod[];
  /** Puts a comparison on record. */
  readonly startReconciliation: (sourceId: string, period: string) => Promise<Reconciliation>;
}

interface ImportedPeriod {
  readonly sourceId: string;
  /** `2026-05` */
  readonly period: string;
}

interface OfInput {
  readonly SourceId?: string;
  readonly BillingPeriod?: string;
}

interface DifferencesInput extends PageInput {
  readonly SourceId: string;
  readonly BillingPeriod: string;
  readonly Codes?: readonly CauseCode[];
  readonly Principal?: string;
  readonly ModelId?: string;
}

const PAGE: PageManner = {
  size: 100,
  direction: 'descending',
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};
const DIFFERENCES_PER_PAGE = 100;

/** Comparisons of imported bills with the ledger: of the management account alone, whose bill it is. */
export function reconciliationOperations(parts: ReconciliationParts): OperationTable {
  const ofManagement = managementOnly(parts.managementAccountId, 'compares bills with the ledger');
  return {
    StartReconciliation: ofManagement('StartReconciliation', async ({ input }: OperationCall<OfInput>) => {
      const wanted = parts.importedPeriods().filter((one) => isOf(input, one));
      // Without a month the latest of each source.
      const chosen = input.BillingPeriod === undefined ? latestOfSources(wanted) : wanted;
      if (chosen.length === 0) throw nothingImported(input);
      const started: object[] = [];
      for (const { sourceId, period } of chosen) started.push(wire(await parts.startReconciliation(sourceId, period)));
      return { Reconciliations: started };
    }),
    ListReconciliations: ofManagement('ListReconciliations', ({ input }: OperationCall<OfInput & PageInput>) => {
      const found = parts.reconciliations.all().filter((one) => isOf(input, one));
      const { items, rest } = resultPage(found, orderOf, input, PAGE);
      return { Reconciliations: items.map(wire), ...rest };
    }),
    GetReconciliation: ofManagement('GetReconciliation', ({ input }: OperationCall<{ readonly Id: string }>) => {
      const one = parts.reconciliations.find(input.Id);
      if (!one) throw new Fault('ResourceNotFoundException', `there is no reconciliation \`${input.Id}\``);
      return { Reconciliation: { ...wire(one), ...(one.result && wireResult(one.result)) } };
    }),
    ListReconciliationDifferences: ofManagement(
      'ListReconciliationDifferences',
      async ({ input, request }: OperationCall<DifferencesInput>) => {
        const query = differencesOf(input);
        const rows = await parts.store.query<StoredDifference>(differenceQuery(query), request.client.gone);
        const shown = rows.slice(0, query.limit);
        return {
          Differences: shown.map(wireDifference),
          ...(rows.length > query.limit && { NextToken: `${query.offset + query.limit}` }),
        };
      },
    ),
    GetReconciliationRows: getReconciliationRows(parts),
  };
}

function differencesOf({
  SourceId,
  BillingPeriod,
  Codes,
  Principal,
  ModelId,
  MaxResults,
  NextToken,
}: DifferencesInput): DifferenceQuery {
  if (NextToken !== undefined && !/^[1-9][0-9]{0,8}$/.test(NextToken)) throw PAGE.invalidToken();
  return {
    ...{
      sourceId: SourceId,
      period: BillingPeriod,
      limit: MaxResults ?? DIFFERENCES_PER_PAGE,
      offset: Number(NextToken ?? 0),
    },
    ...(Codes && Codes.length > 0 && { codes: Codes }),
    ...(Principal !== undefined && { principalArn: Principal }),
    ...(ModelId !== undefined && { modelId: ModelId }),
  };
}

function isOf({ SourceId, BillingPeriod }: OfInput, one: ImportedPeriod): boolean {
  return (
    (SourceId === undefined || one.sourceId === SourceId) &&
    (BillingPeriod === undefined || one.period === BillingPeriod)
  );
}

function latestOfSources(periods: readonly ImportedPeriod[]): ImportedPeriod[] {
  return [...new Map(periods.map((one) => [one.sourceId, one])).values()];
}

function nothingImported({ SourceId, BillingPeriod }: OfInput): Fault {
  const what = [SourceId && `source \`${SourceId}\``, BillingPeriod && `\`${BillingPeriod}\``]
    .filter(Boolean)
    .join(', ');
  return new Fault(
    'ResourceNotFoundException',
    `no bill${what && ` of ${what}`} was imported; import one with \`tallyline import\``,
  );
}

function orderOf({ askedAtMs, id }: Reconciliation): string {
  return `${new Date(askedAtMs).toISOString()} ${id}`;
}

function wire(one: Reconciliation): object {
  const { id, sourceId, period, executionId, state, askedAtMs, finishedAtMs, reason, result } = one;
  return {
    ...{ Id: id, SourceId: sourceId, BillingPeriod: period, ExecutionId: executionId, State: state.toUpperCase() },
    AskedAt: new Date(askedAtMs),
    ...(finishedAtMs !== undefined && { FinishedAt: new Date(finishedAtMs) }),
    ...(reason !== undefined && { Reason: reason }),
    ...(result && {
      ...{ BillUsd: result.billUsd, LedgerUsd: result.ledgerUsd, IsFinal: result.isFinal },
      OpenUsd: formatUsd(openPicoUsd(result)),
      OpenPercent: openBasisPoints(result) / 100,
      Sentence: sentenceOf(period, result),
    }),
  };
}

function wireResult(result: ReconciliationResult): object {
  return {
    Grain: result.grain,
    BillThrough: new Date(result.billThroughMs),
    LedgerThrough: new Date(result.ledgerThroughMs),
    Upstreams: result.upstreams,
    Codes: result.codes.map(
      ({ code, rows, billUsd, ledgerUsd, differenceUsd, apartUsd, billQuantity, ledgerQuantity }) => ({
        ...{ Code: code, Kind: CAUSES[code].kind, Title: CAUSES[code].title, Meaning: CAUSES[code].meaning },
        ...{
          Remedy: CAUSES[code].remedy,
          Rows: rows,
          BillUsd: billUsd,
          LedgerUsd: ledgerUsd,
          DifferenceUsd: differenceUsd,
        },
        ...{ ApartUsd: apartUsd, BillQuantity: billQuantity, LedgerQuantity: ledgerQuantity },
      }),
    ),
    OutOfScope: result.outOfScope.map(({ side, reason, usd, lines }) => ({
      ...{ Side: side.toUpperCase(), Reason: reason, Usd: usd, Lines: lines },
    })),
  };
}

function wireDifference(row: StoredDifference): object {
  const [bill, ledger] = [BigInt(row.bill_pico_usd), BigInt(row.ledger_pico_usd)];
  return {
    ...{
      Code: row.code,
      At: new Date(Number(row.atS) * SECOND_MS),
      AccountId: row.account_id,
      Principal: row.principal_arn,
    },
    ...{
      Callers: row.callers,
      BillTags: tagsOf(row.bill_tags),
      LedgerTags: tagsOf(row.ledger_tags),
      ModelId: row.model_id,
    },
    ...{ Meter: row.meter, Route: row.route, Tier: row.tier, Context: row.context, IsBatch: row.is_batch === 1 },
    ...{ Region: row.region, UsageType: row.usage_type, Note: row.other, BillQuantity: row.bill_quantity },
    ...{ LedgerQuantity: row.ledger_quantity, BillUsd: formatUsd(bill), LedgerUsd: formatUsd(ledger) },
    DifferenceUsd: formatUsd(bill - ledger),
  };
}

/** `key=value` lines; values may hold `=`, keys of tags that were split at the first one may not. */
function tagsOf(lines: string): Record<string, string> {
  const pairs = lines.split('\n').filter((line) => line !== '');
  return Object.fromEntries(pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
