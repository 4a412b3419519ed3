import { createHash } from 'node:crypto';
import { Detector } from '../../src/detection/detector.ts';
import type { Finding } from '../../src/detection/finding.ts';
import type { Subject } from '../../src/detection/subject.ts';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import type { GeneratedHistory } from './history.ts';

export const TEAM_TAG = 'iamPrincipal/team';

/** An alarm as somebody would get it. */
export interface Alarm {
  readonly atMs: number;
  readonly subject: Subject;
  readonly kind: string;
  readonly grain: string;
  /** 0 to 1, where the method says so. */
  readonly score?: number;
  /** Who and why, the likeliest first. */
  readonly causes: readonly { readonly principal: string; readonly reason: string }[];
}

export interface MethodRun {
  readonly alarms: readonly Alarm[];
  /** Subjects that were watched. */
  readonly subjects: number;
  readonly findings: readonly Finding[];
}

/** Our own: an alarm is a finding that a notice would go out for. */
export function detectorRun({ learnedHours, learnedBuckets, rounds }: GeneratedHistory): MethodRun {
  const detector = new Detector({
    ...{ tagKeys: [TEAM_TAG], subjectsMax: 500 },
    newId: (subject, sinceMs) =>
      createHash('sha256')
        .update(JSON.stringify([subject, sinceMs]))
        .digest('hex')
        .slice(0, 8),
  });
  for (const slice of learnedHours) detector.learn(slice, '1h');
  for (const slice of learnedBuckets) detector.learn(slice, '15m');
  const alarms = new Map<string, Alarm>();
  const findings = new Map<string, Finding>();
  for (const { nowMs, slices } of rounds) {
    for (const finding of detector.round(slices, nowMs)) {
      findings.set(finding.id, finding);
      if (finding.severity === 'low' || alarms.has(finding.id)) continue;
      const { subject, kind, grain, score, causes } = finding;
      alarms.set(finding.id, { atMs: nowMs, subject, kind, grain, score, causes });
    }
  }
  return { alarms: [...alarms.values()], subjects: detector.subjectCount, findings: [...findings.values()] };
}

/** Spend of each principal by hour, of the days that are learned and those that are judged. */
function hourly({ learnedHours, learnedBuckets, rounds }: GeneratedHistory): ReadonlyMap<string, Float64Array> {
  const startMs = learnedHours[0]!.startMs;
  const endMs = rounds.at(-1)!.nowMs + 1;
  const hours = new Map<string, Float64Array>();
  // The bucket before the one under way comes once more in full with the first round of the next one.
  const last = rounds.filter(({ nowMs }) => (nowMs + 1) % (HOUR_MS / 4) === 0).map(({ slices }) => slices.at(-1)!);
  for (const slice of [...learnedHours, ...learnedBuckets, ...last]) {
    for (const { principal, costUsd } of slice.cells) {
      const own = hours.get(principal) ?? new Float64Array((endMs - startMs) / HOUR_MS);
      hours.set(principal, own);
      own[Math.floor((slice.startMs - startMs) / HOUR_MS)]! += costUsd;
    }
  }
  return hours;
}

/** What is judged at the end of each hour: whether it is too much, and the least that is. */
type Rule = (hours: Float64Array, hour: number) => boolean;

/** Alarms of a rule, one for each stretch of trouble: after so many quiet hours, the next is another one. */
const QUIET_HOURS = 6;

function ruleRun(history: GeneratedHistory, rule: Rule, grain: string): MethodRun {
  const alarms: Alarm[] = [];
  const startMs = history.learnedHours[0]!.startMs;
  const first = Math.floor((history.rounds[0]!.nowMs - startMs) / HOUR_MS);
  const all = hourly(history);
  for (const [principal, hours] of all) {
    let lastBad = Number.NEGATIVE_INFINITY;
    for (let hour = first; hour < hours.length; hour += 1) {
      if (!rule(hours, hour)) continue;
      if (hour - lastBad > QUIET_HOURS) {
        const subject = { kind: 'principal', tagKey: '', value: principal } as const;
        const causes = [{ principal, reason: 'calls' }];
        alarms.push({ atMs: startMs + (hour + 1) * HOUR_MS, subject, kind: 'spend_spike', grain, causes });
      }
      lastBad = hour;
    }
  }
  return { alarms, subjects: all.size, findings: [] };
}

/** The last 24 hours against the 24 before: `factor` times as much, and `leastUsd` more. */
export function yesterdayRun(history: GeneratedHistory, factor: number, leastUsd: number): MethodRun {
  const day = DAY_MS / HOUR_MS;
  const rule: Rule = (hours, hour) => {
    const sum = (from: number) => hours.subarray(from, from + day).reduce((total, usd) => total + usd, 0);
    const [now, before] = [sum(hour - day + 1), sum(hour - 2 * day + 1)];
    return now >= factor * before && now - before >= leastUsd;
  };
  return ruleRun(history, rule, '1d');
}

/** An hour against mean and standard deviation of the two weeks before it. */
export function zScoreRun(history: GeneratedHistory, deviations: number, leastUsd: number): MethodRun {
  const rule: Rule = (hours, hour) => {
    const before = hours.subarray(hour - 14 * 24, hour);
    const mean = before.reduce((sum, usd) => sum + usd, 0) / before.length;
    const variance = before.reduce((sum, usd) => sum + (usd - mean) ** 2, 0) / before.length;
    const excess = hours[hour]! - mean;
    return excess >= deviations * Math.sqrt(variance) && excess >= leastUsd;
  };
  return ruleRun(history, rule, '1h');
}

/** What an organisation spends in a day on average: least amounts are parts of it. */
export function dayUsd({ learnedHours }: GeneratedHistory): number {
  const all = learnedHours.reduce((sum, { cells }) => sum + cells.reduce((usd, cell) => usd + cell.costUsd, 0), 0);
  return (all / learnedHours.length) * 24;
}
