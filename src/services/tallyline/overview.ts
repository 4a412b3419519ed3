import type { Caller } from '../../identity/principal.ts';
import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { formatUsd } from '../../kernel/money.ts';
import { type CallerBudgetsParts, callerBudgets } from '../../paths/caller-budgets.ts';
import { latestPeriods, topMovers } from '../../paths/change-path.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import {
  type MonthForecast,
  type MonthOverview,
  monthOverview,
  monthQuality,
  type Outlook,
  type OverviewDeps,
  type SpentIn,
} from '../../paths/overview-path.ts';
import { knownUntil } from '../../paths/report-path.ts';
import type { AnomalyRegistry } from '../../reports/anomaly-registry.ts';
import type { CallEndings, DataQuality } from '../../reports/data-quality.ts';
import type { GroupKey } from '../../reports/report-query.ts';
import { askedZone } from './asked-zone.ts';
import { allStandings, callerStandings } from './overview/budget-states.ts';
import { latestAnomalies } from './overview/latest-anomalies.ts';
import {
  type ReportScope,
  type ReportScopeParts,
  type ScopedInput,
  scopedAccess,
  visibilityOf,
} from './report-scope.ts';
import { wireChange } from './spend-change.ts';

export interface OverviewParts extends OverviewDeps, ReportScopeParts, CallerBudgetsParts {
  readonly anomalies: AnomalyRegistry;
  /** Up to when all usage is in the store. */
  readonly usageCompleteToMs: (nowMs: number) => number | undefined;
}

interface GetOverviewInput extends ScopedInput {
  /** IANA name; default: UTC. */
  readonly TimeZone?: string;
}

/** Of each kind: people, models, teams. */
const MOVERS = 6;

/** GetOverview: what was spent this month, or in the latest one that was billed, what is to be expected, what moved and why, and how well all of that is known. */
export function getOverview(parts: OverviewParts): OperationHandler<GetOverviewInput, unknown> {
  const tagKey = `${TAG_PREFIX.principal}${parts.teamTagKey}`;
  return {
    access: scopedAccess('GetOverview'),
    run: async ({ input, caller, nowMs, request }) => {
      const zone = askedZone(input.TimeZone);
      const { Scope = 'ALL' } = input;
      const visible = visibilityOf(input, caller, parts);
      // A bill is days behind, or months: what is shown is the time before its end.
      const untilMs = await knownUntil({}, nowMs, parts, request.client.gone);
      const question = { untilMs, zone, visible, signal: request.client.gone };
      const periods = await latestPeriods({}, { knownMs: untilMs, zone }, parts, request.client.gone);
      const compared = { ...periods, visible, signal: request.client.gone };
      const movers = async (type: string, key: GroupKey) => {
        const changes = await topMovers(key, compared, zone, MOVERS, parts);
        return changes.map((change) => ({ Type: type, ...wireChange(change) }));
      };
      const [month, quality, ...moved] = await Promise.all([
        monthOverview(question, parts),
        monthQuality(question, tagKey, parts),
        // One's own principal is not news.
        Scope === 'OWN' ? [] : movers('PRINCIPAL', { dimension: 'principal' }),
        movers('MODEL', { dimension: 'model' }),
        Scope === 'ALL' ? movers('TEAM', { tag: tagKey }) : [],
      ]);
      return {
        At: new Date(nowMs),
        TimeZone: zone.name,
        TeamTagKey: parts.teamTagKey,
        ...wireMonth(month),
        Movers: moved.flat(),
        ComparedFrom: new Date(compared.before.startMs),
        MoversFrom: new Date(compared.after.startMs),
        MoversTo: new Date(compared.after.endMs),
        Budgets: standings(Scope, caller, nowMs, parts),
        Quality: {
          ...wireQuality(quality, parts.costCatalog().tags.get(tagKey)?.status === 'Active'),
          // How far a bill reaches has nothing to do with what is metered.
          ...(parts.costCatalog().books?.primary !== 'bill' && actualThrough(parts.usageCompleteToMs(nowMs))),
        },
        // Monitors look at everybody's spend.
        ...(Scope === 'ALL' && { Anomalies: latestAnomalies(parts.anomalies, caller.accountId, untilMs) }),
      };
    },
  };
}

function standings(scope: ReportScope, caller: Caller, nowMs: number, parts: OverviewParts) {
  if (scope !== 'ALL') return callerStandings(callerBudgets(parts)(caller, nowMs));
  const table = caller.accountId === parts.managementAccountId ? parts.hardBudgets : undefined;
  return allStandings(parts.budgets.list(caller.accountId), parts.budgets, table, nowMs);
}

function wireMonth({ monthToDate, before, days, monthEndMs, forecast }: MonthOverview) {
  return {
    MonthToDate: wireSpent(monthToDate),
    ...(before && {
      LastMonth: {
        ...wireSpent(before),
        WholeUsd: formatUsd(before.wholePicoUsd),
        ...(before.beganMs !== undefined && { BeganAt: new Date(before.beganMs) }),
      },
    }),
    Days: days.map(wireSpent),
    MonthEnd: new Date(monthEndMs),
    ...(forecast && { Forecast: wireForecast(forecast) }),
  };
}

function wireSpent({ range, costPicoUsd, tokens, requests }: SpentIn) {
  return {
    Start: new Date(range.startMs),
    End: new Date(range.endMs),
    CostUsd: formatUsd(costPicoUsd),
    Tokens: tokens.toString(),
    Requests: requests.toString(),
  };
}

function wireForecast({ level, days, ...month }: MonthForecast) {
  return {
    LevelPercent: Math.round(level * 100),
    ...wireOutlook(month),
    Days: days.map((day) => ({
      Start: new Date(day.range.startMs),
      End: new Date(day.range.endMs),
      ...wireOutlook(day),
      Month: wireOutlook(day.monthSoFar),
    })),
  };
}

function wireOutlook({ mean, lower, upper }: Outlook) {
  return { MeanUsd: formatUsd(mean), LowerUsd: formatUsd(lower), UpperUsd: formatUsd(upper) };
}

/** Up to when all usage that was admitted here is in the store; absent: that is not known yet. */
function actualThrough(completeToMs: number | undefined) {
  return completeToMs === undefined ? {} : { ActualThrough: new Date(completeToMs) };
}

function wireQuality(quality: DataQuality & CallEndings, isTagActive: boolean) {
  const { estimatedSinceMs } = quality;
  return {
    CostUsd: formatUsd(quality.costPicoUsd),
    UnattributedUsd: formatUsd(quality.unattributedPicoUsd),
    UntaggedUsd: formatUsd(quality.untaggedPicoUsd),
    IsTeamTagActive: isTagActive,
    EstimatedUsd: formatUsd(quality.estimatedPicoUsd),
    Quantity: quality.quantity.toString(),
    Unpriced: quality.unpricedQuantity.toString(),
    UnpricedModels: quality.unpricedModels,
    Calls: quality.calls.toString(),
    Interrupted: quality.interrupted.toString(),
    Cut: quality.cut.toString(),
    Failed: quality.failed.toString(),
    ...(estimatedSinceMs !== undefined && { EstimatedSince: new Date(estimatedSinceMs) }),
  };
}
