import { type CallerTurns, inTurn } from '../paths/caller-turns.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import type { RatingChange } from '../paths/rerate-path.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { type AnnotationParts, annotationOperations } from './tallyline/annotations.ts';
import { type AttributionFindingsParts, getAttributionFindings } from './tallyline/attribution-findings.ts';
import { type AuditEventsParts, auditOperations } from './tallyline/audit-events.ts';
import { type BillParts, billOperations } from './tallyline/bill.ts';
import { type BillImportParts, billImportOperations } from './tallyline/bill-imports.ts';
import { billUploadOperations } from './tallyline/bill-uploads.ts';
import { type BilledUsageParts, billedUsageOperations } from './tallyline/billed-usage.ts';
import { type BudgetOutlookParts, getBudgetOutlooks } from './tallyline/budget-outlooks.ts';
import { type BusinessMetricParts, businessMetricOperations, getUnitCosts } from './tallyline/business-metrics.ts';
import { type ChargesParts, chargeOperations } from './tallyline/charges.ts';
import { type ConsoleSessionParts, getConsoleSession } from './tallyline/console-session.ts';
import { type CostCategoryPreviewParts, costCategoryPreviewOperations } from './tallyline/cost-category-preview.ts';
import { type ExplainAccessParts, explainAccess } from './tallyline/explain-access.ts';
import { type ExplainSpendParts, explainSpend } from './tallyline/explain-spend.ts';
import { type ExportParts, exportOperations, getExportSample } from './tallyline/exports.ts';
import { type FindingParts, findingOperations } from './tallyline/findings.ts';
import { type ForecastsParts, getForecasts } from './tallyline/forecasts.ts';
import { type GatewayKeysParts, gatewayKeyOperations } from './tallyline/gateway-keys.ts';
import { hardBudgetHistory } from './tallyline/hard-budget-history.ts';
import { type HardBudgetParts, hardBudgetOperations } from './tallyline/hard-budgets.ts';
import { getHeldModelSplit } from './tallyline/held-split.ts';
import { inferenceStopOperations } from './tallyline/inference-stops.ts';
import { type LiveParts, liveOperations } from './tallyline/live.ts';
import { managementOnly } from './tallyline/management-only.ts';
import { type MasterKeyParts, masterKeyOperations } from './tallyline/master-keys.ts';
import { type MembershipParts, membershipOperations, membershipQuestions } from './tallyline/membership.ts';
import { type NoticesParts, noticeOperations } from './tallyline/notices.ts';
import { getOverview, type OverviewParts } from './tallyline/overview.ts';
import { listPrices } from './tallyline/prices.ts';
import { getPrincipal, type PrincipalParts } from './tallyline/principal.ts';
import { wireChange } from './tallyline/rating-change.ts';
import { type ReconciliationParts, reconciliationOperations } from './tallyline/reconciliations.ts';
import { type ReportParts, reportOperations } from './tallyline/report.ts';
import { getRequest, type RequestDetailParts } from './tallyline/request-detail.ts';
import { listRequests } from './tallyline/requests.ts';
import { type SavedViewParts, savedViewOperations } from './tallyline/saved-views.ts';
import { getSpendChange, type SpendChangeParts } from './tallyline/spend-change.ts';
import { getSplitCharges, type SplitChargeParts } from './tallyline/split-charges.ts';
import { type StatementParts, statementOperations } from './tallyline/statements.ts';
import { getSystemStatus, type SystemStatusParts } from './tallyline/system-status.ts';
import { type TagCoverageParts, tagCoverageOperations } from './tallyline/tag-coverage.ts';
import { getTagHistory, type TagHistoryParts } from './tallyline/tag-history.ts';
import { type TagStrategyParts, tagStrategyOperations } from './tallyline/tag-strategy.ts';
import { type UpstreamSessionsParts, upstreamSessionOperations } from './tallyline/upstream-sessions.ts';
import { type UpstreamsParts, upstreamOperations } from './tallyline/upstreams.ts';

/** One finding about this installation. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  /** What to do; empty when nothing is to be done. */
  readonly advice: string;
}

