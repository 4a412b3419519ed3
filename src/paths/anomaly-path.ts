import type { NoticeOutbox } from '../kernel/notice.ts';
import { type Clock, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { type Anomaly, lastDayMs, type RootCause, spendOf } from '../reports/anomaly.ts';
import {
  type JudgedDay,
  mergeAnomalies,
  rootCausesOf,
  SpendJudge,
  sensitivityOf,
} from '../reports/anomaly-detection.ts';
import type { AnomalyMonitor } from '../reports/anomaly-monitor.ts';
import { immediateNotices, isToBeTold, summaryBoundaryMs, summaryNotices } from '../reports/anomaly-notices.ts';
import type { AnomalyRegistry } from '../reports/anomaly-registry.ts';
import type { AnomalySubscription } from '../reports/anomaly-subscription.ts';
import type { GroupKey } from '../reports/report-query.ts';
import { MonitoredSpend } from './anomaly-path/monitored-spend.ts';
import type { ReportDeps } from './report-path.ts';

export interface AnomalyPathDeps extends ReportDeps {
  readonly registry: AnomalyRegistry;
  readonly outbox: NoticeOutbox;
  /** Its monitors watch every account; those of other accounts their own. */
  readonly managementAccountId: string;
  readonly clock: Clock;
  /** Lets others have the event loop for a turn: judging one value takes up to a millisecond, and there may be thousands. */
  readonly giveWay: () => Promise<void>;
}

/** AWS keeps anomalies for 90 days (User Guide, checked 2026-11). */
const KEEP_DAYS = 90;
/** Values whose days are read at a time: keeps answers short. */
const VALUES_AT_A_TIME = 100;
/** Values whose spend of today is compared by the hour, those that look worst first; others wait for the day's end. */
const MAX_HOURLY_VALUES = 20;
/** Time before an anomaly that says how its spend is usually made up. */
const CAUSES_BEFORE_MS = 28 * DAY_MS;

/** RootCause of Cost Explorer; it has none for principals. */
const CAUSE_KEYS: readonly GroupKey[] = [
  { dimension: 'service' },
  { dimension: 'region' },
  { dimension: 'account' },
  { dimension: 'usageType' },
];
const PRINCIPAL_KEYS: readonly GroupKey[] = [{ dimension: 'principal' }];

/**
 * One evaluation of a monitor: read spend > judge days > merge into anomalies > explain > record. Answers the anomalies that
 * are new or changed. The same usage gives the same anomalies, on whichever node and however often. Throws StoreUnavailable.
 */
export async function evaluateMonitor(
  monitor: AnomalyMonitor,
  deps: AnomalyPathDeps,
  signal?: AbortSignal,
): Promise<readonly Anomaly[]> {
  const { registry, clock, managementAccountId } = deps;
  const nowMs = clock();
  const onlyAccountId = monitor.accountId === managementAccountId ? undefined : monitor.accountId;
  const spend = new MonitoredSpend(monitor, onlyAccountId, nowMs, deps, signal);
  const values = await spend.values();
  const judged = values.length === 0 ? [] : await judgeValues(values, spend, registry.anomalies(monitor.arn), deps);
  const decide = (present: readonly Anomaly[]) => mergeAnomalies(monitor, present, judged, nowMs);
  const explained = new Map<string, Pick<Anomaly, 'rootCauses' | 'principals'>>();
  for (const anomaly of decide(registry.anomalies(monitor.arn))) {
    explained.set(explanationKey(anomaly), await explain(anomaly, spend));
  }
  return registry.noteEvaluation(
    monitor.arn,
    { lastEvaluatedAtMs: nowMs, valueCount: values.length },
    nowMs - KEEP_DAYS * DAY_MS,
    // Days that another node recorded meanwhile were not explained here; the next evaluation does it.
    (present) => decide(present).map((anomaly) => ({ ...anomaly, ...explained.get(explanationKey(anomaly)) })),
  );
}

/**
 * Puts what is due on its way to a subscription: each anomaly at once, or what a day or week that is over has brought. Call
 * after an evaluation, so that summaries tell of whole days. However often it is called, nobody is told twice.
 */
export async function tellSubscription(
  subscription: AnomalySubscription,
  { registry, outbox, clock }: AnomalyPathDeps,
): Promise<void> {
  const monitors = new Map(registry.monitors(subscription.accountId).map((monitor) => [monitor.arn, monitor]));
  if (subscription.frequency === 'IMMEDIATE') {
    for (const arn of subscription.monitorArns) {
      const noticesOf = (anomaly: Anomaly) => immediateNotices(anomaly, monitors.get(arn)!, subscription);
      await registry.noteTold(
        subscription.arn,
        arn,
        (anomaly) => isToBeTold(anomaly, subscription),
        (untold) => outbox.changesFor(untold.flatMap(noticesOf)),
      );
    }
    return;
  }
  const endMs = summaryBoundaryMs(subscription, clock());
  const startMs = summaryBoundaryMs(subscription, subscription.summarisedUntilMs ?? subscription.createdAtMs);
  if (startMs >= endMs) return;
  const anomalies = subscription.monitorArns.flatMap((arn) => registry.anomalies(arn));
  await registry.noteSummary(subscription.arn, endMs, () =>
    outbox.changesFor(summaryNotices(subscription, anomalies, monitors, { startMs, endMs })),
  );
}

async function judgeValues(
  values: readonly string[],
  spend: MonitoredSpend,
  present: readonly Anomaly[],
  { giveWay }: AnomalyPathDeps,
): Promise<JudgedDay[]> {
  const judge = new SpendJudge(await spend.scope());
  const judged: JudgedDay[] = [];
  const today: JudgedDay[] = [];
  for (let at = 0; at < values.length; at += VALUES_AT_A_TIME) {
    for (const [value, series] of await spend.daily(values.slice(at, at + VALUES_AT_A_TIME))) {
      const days = judge.judge(value, series, spend.judgedDaysMs, sensitivityOf(value, present));
      for (const day of days) (day.dayMs < spend.todayMs ? judged : today).push(day);
      await giveWay();
    }
  }
  const suspects = suspectsOfToday(today, spend, judge.leastImpactUsd(spend.todayMs), present);
  if (suspects.length === 0) return judged;
  for (const [value, series] of await spend.untilNow(suspects)) {
    judged.push(...judge.judge(value, series, [spend.todayMs], sensitivityOf(value, present)));
  }
  return judged;
}

/**
 * Values that are worth a look hour by hour: those with an anomaly today, and those that are furthest ahead of a day that
 * costs the same every hour. Whether they really are out of the ordinary is judged by the same hours of earlier days.
 */
function suspectsOfToday(
  today: readonly JudgedDay[],
  { todayMs, hours }: MonitoredSpend,
  leastImpactUsd: number | undefined,
  present: readonly Anomaly[],
): string[] {
  if (hours === 0 || leastImpactUsd === undefined) return [];
  const open = new Set(present.filter((anomaly) => lastDayMs(anomaly) === todayMs).map(({ value }) => value));
  const aheadUsd = ({ actualUsd, expectedUsd }: JudgedDay) =>
    Number(actualUsd) - (Number(expectedUsd) * hours * HOUR_MS) / DAY_MS;
  return today
    .filter((day) => open.has(day.value) || aheadUsd(day) >= leastImpactUsd)
    .sort((a, b) => Number(open.has(b.value)) - Number(open.has(a.value)) || aheadUsd(b) - aheadUsd(a))
    .slice(0, MAX_HOURLY_VALUES)
    .map(({ value }) => value);
}

async function explain(anomaly: Anomaly, spend: MonitoredSpend): Promise<Pick<Anomaly, 'rootCauses' | 'principals'>> {
  const total = spendOf(anomaly.days);
  const causes = async (keys: readonly GroupKey[]): Promise<RootCause[]> =>
    rootCausesOf(await spend.causes(anomaly, keys, CAUSES_BEFORE_MS), total);
  return { rootCauses: await causes(CAUSE_KEYS), principals: await causes(PRINCIPAL_KEYS) };
}

/** Of the anomaly as it was explained: contributions sum to the impact of these days and no others. */
function explanationKey({ id, days }: Anomaly): string {
  return JSON.stringify([id, days]);
}
