import type { Caller } from '../identity/principal.ts';
import { Fault } from '../kernel/fault.ts';
import { formatUsd } from '../kernel/money.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { type ReportDeps, report } from '../paths/report-path.ts';
import type { RatingChange } from '../paths/rerate-path.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { rate } from '../rating/rate.ts';
import type { ExportRegistry } from '../reports/export-registry.ts';
import type { Execution } from '../reports/export-run.ts';
import { type GroupKey, OTHER, type ReportFilter, type ReportQuery, type ReportRow } from '../reports/report-query.ts';
import type { TextMatch } from '../reports/text-match.ts';
import { type AnnotationParts, annotationOperations } from './tallyline/annotations.ts';
import { type AttributionFindingsParts, getAttributionFindings } from './tallyline/attribution-findings.ts';
import { type AuditEventsParts, auditOperations } from './tallyline/audit-events.ts';
import { type BillParts, billOperations } from './tallyline/bill.ts';
import { type ChargesParts, chargeOperations } from './tallyline/charges.ts';
import { type ExplainAccessParts, explainAccess } from './tallyline/explain-access.ts';
import { type GatewayKeysParts, gatewayKeyOperations } from './tallyline/gateway-keys.ts';
import { type HardBudgetParts, hardBudgetOperations } from './tallyline/hard-budgets.ts';
import { getHeldModelSplit } from './tallyline/held-split.ts';
import { inferenceStopOperations } from './tallyline/inference-stops.ts';
import { type MasterKeyParts, masterKeyOperations } from './tallyline/master-keys.ts';
import { type NoticesParts, noticeOperations } from './tallyline/notices.ts';
import { wireChange } from './tallyline/rating-change.ts';
import { type SavedViewParts, savedViewOperations } from './tallyline/saved-views.ts';
import { getSplitCharges, type SplitChargeParts } from './tallyline/split-charges.ts';
import { getTagHistory, type TagHistoryParts } from './tallyline/tag-history.ts';
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
  extends ReportDeps,
    AnnotationParts,
    AuditEventsParts,
    AttributionFindingsParts,
    ExplainAccessParts,
    BillParts,
    ChargesParts,
    HardBudgetParts,
    GatewayKeysParts,
    MasterKeyParts,
    NoticesParts,
    SavedViewParts,
    TagHistoryParts,
    UpstreamSessionsParts,
    SplitChargeParts,
    UpstreamsParts {
  readonly prices: PriceBook;
  readonly rerate: (period: string, apply: boolean) => Promise<RatingChange>;
  readonly registry: ExportRegistry;
  /** Runs an export now; resolves when it has been delivered or has failed. */
  readonly runExport: (exportArn: string) => Promise<Execution>;
  readonly diagnose: () => Promise<readonly Check[]>;
}

interface GetReportInput {
  readonly Start: Date;
  readonly End: Date;
  readonly Granularity: ReportQuery['granularity'];
  readonly TimeZone?: string;
  readonly GroupBy?: readonly { readonly Type: string; readonly Key: string }[];
  readonly Filter?: unknown;
  readonly TopN?: number;
}

interface ListRequestsInput {
  readonly MaxResults?: number;
  readonly Principal?: string;
  readonly ModelId?: string;
  readonly Status?: string;
}

/** Keeps a hostile filter from exhausting the stack here; the report path checks it against its own, smaller bounds. */
const FILTER_DEPTH_MAX = 100;

/**
 * Tallyline's own operations, for its command line and console: the same request path as every AWS call, so they are
 * signed, authorized (`tallyline:*` actions) and logged alike. Protocol: AWS JSON 1.1, target prefix `Tallyline`.
 */
