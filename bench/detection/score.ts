import { HOUR_MS } from '../../src/kernel/time.ts';
import { type GeneratedHistory, JUDGED_DAYS, type Label } from './history.ts';
import type { HarmlessKind, IncidentKind } from './incidents.ts';
import type { Alarm, MethodRun } from './methods.ts';

/** An incident may be found until so long after it: by the day's sum, for instance. */
const FOUND_AFTER_MS = 3 * HOUR_MS;

/** What one method made of one history. */
export interface Outcome {
  readonly label?: Label;
  readonly harmless?: HarmlessKind;
  readonly found?: Alarm | undefined;
  /** Alarms beside the first one of an incident. */
  readonly falseAlarms: readonly Alarm[];
  readonly subjectDays: number;
}

export function outcomeOf({ label, harmless }: GeneratedHistory, { alarms, subjects }: MethodRun): Outcome {
  const inTime = alarms.toSorted((a, b) => a.atMs - b.atMs);
  const found = label && inTime.find((alarm) => isOf(alarm, label));
  return {
    ...(label && { label }),
    ...(harmless && { harmless }),
    ...(found && { found }),
    falseAlarms: inTime.filter((alarm) => alarm !== found),
    subjectDays: subjects * JUDGED_DAYS,
  };
}

/** Of the incident: in its time, and about somebody who is in it. */
function isOf({ atMs, subject, causes }: Alarm, label: Label): boolean {
  if (atMs < label.startMs || atMs > label.endMs + FOUND_AFTER_MS) return false;
  if (subject.kind === 'principal') return subject.value === label.arn;
  if (subject.kind === 'tag') return subject.value === label.team;
  return causes.some(({ principal }) => principal === label.arn);
}

export interface Scores {
  readonly incidents: number;
  readonly found: number;
  readonly falseAlarms: number;
  readonly precision: number;
  readonly recall: number;
  readonly delayMinutes: { readonly median: number; readonly p90: number };
  readonly top1: number;
  readonly top3: number;
  readonly falsePer100SubjectDays: number;
}

export function scoresOf(outcomes: readonly Outcome[]): Scores {
  const labelled = outcomes.filter(({ label }) => label);
  const found = labelled.filter((outcome) => outcome.found);
  const falseAlarms = outcomes.reduce((sum, outcome) => sum + outcome.falseAlarms.length, 0);
  const delays = found.map(({ found, label }) => (found!.atMs - label!.startMs) / 60_000).sort((a, b) => a - b);
  const at = (part: number) => delays[Math.min(delays.length - 1, Math.floor(part * delays.length))] ?? Number.NaN;
  const part = (count: number) => (found.length === 0 ? Number.NaN : count / found.length);
  return {
    ...{ incidents: labelled.length, found: found.length, falseAlarms },
    precision: found.length / Math.max(found.length + falseAlarms, 1),
    recall: found.length / Math.max(labelled.length, 1),
    delayMinutes: { median: at(0.5), p90: at(0.9) },
    top1: part(found.filter(({ found, label }) => isNamed(found!, label!)).length),
    top3: part(found.filter(({ found, label }) => isAmongCauses(found!, label!)).length),
    falsePer100SubjectDays: (100 * falseAlarms) / outcomes.reduce((sum, outcome) => sum + outcome.subjectDays, 0),
  };
}

/** The alarm is about the right principal, or names it first; and says what it is. */
function isNamed({ kind, subject, causes }: Alarm, label: Label): boolean {
  const principal = subject.kind === 'principal' ? subject.value : causes[0]?.principal;
  return principal === label.arn && kind === label.kind;
}

const REASONS: Readonly<Record<IncidentKind, readonly string[]>> = {
  ...{ spend_spike: ['calls'], sustained_rise: ['calls'], runaway_loop: ['calls'], growing_context: ['input'] },
  ...{ unfamiliar_use: ['calls', 'input', 'output', 'cache'], cache_collapse: ['cache'], longer_output: ['output'] },
  ...{ error_storm: ['failures'], new_spender: ['new'] },
};

/** The right principal with the right reason is among the first three causes. */
function isAmongCauses(alarm: Alarm, label: Label): boolean {
  const reasons = REASONS[label.kind];
  const isCause = alarm.causes
    .slice(0, 3)
    .some(({ principal, reason }) => principal === label.arn && reasons.includes(reason));
  return isCause || isNamed(alarm, label);
}
