import type { Expression } from '@aws-sdk/client-cost-explorer';
import type { TagLedger } from '../../allocation/tag-ledger.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { namesInUse, report } from '../../paths/report-path.ts';
import { type BillingView, billingView } from '../../reports/billing-view.ts';
import type { CostCatalog } from '../../reports/cost-catalog.ts';
import { filterOf } from '../../reports/cost-expression.ts';
import type { CostStore } from '../../reports/cost-store.ts';
import type { ForecastBeside } from '../../reports/forecast.ts';
import type { NameQuery } from '../../reports/names-in-use.ts';
import type { ReportFilter, ReportQuery, ReportRow } from '../../reports/report-query.ts';
import { invalid } from './invalid.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface CostExplorerDeps {
  readonly store: CostStore;
  readonly tags: TagLedger;
  readonly costCatalog: () => CostCatalog;
  /** The payer: sees every account and alone manages cost allocation tags. */
  readonly managementAccountId: string;
  /** True: requests that ask for it may use what AWS does not have. See docs/CLIENTS.md. */
  readonly hasExtensions: boolean;
  /** True once the figures of a billing period cannot change any more. */
  readonly isFinalPeriod: (period: string) => boolean;
  readonly forecast: ForecastBeside;
  /** Groups in one answer of GetCostAndUsage. Default 5,000; AWS publishes no number. */
  readonly groupsPerPage?: number;
}

/** A permission on Cost Explorer itself, by the ARN that AWS names when it denies one. */
export function needs(action: string): OperationHandler<unknown, unknown>['access'] {
  return ({ caller }) => [{ action: `ce:${action}`, resource: `arn:aws:ce:us-east-1:${caller.accountId}:/${action}` }];
}

/** The caller's filter within what the caller may see: a member account sees its own usage alone. */
export function visibleFilter(
  { caller }: OperationCall<unknown>,
  expression: Expression | undefined,
  { managementAccountId }: CostExplorerDeps,
  { grammar }: Vocabulary,
): ReportFilter | undefined {
  const filter = expression && filterOf(expression, grammar);
  if (caller.accountId === managementAccountId) return filter;
  const own: ReportFilter = { key: { dimension: 'account' }, equalsAny: [caller.accountId] };
  return filter ? { and: [own, filter] } : own;
}

export function ask(query: ReportQuery, deps: CostExplorerDeps, signal: AbortSignal): Promise<ReportRow[]> {
  return report(query, deps, signal).catch(asWireFault);
}

export function askNames(query: NameQuery, deps: CostExplorerDeps, signal: AbortSignal): Promise<string[]> {
  return namesInUse(query, deps, signal).catch(asWireFault);
}

/** A question that the report path cannot answer is a ValidationException on this wire. */
function asWireFault(error: unknown): never {
  throw error instanceof Fault && error.code === 'QueryInvalid' ? invalid(error.message) : error;
}

/** The billing view that is asked; without one, the primary view. */
export function askedView({ caller, input }: OperationCall<{ BillingViewArn?: string | undefined }>): BillingView {
  const { BillingViewArn: arn } = input;
  if (arn === undefined) return {};
  const view = billingView(arn, caller.accountId);
  if (!view) throw new Fault('ResourceNotFoundException', `The billing view ${arn} was not found.`);
  return view;
}
