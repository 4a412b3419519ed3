import type {
  AnomalyDateInterval,
  GetAnomaliesRequest,
  GetAnomaliesResponse,
  ProvideAnomalyFeedbackRequest,
  ProvideAnomalyFeedbackResponse,
  TotalImpactFilter,
  Anomaly as WireAnomaly,
  RootCause as WireCause,
} from '@aws-sdk/client-cost-explorer';
import { DAY_MS, isoSeconds } from '../../kernel/time.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { RootCause } from '../../reports/anomaly.ts';
import { type Anomaly, firstDayMs, impactOf, lastDayMs } from '../../reports/anomaly.ts';
import type { AnomalyRegistry } from '../../reports/anomaly-registry.ts';
import { pageLatestFirst } from './anomaly-page.ts';
import { needs } from './cost-question.ts';
import { invalid } from './invalid.ts';
import { resourceNeed } from './resource-tags.ts';

export interface AnomalyParts {
  readonly registry: AnomalyRegistry;
  readonly accountName: (accountId: string) => string | undefined;
}

export function anomalyOperations({ registry, accountName }: AnomalyParts): OperationTable {
  const getAnomalies: OperationHandler<GetAnomaliesRequest, GetAnomaliesResponse> = {
    access: ({ input }) => [resourceNeed('GetAnomalies', [registry], input.MonitorArn ?? '*')],
    run: ({ caller: { accountId }, input }) => {
      const { MonitorArn: monitorArn, Feedback: feedback, TotalImpact: impact } = input;
      const { startMs, endMs } = readInterval(input.DateInterval!);
      const isWanted = impact ? impactTest(impact) : () => true;
      if (monitorArn !== undefined) registry.monitor(accountId, monitorArn);
      const all = monitorArn === undefined ? registry.accountAnomalies(accountId) : registry.anomalies(monitorArn);
      const matching = all.filter((anomaly) => {
        const endedMs = lastDayMs(anomaly);
        if (endedMs < startMs || endedMs > endMs) return false;
        return (feedback === undefined || anomaly.feedback === feedback) && isWanted(impactOf(anomaly).totalUsd);
      });
      const { items, rest } = pageLatestFirst('GetAnomalies', accountId, matching, lastDayMs, input);
      return { Anomalies: items.map((anomaly) => wireAnomaly(anomaly, accountName)), ...rest };
    },
  };
  const provideFeedback: OperationHandler<ProvideAnomalyFeedbackRequest, ProvideAnomalyFeedbackResponse> = {
    access: needs('ProvideAnomalyFeedback'),
    run: async ({ caller: { accountId }, input }) => {
      await registry.giveFeedback(accountId, input.AnomalyId!, input.Feedback!);
      return { AnomalyId: input.AnomalyId };
    },
  };
  return { GetAnomalies: getAnomalies, ProvideAnomalyFeedback: provideFeedback };
}

/** Both dates belong to the interval; without an end it goes on. */
function readInterval({ StartDate: start, EndDate: end }: AnomalyDateInterval): { startMs: number; endMs: number } {
  const startMs = dayOf('StartDate', start!);
  const endMs = end === undefined ? Number.POSITIVE_INFINITY : dayOf('EndDate', end);
  if (startMs > endMs) throw invalid('Start date (and hour) should be before end date (and hour)');
  return { startMs, endMs };
}

function dayOf(name: string, text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs) || !isoSeconds(atMs).startsWith(text.slice(0, 10))) {
    throw invalid(`${name} ${text} is invalid. Valid format is: yyyy-MM-dd.`);
  }
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

function impactTest({ NumericOperator: operator, StartValue: start, EndValue: end }: TotalImpactFilter) {
  if ((operator === 'BETWEEN') !== (end !== undefined)) {
    throw invalid('EndValue of TotalImpact must be specified for BETWEEN alone');
  }
  const tests: Readonly<Record<string, (usd: number) => boolean>> = {
    EQUAL: (usd) => usd === start!,
    GREATER_THAN: (usd) => usd > start!,
    GREATER_THAN_OR_EQUAL: (usd) => usd >= start!,
    LESS_THAN: (usd) => usd < start!,
    LESS_THAN_OR_EQUAL: (usd) => usd <= start!,
    BETWEEN: (usd) => usd >= start! && usd <= end!,
  };
  return tests[operator!]!;
}

function wireAnomaly(anomaly: Anomaly, accountName: AnomalyParts['accountName']): WireAnomaly {
  const impact = impactOf(anomaly);
  return {
    AnomalyId: anomaly.id,
    AnomalyStartDate: isoSeconds(firstDayMs(anomaly)),
    AnomalyEndDate: isoSeconds(lastDayMs(anomaly)),
    ...(anomaly.value !== '' && { DimensionValue: anomaly.value }),
    RootCauses: anomaly.rootCauses.map((cause) => wireCause(cause, accountName)),
    AnomalyScore: { MaxScore: anomaly.maxScore, CurrentScore: anomaly.days.at(-1)!.score },
    Impact: {
      MaxImpact: impact.maxUsd,
      TotalImpact: impact.totalUsd,
      TotalActualSpend: impact.actualUsd,
      TotalExpectedSpend: impact.expectedUsd,
      ...(impact.percentage !== undefined && { TotalImpactPercentage: impact.percentage }),
    },
    MonitorArn: anomaly.monitorArn,
    ...(anomaly.feedback && { Feedback: anomaly.feedback }),
  };
}

/** The cause without members is the rest: everything that is too small to be listed. */
function wireCause({ keys, contributionUsd }: RootCause, accountName: AnomalyParts['accountName']): WireCause {
  const impact = { Impact: { Contribution: Number(contributionUsd) } };
  if (!keys) return impact;
  const [service, region, account, usageType] = keys;
  const name = accountName(account!);
  return {
    Service: service,
    Region: region,
    LinkedAccount: account,
    ...(name && { LinkedAccountName: name }),
    UsageType: usageType,
    ...impact,
  };
}
