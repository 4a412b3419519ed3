import { DAY_MS } from '../../src/kernel/time.ts';

/** When things happened, in days before the day on which the demo is prepared. */
export const HISTORY_DAYS = 60;
/** Own machines for the Llama model: a new lease. */
export const PRICE_RISE_DAYS = 24;
/** Hugo went from the search team to the platform team. */
export const TEAM_CHANGE_DAYS = 31;
/** The data scientists began to use the newest model. */
export const ADOPTION_DAYS = 16;
/** A pilot in Frankfurt, with a model that has no price there. */
export const PILOT_DAYS = 6;
/** A release put the time of day at the head of every prompt: nothing is read from the cache any more. */
export const CACHE_COLLAPSE_DAYS = 5;
/** One person gave a model a whole data room to read. */
export const LARGEST_CALL_DAYS = 3;
/** An afternoon on which a model was throttled. */
export const OUTAGE_DAYS = 19;

/** The night in which the runaway job ran is that after the Thursday of last week: 4 to 10 days ago. */
export function runawayDays(nowMs: number): number {
  const daysSinceMonday = (new Date(nowMs).getUTCDay() + 6) % 7;
  return daysSinceMonday + 4;
}

/** Begin of the day, UTC. */
export function dayMs(nowMs: number, daysAgo: number): number {
  return (Math.floor(nowMs / DAY_MS) - daysAgo) * DAY_MS;
}

/** `2026-11-05`. */
export function dayText(nowMs: number, daysAgo: number): string {
  return new Date(dayMs(nowMs, daysAgo)).toISOString().slice(0, 10);
}
