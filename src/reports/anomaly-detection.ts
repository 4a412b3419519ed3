import { formatUsd, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { DAY_MS } from '../kernel/time.ts';
import { type AnomalousDay, type Anomaly, anomalyId, lastDayMs } from './anomaly.ts';
import { HISTORY_DAYS, MIN_HISTORY_DAYS } from './anomaly-detection/baseline.ts';
import {
  type Judgement,
  judgeDay,
  leastImpact,
  type Sensitivity,
  STANDARD_SENSITIVITY,
} from './anomaly-detection/judgement.ts';
import { type CauseSpend, rootCausesOf } from './anomaly-detection/root-causes.ts';

export { type CauseSpend, HISTORY_DAYS, rootCausesOf };

/** Spend by UTC day without a gap. */
export interface DailySpend {
  readonly firstDayMs: number;
  readonly days: readonly PicoUsd[];
}

/** What one day of one monitored value came to. */
export interface JudgedDay extends AnomalousDay {
  readonly value: string;
  readonly isAnomalous: boolean;
}

/** An anomaly with this feedback is understood: it goes on no longer, and as much spend is in order from then on. */
const UNDERSTOOD: readonly (string | undefined)[] = ['NO', 'PLANNED_ACTIVITY'];
/** Spend above what was understood that is still in order, as a factor. */
const UNDERSTOOD_MARGIN = 1.1;
/** Each false alarm, up to three, makes a value this much harder to alarm. */
const FALSE_ALARM_FACTOR = 1.5;
const MAX_FALSE_ALARMS = 3;

/** Judges days of the values of one monitor by what came before, with nothing but the spend itself. */
export class SpendJudge {
  readonly #scopeUsd: readonly number[];
  readonly #firstDayMs: number;
  /** Index of the first day on which anything was spent. */
  readonly #firstUse: number;
  /** By index of the day. */
  readonly #leastImpactUsd = new Map<number, number | undefined>();

  /** `scope`: all that the monitor watches, from long before the days that are judged. */
  constructor(scope: DailySpend) {
    this.#scopeUsd = scope.days.map(usd);
    this.#firstDayMs = scope.firstDayMs;
    this.#firstUse = this.#scopeUsd.findIndex((amount) => amount > 0);
  }

  /** The days that have enough history to be judged. `spend` must begin on the day on which the scope begins. */
  judge(value: string, spend: DailySpend, daysMs: readonly number[], sensitivity: Sensitivity): JudgedDay[] {
    const spentUsd = spend.days.map(usd);
    return daysMs.flatMap((dayMs) => {
      const leastImpactUsd = this.leastImpactUsd(dayMs);
      if (leastImpactUsd === undefined) return [];
      const day = (dayMs - this.#firstDayMs) / DAY_MS;
      const history = this.#before(spentUsd, day);
      const judgement = judgeDay({ actualUsd: spentUsd[day]!, history, leastImpactUsd }, sensitivity);
      return [{ value, dayMs, ...judgedAmounts(spend.days[day]!, judgement) }];
    });
  }

  /** The smallest impact that a day may have to be anomalous, in USD. Undefined while there is too little history. */
  leastImpactUsd(dayMs: number): number | undefined {
    const day = (dayMs - this.#firstDayMs) / DAY_MS;
    if (!this.#leastImpactUsd.has(day)) {
      const history = this.#before(this.#scopeUsd, day);
      this.#leastImpactUsd.set(day, history.length >= MIN_HISTORY_DAYS ? leastImpact(history) : undefined);
    }
    return this.#leastImpactUsd.get(day);
  }

  /** Days before the first use of anything are no history. */
  #before(daysUsd: readonly number[], day: number): readonly number[] {
    return this.#firstUse === -1 ? [] : daysUsd.slice(Math.max(this.#firstUse, day - HISTORY_DAYS), day);
  }
}

/** How easily a value alarms, after what people said of its earlier anomalies. */
export function sensitivityOf(value: string, present: readonly Anomaly[]): Sensitivity {
  const understood = present.filter((anomaly) => anomaly.value === value && UNDERSTOOD.includes(anomaly.feedback));
  const falseAlarms = understood.filter(({ feedback }) => feedback === 'NO').length;
  const highestUsd = Math.max(0, ...understood.flatMap(({ days }) => days.map(({ actualUsd }) => Number(actualUsd))));
  return {
    deviations: STANDARD_SENSITIVITY.deviations * FALSE_ALARM_FACTOR ** Math.min(falseAlarms, MAX_FALSE_ALARMS),
    acceptedUsd: highestUsd * UNDERSTOOD_MARGIN,
  };
}

/**
 * The anomalies that judged days bring up or change. A day that follows one of an anomaly continues it; the days of an
 * anomaly are brought up to date also when they look harmless by now. The same days give the same anomalies, however often.
 */
export function mergeAnomalies(
  monitor: { readonly arn: string; readonly accountId: string },
  present: readonly Anomaly[],
  judged: readonly JudgedDay[],
  nowMs: number,
): Anomaly[] {
  const anomalies = new Map(present.map((anomaly) => [anomaly.id, anomaly]));
  for (const { value, isAnomalous, ...day } of judged.toSorted((a, b) => a.dayMs - b.dayMs)) {
    const own = [...anomalies.values()].filter((anomaly) => anomaly.value === value);
    const holder = own.find(({ days }) => days.some(({ dayMs }) => dayMs === day.dayMs));
    const before = own.find(
      (anomaly) => lastDayMs(anomaly) + DAY_MS === day.dayMs && !UNDERSTOOD.includes(anomaly.feedback),
    );
    if (holder) {
      const days = holder.days.map((old) => (old.dayMs === day.dayMs ? day : old));
      anomalies.set(holder.id, withDays(holder, days, nowMs));
    } else if (isAnomalous && before) {
      anomalies.set(before.id, withDays(before, [...before.days, day], nowMs));
    } else if (isAnomalous) {
      const id = anomalyId(monitor.arn, value, day.dayMs);
      anomalies.set(id, {
        ...{ id, monitorArn: monitor.arn, accountId: monitor.accountId, value, days: [day], maxScore: day.score },
        ...{ rootCauses: [], principals: [], toldSubscriptions: [], detectedAtMs: nowMs, updatedAtMs: nowMs },
      });
    }
  }
  const before = new Map(present.map((anomaly) => [anomaly.id, anomaly]));
  return [...anomalies.values()].filter((anomaly) => anomaly !== before.get(anomaly.id));
}

/** The anomaly itself when its days say nothing new. */
function withDays(anomaly: Anomaly, days: readonly AnomalousDay[], nowMs: number): Anomaly {
  if (JSON.stringify(days) === JSON.stringify(anomaly.days)) return anomaly;
  const maxScore = Math.max(anomaly.maxScore, ...days.map(({ score }) => score));
  return { ...anomaly, days, maxScore, updatedAtMs: nowMs };
}

function judgedAmounts(actual: PicoUsd, { isAnomalous, expectedUsd, score }: Judgement) {
  return {
    isAnomalous,
    actualUsd: formatUsd(actual),
    expectedUsd: formatUsd(parsePicoUsd(expectedUsd.toFixed(12))),
    score,
  };
}

function usd(amount: PicoUsd): number {
  return Number(formatUsd(amount));
}
