import { medianOf, quantileOf } from './quantile.ts';
import { type SubjectHistory, USE_HOURS_KEPT, type Uses } from './subject-history.ts';

/** What one call is like. */
export const TRAITS = ['cacheShare', 'outputPerCall', 'inputPerCall', 'failedShare', 'costPerCall'] as const;
export type Trait = (typeof TRAITS)[number];

export function traitOf(trait: Trait, uses: Uses): number {
  const { requests, inputTokens, cacheReadTokens, outputTokens, failed, costUsd } = uses;
  if (trait === 'cacheShare') return inputTokens > 0 ? cacheReadTokens / inputTokens : 0;
  const calls = Math.max(requests, 1);
  if (trait === 'outputPerCall') return outputTokens / calls;
  if (trait === 'inputPerCall') return inputTokens / calls;
  return (trait === 'failedShare' ? failed : costUsd) / calls;
}

/** Where a trait usually lies: hardly any hour of the past was below or above. */
export interface Habit {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What the calls of a subject are usually like, and how many there are in an hour. */
export interface Habits {
  readonly traits: Readonly<Record<Trait, Habit>>;
  /** Calls of an hour in which it calls at all; `high`: of the busiest. */
  readonly calls: Habit;
}

/** An hour with fewer calls says little of what they are like. */
const LEAST_CALLS = 5;
const LEAST_HOURS = 12;
const [LOW, HIGH] = [0.02, 0.98];

/** Undefined while too little is known. What is learned ends before `hour`. */
export function learnHabits(history: SubjectHistory, hour: number): Habits | undefined {
  const hours: Uses[] = [];
  for (let at = Math.max(history.firstHour, hour - USE_HOURS_KEPT + 24); at < hour; at += 1) {
    if (Number.isNaN(history.usualHourUsd(at))) continue;
    const uses = history.usesOf(at);
    if (uses.requests >= LEAST_CALLS) hours.push(uses);
  }
  if (hours.length < LEAST_HOURS) return undefined;
  const habitOf = (read: (uses: Uses) => number): Habit => {
    const values = Float32Array.from(hours, read);
    return { low: quantileOf(values, LOW), middle: medianOf(values), high: quantileOf(values, HIGH) };
  };
  const traits = TRAITS.map((trait) => [trait, habitOf((uses) => traitOf(trait, uses))] as const);
  return { traits: Object.fromEntries(traits) as Record<Trait, Habit>, calls: habitOf(({ requests }) => requests) };
}