export function tallylineOperations(parts: TallylineServiceParts): OperationTable {
  const access = (action: string) => () => [{ action: `tallyline:${action}`, resource: '*' }];
  /** The account that alone is seen; undefined for the management account, which sees every account. */
  const onlyAccount = ({ accountId }: Caller) => (accountId === parts.managementAccountId ? undefined : accountId);
  const requireManagement = (caller: Caller, what: string) => {
    if (onlyAccount(caller) === undefined) return;
    throw new Fault('AccessDeniedException', `only the management account ${what}`);
  };
  const getReport: OperationHandler<GetReportInput, unknown> = {
    access: access('GetReport'),
    run: async ({ input, caller }) => {
      const query = visibleQuery(readQuery(input), onlyAccount(caller));
      return { Rows: (await report(query, parts)).map(wireRow) };
    },
  };
  const listRequests: OperationHandler<ListRequestsInput, unknown> = {
    access: access('ListRequests'),
    run: async ({ input, caller }) => {
      const { MaxResults = 20, Principal, ModelId, Status } = input;
      const question = {
        ...{ limit: MaxResults, accountId: onlyAccount(caller) },
        ...{ principalArn: Principal, modelId: ModelId, status: Status },
      };
      const events = await parts.store.latestUsageEvents(question);
      return { Requests: events.map((event) => wireRequest(event, parts.prices)) };
    },
  };
  const rerate: OperationHandler<{ BillingPeriod: string; Apply?: boolean }, unknown> = {
    access: access('RerateBillingPeriod'),
    run: async ({ input: { BillingPeriod, Apply = false }, caller }) => {
      requireManagement(caller, 'rates billing periods again');
      return wireChange(await parts.rerate(BillingPeriod, Apply), Apply);
    },
  };
  const startExport: OperationHandler<{ ExportName: string }, unknown> = {
    access: access('StartExportExecution'),
    run: async ({ input, caller }) => {
      const found = parts.registry
        .list(caller.accountId)
        .find(({ definition }) => definition.name === input.ExportName);
      if (!found) throw new Fault('ResourceNotFoundException', `there is no export \`${input.ExportName}\``);
      const { executionId, status, detail, dataFiles } = await parts.runExport(found.arn);
      const ended = { Status: status, ...(detail !== undefined && { Reason: detail }) };
      return { ExportArn: found.arn, ExecutionId: executionId, ...ended, DataFiles: dataFiles };
    },
  };
  const diagnose: OperationHandler<object, unknown> = {
    access: access('GetDiagnosis'),
    run: async ({ caller }) => {
      requireManagement(caller, 'can look at the installation');
      return { Checks: (await parts.diagnose()).map(wireCheck) };
    },
  };
  return {
    GetReport: getReport,
    ListRequests: listRequests,
    RerateBillingPeriod: rerate,
    StartExportExecution: startExport,
    GetDiagnosis: diagnose,
    ...auditOperations(parts),
    GetAttributionFindings: getAttributionFindings(parts) as OperationHandler<unknown, unknown>,
    ExplainAccess: explainAccess(parts),
    ...billOperations(parts),
    ...chargeOperations(parts),
    ...gatewayKeyOperations(parts),
    ...hardBudgetOperations(parts),
    ...inferenceStopOperations(parts),
    ...masterKeyOperations(parts),
    GetTagHistory: getTagHistory(parts),
    ...savedViewOperations(parts),
    ...annotationOperations(parts),
    ...noticeOperations(parts),
    GetSplitCharges: getSplitCharges(parts),
    GetHeldModelSplit: getHeldModelSplit(parts),
    ...upstreamOperations(parts),
    ...upstreamSessionOperations(parts),
  };
}

/** By the type of a group. */
const GROUP_KEYS: Readonly<Record<string, (key: string) => GroupKey>> = {
  TAG: (tag) => ({ tag }),
  COST_CATEGORY: (costCategory) => ({ costCategory }),
  DIMENSION: (dimension) => ({ dimension }) as GroupKey,
};

function readQuery({ Start, End, Granularity, TimeZone, GroupBy = [], Filter, TopN }: GetReportInput): ReportQuery {
  return {
    range: { startMs: Start.getTime(), endMs: End.getTime() },
    granularity: Granularity,
    ...(TimeZone !== undefined && { timeZone: TimeZone }),
    groupBy: GroupBy.map(({ Type, Key }) => GROUP_KEYS[Type]!(Key)),
    ...(Filter !== undefined && { filter: readFilter(Filter, 1) }),
    ...(TopN !== undefined && { topN: TopN }),
  };
}

/** A member account sees its own usage alone. */
function visibleQuery(query: ReportQuery, onlyAccountId: string | undefined): ReportQuery {
  if (onlyAccountId === undefined) return query;
  const own: ReportFilter = { key: { dimension: 'account' }, equalsAny: [onlyAccountId] };
  return { ...query, filter: query.filter ? { and: [own, query.filter] } : own };
}

const COMPARISON_MEMBERS = ['equalsAny', 'startsWithAny', 'endsWithAny', 'containsAny'];

