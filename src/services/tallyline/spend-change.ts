import { formatUsd } from '../../kernel/money.ts';
import {
  type Comparison,
  type LatestPeriods,
  latestPeriods,
  type SpendChange,
  spendChanges,
} from '../../paths/change-path.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { knownUntil, type ReportDeps } from '../../paths/report-path.ts';
import { wireReason } from '../../paths/why-answer.ts';
import { askedZone } from './asked-zone.ts';
import { readFilter, readGroupKey, type WireGroupKey } from './report-input.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface SpendChangeParts extends ReportDeps, ReportScopeParts {}

interface GetSpendChangeInput extends ScopedInput {
  /** Whose spend: a group of reports, and one of its values; absent: all that is visible. */
  readonly GroupBy?: WireGroupKey;
  readonly Value?: string;
  readonly Filter?: unknown;
  /** Absent: the last seven whole days of the zone whose usage is known; of a bill by months its latest month. */
  readonly Start?: Date;
  readonly End?: Date;
  /** Default: UTC. */
  readonly TimeZone?: string;
}

/** GetSpendChange: what a stretch of time cost beside the equally long one before it, and why. */
export function getSpendChange(parts: SpendChangeParts): OperationHandler<GetSpendChangeInput, unknown> {
  return {
    access: scopedAccess('GetSpendChange'),
    run: async ({ input, caller, nowMs, request }) => {
      const { GroupBy = { Type: 'DIMENSION', Key: 'all' }, Value = '', Filter } = input;
      const latest = async () => {
        const knownMs = await knownUntil({}, nowMs, parts, request.client.gone);
        return latestPeriods({}, { knownMs, zone: askedZone(input.TimeZone) }, parts, request.client.gone);
      };
      const comparison: Comparison = {
        ...(namedRanges(input) ?? (await latest())),
        visible: visibilityOf(input, caller, parts),
        ...(Filter !== undefined && { filter: readFilter(Filter) }),
        signal: request.client.gone,
      };
      const [change] = await spendChanges(readGroupKey(GroupBy), [Value], comparison, parts);
      return {
        Start: new Date(comparison.after.startMs),
        End: new Date(comparison.after.endMs),
        PreviousStart: new Date(comparison.before.startMs),
        PreviousEnd: new Date(comparison.before.endMs),
        Change: wireChange(change!),
      };
    },
  };
}

function namedRanges({ Start, End, TimeZone }: GetSpendChangeInput): LatestPeriods | undefined {
  if (!Start || !End) return undefined;
  const zone = askedZone(TimeZone);
  const [startMs, endMs] = [Start.getTime(), End.getTime()];
  return { before: { startMs: startMs - (endMs - startMs), endMs: startMs }, after: { startMs, endMs }, zone };
}

export function wireChange({ value, beforePicoUsd, afterPicoUsd, reasons }: SpendChange) {
  return {
    Value: value,
    PreviousUsd: formatUsd(beforePicoUsd),
    CostUsd: formatUsd(afterPicoUsd),
    ChangeUsd: formatUsd(afterPicoUsd - beforePicoUsd),
    Reasons: reasons.map(wireReason),
  };
}
