import { compileScope, roleArnOf } from '../../admission/spend-scope.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type LivePicture, type LivePrincipal, type LiveSlot, livePicture } from '../../reports/live-picture.ts';
import type { LiveSums } from '../../reports/live-series.ts';
import { isLiveVisible, type LiveSubject } from '../../reports/live-subject.ts';
import type { LiveCall, LiveUsage } from '../../reports/live-usage.ts';
import { readScope, type WireScope } from './hard-budgets.ts';
import { managementOnly } from './management-only.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface LiveParts extends ReportScopeParts {
  readonly live: LiveUsage;
}

/** Viewers that look at the same share an answer that is no older. */
const SHARED_FOR_MS = 500;
/** Whoever looks at something else begins anew here. */
const KEPT_PICTURES = 100;
const PRINCIPALS_MAX = 20;
const LATEST_MAX = 30;
const PREVIEWED_PRINCIPALS = 10;

interface Kept {
  readonly atMs: number;
  readonly answer: unknown;
}

/** What goes on at this node, from memory: however many look, the store is not asked. */
export function liveOperations({ live, ...scopeParts }: LiveParts): OperationTable {
  const kept = new Map<string, Kept>();
  const getLive: OperationHandler<ScopedInput, unknown> = {
    access: scopedAccess('GetLive'),
    run: ({ input, caller, nowMs }) => {
      const visible = visibilityOf(input, caller, scopeParts);
      const viewer = JSON.stringify(visible);
      const known = kept.get(viewer);
      if (known && nowMs - known.atMs < SHARED_FOR_MS) return known.answer;
      const bounds = { principals: PRINCIPALS_MAX, latest: LATEST_MAX };
      const seesAll = Object.keys(visible).length === 0;
      const isAbout = (subject: LiveSubject) => isLiveVisible(subject, visible);
      const picture = livePicture(live, seesAll ? undefined : isAbout, bounds, nowMs);
      const answer = wirePicture(picture, live, nowMs);
      if (kept.size >= KEPT_PICTURES) kept.clear();
      kept.set(viewer, { atMs: nowMs, answer });
      return answer;
    },
  };
  const ofManagement = managementOnly(scopeParts.managementAccountId, 'stops inference');
  return {
    GetLive: getLive,
    PreviewInferenceStop: ofManagement(
      'PreviewInferenceStop',
      ({ input: { Scope = {} }, nowMs }: OperationCall<{ readonly Scope?: WireScope }>) => {
        const isStopped = compileScope(readScope(Scope));
        const picture = livePicture(
          live,
          (subject) => isStopped({ ...subject, roleArn: roleArnOf(subject.principalArn) }),
          { principals: PREVIEWED_PRINCIPALS, latest: 0 },
          nowMs,
        );
        return {
          ...wireTotals(picture, live, nowMs),
          Principals: picture.principals.map(wirePrincipal),
          PrincipalCount: picture.principalCount,
        };
      },
    ),
  };
}

function wirePicture(picture: LivePicture, live: LiveUsage, nowMs: number): unknown {
  return {
    ...wireTotals(picture, live, nowMs),
    Minutes: picture.minutes.map(wireSlot),
    Seconds: picture.seconds.map(wireSlot),
    Principals: picture.principals.map((principal) => ({
      ...wirePrincipal(principal),
      MinuteCostsUsd: principal.minutes.map(({ sums }) => formatUsd(sums.costPicoUsd)),
    })),
    PrincipalCount: picture.principalCount,
    Latest: picture.latest.map(wireCall),
  };
}

function wireTotals({ total, inFlight, isPartial }: LivePicture, { sinceMs }: LiveUsage, nowMs: number): object {
  return {
    At: new Date(nowMs),
    Since: new Date(sinceMs),
    ...wireSums(total),
    InFlight: inFlight,
    IsPartial: isPartial,
  };
}

function wirePrincipal({ principalArn, total, inFlight }: LivePrincipal): object {
  return { Principal: principalArn, ...wireSums(total), InFlight: inFlight };
}

function wireSlot({ startMs, sums }: LiveSlot): object {
  return { Start: new Date(startMs), ...wireSums(sums) };
}

function wireSums({ calls, refused, failed, unpriced, tokens, costPicoUsd }: LiveSums): object {
  return {
    Calls: calls,
    Refused: refused,
    Failed: failed,
    Unpriced: unpriced,
    Tokens: tokens.toString(),
    CostUsd: formatUsd(costPicoUsd),
  };
}

function wireCall(call: LiveCall): object {
  const { requestId, atMs, subject, status, reason, durationMs, tokens, costPicoUsd, isUnpriced } = call;
  return {
    RequestId: requestId,
    At: new Date(atMs),
    Principal: subject.principalArn,
    ModelId: subject.modelId,
    Status: status,
    ...(reason !== '' && { Reason: reason }),
    DurationMs: durationMs,
    Tokens: tokens.toString(),
    CostUsd: formatUsd(costPicoUsd),
    ...(isUnpriced && { IsUnpriced: true }),
  };
}