/** Checks the shape of a filter that came as a free document; its keys are the report path's to judge. */
function readFilter(value: unknown, depth: number): ReportFilter {
  const filter = value as Record<string, unknown>;
  if (typeof value !== 'object' || value === null || depth > FILTER_DEPTH_MAX) throw badFilter();
  if (Array.isArray(filter.and)) return { and: filter.and.map((part) => readFilter(part, depth + 1)) };
  if (Array.isArray(filter.or)) return { or: filter.or.map((part) => readFilter(part, depth + 1)) };
  if (filter.not !== undefined) return { not: readFilter(filter.not, depth + 1) };
  if (filter.absent === 'anyTag' || filter.absent === 'anyCostCategory') return { absent: filter.absent };
  if (filter.absent !== undefined) return { absent: readKey(filter.absent) };
  const [comparison, another] = COMPARISON_MEMBERS.filter((name) => filter[name] !== undefined);
  const texts = filter[comparison ?? ''];
  if (another || !Array.isArray(texts) || !texts.every((one) => typeof one === 'string')) throw badFilter();
  const match = { [comparison!]: texts } as unknown as TextMatch;
  return { key: readKey(filter.key), ...match, ignoreCase: filter.ignoreCase === true };
}

function readKey(value: unknown): GroupKey {
  const key = (value ?? {}) as Record<string, unknown>;
  if (typeof key.tag === 'string') return { tag: key.tag };
  if (typeof key.costCategory === 'string') return { costCategory: key.costCategory };
  if (typeof key.dimension === 'string') return { dimension: key.dimension } as GroupKey;
  throw badFilter();
}

function badFilter(): Fault {
  return new Fault(
    'QueryInvalid',
    'the filter is not one: use {and}, {or}, {not}, {key, equalsAny | startsWithAny | endsWithAny | containsAny} or {absent}',
  );
}

function wireRow(row: ReportRow): unknown {
  return {
    Start: new Date(row.bucketStartMs),
    End: new Date(row.bucketEndMs),
    Keys: row.keys.map((key) => (key === OTHER ? '' : key)),
    ...(row.keys[0] === OTHER && { IsOther: true }),
    CostUsd: formatUsd(row.costPicoUsd),
    NetCostUsd: formatUsd(row.netCostPicoUsd),
    Tokens: row.tokens.toString(),
    Requests: row.requests.toString(),
    Unpriced: row.unpricedQuantity.toString(),
  };
}

function wireRequest(event: UsageEvent, prices: PriceBook): unknown {
  const charges = rate(event, prices);
  const text = (tokens: number | undefined) => tokens?.toString();
  return {
    RequestId: event.requestId,
    ...(event.attemptOf !== '' && { AttemptOf: event.attemptOf }),
    RequestedModelId: event.requestedModelId,
    AdmittedAt: new Date(event.admittedAtMs),
    EndedAt: new Date(event.endedAtMs),
    Principal: event.principalArn,
    Operation: event.operation,
    ModelId: event.modelId,
    Region: event.region,
    Route: event.route,
    Tier: event.tier,
    Upstream: event.upstream,
    ...(event.upstreamRequestId !== '' && { UpstreamRequestId: event.upstreamRequestId }),
    ...(event.upstreamPrincipalArn !== '' && { BilledPrincipal: event.upstreamPrincipalArn }),
    ...(event.isGatewayPrincipal && { IsGatewayPrincipal: true }),
    Status: event.status,
    ErrorCode: event.errorCode,
    InputTokens: text(event.usage.inputTokens),
    OutputTokens: text(event.usage.outputTokens),
    CacheReadInputTokens: text(event.usage.cacheReadInputTokens),
    CacheWrite5mInputTokens: text(event.usage.cacheWrite5mInputTokens),
    CacheWrite1hInputTokens: text(event.usage.cacheWrite1hInputTokens),
    ...(event.usage.units && {
      Units: Object.fromEntries(Object.entries(event.usage.units).map(([meter, pieces]) => [meter, String(pieces)])),
    }),
    IsEstimated: event.usage.isEstimated,
    ClientGone: event.clientGone,
    CostUsd: formatUsd(charges.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n)),
    IsUnpriced: charges.some(({ pricePicoUsd }) => pricePicoUsd === undefined),
    ResourceArn: event.resourceArn,
    Tags: Object.fromEntries(event.principalTags),
    ResourceTags: Object.fromEntries(event.resourceTags),
    AccountTags: Object.fromEntries(event.accountTags),
  };
}

function wireCheck({ name, status, detail, advice }: Check): unknown {
  return { Name: name, Status: status, Detail: detail, Advice: advice };
}