export interface TallylineServiceParts
  extends ReportParts,
    AnnotationParts,
    RequestDetailParts,
    AuditEventsParts,
    AttributionFindingsParts,
    ExplainAccessParts,
    ExplainSpendParts,
    BillParts,
    BudgetOutlookParts,
    BusinessMetricParts,
    BillImportParts,
    BilledUsageParts,
    ChargesParts,
    CostCategoryPreviewParts,
    ExportParts,
    FindingParts,
    HardBudgetParts,
    ConsoleSessionParts,
    ForecastsParts,
    GatewayKeysParts,
    LiveParts,
    MasterKeyParts,
    MembershipParts,
    NoticesParts,
    OverviewParts,
    PrincipalParts,
    ReconciliationParts,
    SavedViewParts,
    SystemStatusParts,
    TagCoverageParts,
    TagHistoryParts,
    TagStrategyParts,
    UpstreamSessionsParts,
    SpendChangeParts,
    SplitChargeParts,
    StatementParts,
    UpstreamsParts {
  readonly prices: PriceBook;
  /** For what asks the store more than a little. */
  readonly storeTurns: CallerTurns;
  readonly rerate: (period: string, apply: boolean) => Promise<RatingChange>;
  readonly diagnose: () => Promise<readonly Check[]>;
}

/**
 * Tallyline's own operations, for its command line and console: the same request path as every AWS call, so they are
 * signed, authorized (`tallyline:*` actions) and logged alike. Protocol: AWS JSON 1.1, target prefix `Tallyline`.
 */
export function tallylineOperations(parts: TallylineServiceParts): OperationTable {
  const ofManagement = (what: string) => managementOnly(parts.managementAccountId, what);
  return {
    ...inTurn(parts.storeTurns, {
      GetOverview: getOverview(parts),
      ExplainSpend: explainSpend(parts),
      GetSpendChange: getSpendChange(parts),
      GetUnitCosts: getUnitCosts(parts),
      GetForecasts: getForecasts(parts),
      GetBudgetOutlooks: getBudgetOutlooks(parts),
      GetPrincipal: getPrincipal(parts),
      ...reportOperations(parts),
      ListRequests: listRequests(parts),
      GetRequest: getRequest(parts),
      ...costCategoryPreviewOperations(parts),
      ...membershipQuestions(parts),
      ...billedUsageOperations(parts),
      ...tagCoverageOperations(parts),
      GetExportSample: getExportSample(parts),
      GetSplitCharges: getSplitCharges(parts),
      GetHeldModelSplit: getHeldModelSplit(parts),
      ...statementOperations(parts),
    }),
    RerateBillingPeriod: ofManagement('rates billing periods again')(
      'RerateBillingPeriod',
      async ({ input: { BillingPeriod, Apply = false } }: OperationCall<{ BillingPeriod: string; Apply?: boolean }>) =>
        wireChange(await parts.rerate(BillingPeriod, Apply), Apply),
    ),
    GetDiagnosis: ofManagement('can look at the installation')('GetDiagnosis', async () => ({
      Checks: (await parts.diagnose()).map(wireCheck),
    })),
    GetConsoleSession: getConsoleSession(parts),
    ...auditOperations(parts),
    GetAttributionFindings: getAttributionFindings(parts) as OperationHandler<unknown, unknown>,
    ExplainAccess: explainAccess(parts),
    ...billOperations(parts),
    ...businessMetricOperations(parts),
    ...billImportOperations(parts),
    ...billUploadOperations(parts),
    ...chargeOperations(parts),
    ...exportOperations(parts),
    ...findingOperations(parts),
    ...gatewayKeyOperations(parts),
    ...hardBudgetOperations(parts),
    ...hardBudgetHistory(parts),
    ...liveOperations(parts),
    ...inferenceStopOperations(parts),
    ...masterKeyOperations(parts),
    ...membershipOperations(parts),
    ...tagStrategyOperations(parts),
    ListPrices: listPrices(parts),
    GetSystemStatus: getSystemStatus(parts),
    GetTagHistory: getTagHistory(parts),
    ...reconciliationOperations(parts),
    ...savedViewOperations(parts),
    ...annotationOperations(parts),
    ...noticeOperations(parts),
    ...upstreamOperations(parts),
    ...upstreamSessionOperations(parts),
  };
}

function wireCheck({ name, status, detail, advice }: Check): unknown {
  return { Name: name, Status: status, Detail: detail, Advice: advice };
}
