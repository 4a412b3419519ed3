import { formatUsd, parsePicoUsd } from '../../../kernel/money.ts';
import { DAY_MS } from '../../../kernel/time.ts';
import { type Anomaly, firstDayMs, lastDayMs, spendOf } from '../../../reports/anomaly.ts';
import type { AnomalyRegistry } from '../../../reports/anomaly-registry.ts';

const SHOWN_MAX = 5;
const SHOWN_DAYS = 30;

/** The anomalies of the thirty days before an instant or later, the latest first, each with what most of it came from. */
export function latestAnomalies(registry: AnomalyRegistry, accountId: string, untilMs: number): unknown[] {
  const monitors = new Map(registry.monitors(accountId).map((monitor) => [monitor.arn, monitor.name]));
  return registry
    .accountAnomalies(accountId)
    .filter((anomaly) => lastDayMs(anomaly) >= untilMs - SHOWN_DAYS * DAY_MS)
    .slice(0, SHOWN_MAX)
    .map((anomaly) => wireAnomaly(anomaly, monitors.get(anomaly.monitorArn) ?? ''));
}

function wireAnomaly(anomaly: Anomaly, monitorName: string) {
  const { actual, expected } = spendOf(anomaly.days);
  const [cause] = anomaly.rootCauses;
  const [principal] = anomaly.principals;
  const [service, region, account, usageType] = cause?.keys ?? [];
  return {
    AnomalyId: anomaly.id,
    Monitor: monitorName,
    Value: anomaly.value,
    From: new Date(firstDayMs(anomaly)),
    To: new Date(lastDayMs(anomaly) + DAY_MS),
    ActualUsd: formatUsd(actual),
    ExpectedUsd: formatUsd(expected),
    ImpactUsd: formatUsd(actual - expected),
    ...(usageType !== undefined && {
      Cause: {
        ...{ Service: service, Region: region, AccountId: account, UsageType: usageType },
        ContributionUsd: formatUsd(parsePicoUsd(cause!.contributionUsd)),
      },
    }),
    ...(principal?.keys?.[0] !== undefined && {
      Principal: principal.keys[0],
      PrincipalUsd: formatUsd(parsePicoUsd(principal.contributionUsd)),
    }),
  };
}
