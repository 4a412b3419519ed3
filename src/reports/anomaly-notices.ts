import { formatUsdRounded, parsePicoUsd } from '../kernel/money.ts';
import { nameUuid } from '../kernel/name-uuid.ts';
import { type Notice, oneLine } from '../kernel/notice.ts';
import { DAY_MS, isoSeconds } from '../kernel/time.ts';
import { type Anomaly, firstDayMs, impactOf, lastDayMs, type RootCause, spendOf } from './anomaly.ts';
import type { AnomalyMonitor } from './anomaly-monitor.ts';
import { type AnomalySubscription, meetsThreshold } from './anomaly-subscription.ts';

type Monitors = ReadonlyMap<string, AnomalyMonitor>;

/** A Monday: weeks of summaries begin there. */
const MONDAY_MS = Date.UTC(1970, 0, 5);
/** Anomalies that a summary spells out; AWS's number (User Guide, checked 2026-11). */
const MAX_SUMMARISED = 10;
/** A new subscription is told of anomalies of its own day and the day before. */
const TOLD_LATE_MS = 2 * DAY_MS;
/** Root causes and principals that a text names; the facts have all of them. */
const MAX_NAMED = 3;

/** What an anomaly's subscribers are told as soon as it is found: once for each subscription. */
export function immediateNotices(
  anomaly: Anomaly,
  monitor: AnomalyMonitor,
  subscription: AnomalySubscription,
): Notice[] {
  const facts = { ...anomalyFacts(anomaly), subscriptionId: idOf(subscription), subscriptionName: subscription.name };
  return subscription.subscribers.map((address) => ({
    id: nameUuid('anomaly', subscription.arn, anomaly.id, address.address),
    accountId: subscription.accountId,
    address,
    subject: `Cost anomaly: ${whatOf(anomaly, monitor)}, ${usd(totalImpact(anomaly))} USD more than expected`,
    text: anomalyText(anomaly, monitor),
    facts,
  }));
}

/** Whether a subscription is to be told of an anomaly: it is large enough, and was not over long before it. */
export function isToBeTold(anomaly: Anomaly, subscription: AnomalySubscription): boolean {
  return (
    lastDayMs(anomaly) + TOLD_LATE_MS > subscription.createdAtMs &&
    meetsThreshold(subscription.thresholdExpression, impactOf(anomaly))
  );
}

/** Start of the day or week, UTC, that an instant lies in: where a summary ends and the next begins. */
export function summaryBoundaryMs({ frequency }: AnomalySubscription, atMs: number): number {
  if (frequency === 'DAILY') return Math.floor(atMs / DAY_MS) * DAY_MS;
  return MONDAY_MS + Math.floor((atMs - MONDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS;
}

/** What a subscription is told of the anomalies with a day in a period that is over, the largest first; nothing if none. */
export function summaryNotices(
  subscription: AnomalySubscription,
  anomalies: readonly Anomaly[],
  monitors: Monitors,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): Notice[] {
  const told = anomalies
    .filter((anomaly) => lastDayMs(anomaly) >= startMs && firstDayMs(anomaly) < endMs)
    .filter((anomaly) => isToBeTold(anomaly, subscription))
    .sort((a, b) => Number(totalImpact(b) - totalImpact(a)));
  if (told.length === 0) return [];
  const total = told.reduce((sum, anomaly) => sum + totalImpact(anomaly), 0n);
  const period = `${dateOf(startMs)} to ${dateOf(endMs - DAY_MS)}`;
  const summarised = told.slice(0, MAX_SUMMARISED);
  const left = told.length - summarised.length;
  const text = [
    `${told.length === 1 ? '1 anomaly' : `${told.length} anomalies`} from ${period} (UTC), ${usd(total)} USD more than expected.`,
    ...summarised.map((anomaly) => anomalyText(anomaly, monitors.get(anomaly.monitorArn)!)),
    ...(left > 0 ? [`${left} more with a smaller impact: ask GetAnomalies.`] : []),
  ].join('\n\n');
  const facts = {
    accountId: subscription.accountId,
    subscriptionId: idOf(subscription),
    subscriptionName: subscription.name,
    startDate: isoSeconds(startMs),
    endDate: isoSeconds(endMs),
    totalImpact: Number(usd(total)),
    anomalies: summarised.map(anomalyFacts),
  };
  return subscription.subscribers.map((address) => ({
    id: nameUuid('anomaly summary', subscription.arn, endMs, address.address),
    accountId: subscription.accountId,
    address,
    subject: `Cost anomalies: ${told.length} from ${period}, ${usd(total)} USD more than expected`,
    text,
    facts,
  }));
}

/** The members of the message that AWS sends to topics, and the principals, which it does not know. */
function anomalyFacts(anomaly: Anomaly): Readonly<Record<string, unknown>> {
  const impact = impactOf(anomaly);
  return {
    accountId: anomaly.accountId,
    anomalyStartDate: isoSeconds(firstDayMs(anomaly)),
    anomalyEndDate: isoSeconds(lastDayMs(anomaly)),
    anomalyId: anomaly.id,
    dimensionalValue: anomaly.value,
    monitorArn: anomaly.monitorArn,
    anomalyScore: { maxScore: anomaly.maxScore, currentScore: anomaly.days.at(-1)!.score },
    impact: {
      maxImpact: impact.maxUsd,
      totalActualSpend: impact.actualUsd,
      totalExpectedSpend: impact.expectedUsd,
      totalImpact: impact.totalUsd,
      ...(impact.percentage !== undefined && { totalImpactPercentage: impact.percentage }),
    },
    rootCauses: anomaly.rootCauses.map(({ keys, contributionUsd }) => ({
      ...(keys && { service: keys[0], region: keys[1], linkedAccount: keys[2], usageType: keys[3] }),
      impact: { contribution: Number(contributionUsd) },
    })),
    principals: anomaly.principals.map(({ keys, contributionUsd }) => ({
      ...(keys && { principalArn: keys[0] }),
      impact: { contribution: Number(contributionUsd) },
    })),
  };
}

function anomalyText(anomaly: Anomaly, monitor: AnomalyMonitor): string {
  const { actual, expected } = spendOf(anomaly.days);
  const [from, to] = [dateOf(firstDayMs(anomaly)), dateOf(lastDayMs(anomaly))];
  return [
    `${whatOf(anomaly, monitor)}: ${usd(actual)} USD ${from === to ? `on ${from}` : `from ${from} to ${to}`} (UTC), ${usd(expected)} USD expected.`,
    ...namedCauses('What', anomaly.rootCauses),
    ...namedCauses('Who', anomaly.principals),
    `Anomaly ${anomaly.id}`,
  ].join('\n');
}

function namedCauses(title: string, causes: readonly RootCause[]): string[] {
  return causes
    .filter(({ keys }) => keys)
    .slice(0, MAX_NAMED)
    .map(({ keys, contributionUsd }) => `${title}: ${keys!.join(', ')}: ${usd(parsePicoUsd(contributionUsd))} USD`);
}

function whatOf({ value }: Anomaly, { name }: AnomalyMonitor): string {
  return oneLine(value === '' ? name : `${value} (${name})`);
}

function totalImpact({ days }: Anomaly): bigint {
  const { actual, expected } = spendOf(days);
  return actual - expected;
}

function idOf({ arn }: AnomalySubscription): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function usd(amount: bigint): string {
  return formatUsdRounded(amount, 2);
}

function dateOf(atMs: number): string {
  return isoSeconds(atMs).slice(0, 10);
}
