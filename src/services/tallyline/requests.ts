import { Fault } from '../../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../../kernel/money.ts';
import type { UsageEvent } from '../../metering/usage-event.ts';
import { type CallDeps, findCalls } from '../../paths/call-path.ts';
import { callStates } from '../../paths/call-state.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { PriceBook } from '../../rating/price-book.ts';
import { rate } from '../../rating/rate.ts';
import type { CallPosition, CallQuestion } from '../../reports/call-query.ts';
import type { ReportFilter } from '../../reports/report-query.ts';
import { readFilter } from './report-input.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface RequestsParts extends ReportScopeParts, CallDeps {}

interface ListRequestsInput extends ScopedInput {
  /** Of the admission. Absent: from the first call on, until now. */
  readonly Start?: Date;
  readonly End?: Date;
  readonly Principal?: string;
  readonly ModelId?: string;
  readonly Status?: string;
  /** As of GetReport. */
  readonly Filter?: unknown;
  readonly MinCostUsd?: string;
  /** Default: `LATEST`. */
  readonly OrderBy?: 'LATEST' | 'COSTLIEST';
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const DEFAULT_RESULTS = 20;

/** ListRequests: calls, the latest or the costliest first, with what each has cost. */
export function listRequests(parts: RequestsParts): OperationHandler<ListRequestsInput, unknown> {
  return {
    access: scopedAccess('ListRequests'),
    run: async ({ input, caller, nowMs, request }) => {
      const question = { ...readQuestion(input, nowMs), visible: visibilityOf(input, caller, parts) };
      const { events, next } = await findCalls(question, parts, request.client.gone);
      const states = await callStates(events, parts);
      return {
        Requests: events.map((event) => ({ ...wireRequest(event, parts.prices), State: states.get(event.requestId) })),
        ...(next && { NextToken: writeToken(question, next) }),
      };
    },
  };
}

function readQuestion(input: ListRequestsInput, nowMs: number): Omit<CallQuestion, 'visible'> {
  const { Start, End, Principal, ModelId, Filter, MinCostUsd, OrderBy = 'LATEST' } = input;
  const parts: ReportFilter[] = [
    ...(Principal === undefined ? [] : [{ key: { dimension: 'principal' as const }, equalsAny: [Principal] }]),
    ...(ModelId === undefined ? [] : [{ key: { dimension: 'model' as const }, equalsAny: [ModelId] }]),
    ...(Filter === undefined ? [] : [readFilter(Filter)]),
  ];
  const question = {
    // A call that is admitted this instant is one of them, also where the caller's clock is ahead.
    range: { startMs: Start?.getTime() ?? 0, endMs: End?.getTime() ?? nowMs + 1 },
    ...(parts.length > 0 && { filter: { and: parts } }),
    status: input.Status,
    ...(MinCostUsd !== undefined && { minCostPicoUsd: parsePicoUsd(MinCostUsd) }),
    order: OrderBy === 'COSTLIEST' ? ('costliest' as const) : ('latest' as const),
    limit: input.MaxResults ?? DEFAULT_RESULTS,
  };
  return input.NextToken === undefined ? question : { ...question, after: readToken(question, input.NextToken) };
}

/** The place of the last call that was given, after which the next page begins: `latest/1764425130000/0b5b.../12`. */
function writeToken({ order }: Pick<CallQuestion, 'order'>, position: CallPosition): string {
  const { admittedAtMs, requestId, costPicoUsd = 0n } = position;
  return Buffer.from([order, admittedAtMs, requestId, costPicoUsd].join('/')).toString('base64url');
}

function readToken({ order }: Pick<CallQuestion, 'order'>, token: string): CallPosition {
  const text = Buffer.from(token, 'base64url').toString();
  const [, ofOrder, at, requestId, cost] =
    /^(latest|costliest)\/(\d{1,13})\/([0-9a-f-]{36})\/(\d{1,38})$/.exec(text) ?? [];
  if (ofOrder !== order) {
    throw new Fault('InvalidNextTokenException', 'the token is not of a page of this list; begin with the first page');
  }
  return { admittedAtMs: Number(at), requestId: requestId!, costPicoUsd: BigInt(cost!) };
}

/** What lists of calls, and the page of one call, say of it. */
export function wireRequest(event: UsageEvent, prices: PriceBook) {
  const charges = rate(event, prices);
  const text = (tokens: number | undefined) => tokens?.toString();
  return {
    RequestId: event.requestId,
    ...(event.attemptOf !== '' && { AttemptOf: event.attemptOf }),
    RequestedModelId: event.requestedModelId,
    AdmittedAt: new Date(event.admittedAtMs),
    EndedAt: new Date(event.endedAtMs),
    ...(event.firstTokenMs !== undefined && { FirstTokenMs: event.firstTokenMs }),
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
