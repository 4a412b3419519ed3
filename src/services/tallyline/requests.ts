import { formatUsd } from '../../kernel/money.ts';
import type { UsageEvent } from '../../metering/usage-event.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { PriceBook } from '../../rating/price-book.ts';
import { rate } from '../../rating/rate.ts';
import type { CostStore } from '../../reports/cost-store.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface RequestsParts extends ReportScopeParts {
  readonly store: CostStore;
  readonly prices: PriceBook;
}

interface ListRequestsInput extends ScopedInput {
  readonly MaxResults?: number;
  readonly Principal?: string;
  readonly ModelId?: string;
  readonly Status?: string;
}

/** ListRequests: the latest calls, with what each has cost. */
export function listRequests(parts: RequestsParts): OperationHandler<ListRequestsInput, unknown> {
  return {
    access: scopedAccess('ListRequests'),
    run: async ({ input, caller }) => {
      const { MaxResults = 20, Principal, ModelId, Status } = input;
      const events = await parts.store.latestUsageEvents({
        ...{ limit: MaxResults, visible: visibilityOf(input, caller, parts) },
        ...{ principalArn: Principal, modelId: ModelId, status: Status },
      });
      return { Requests: events.map((event) => wireRequest(event, parts.prices)) };
    },
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
