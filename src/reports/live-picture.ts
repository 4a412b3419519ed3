import { MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { addTo, type GrowingSums, type LiveSeries, type LiveSums, NO_SUMS } from './live-series.ts';
import { type LiveSubject, SHARED_SUBJECT } from './live-subject.ts';
import { type LiveActivity, type LiveCall, type LiveUsage, MINUTES_KEPT, SECONDS_KEPT } from './live-usage.ts';

/** What goes on, as far as somebody looks at it. */
export interface LivePicture {
  /** Of the last hour. */
  readonly total: LiveSums;
  readonly minutes: readonly LiveSlot[];
  readonly seconds: readonly LiveSlot[];
  readonly inFlight: number;
  /** Dearest in the last hour first. */
  readonly principals: readonly LivePrincipal[];
  /** How many there are, those that are not listed as well. */
  readonly principalCount: number;
  /** Newest first. */
  readonly latest: readonly LiveCall[];
  /** True where callers were too many to be told apart: some are in no figure but the total of everything. */
  readonly isPartial: boolean;
}

export interface LiveSlot {
  readonly startMs: number;
  readonly sums: LiveSums;
}

export interface LivePrincipal {
  readonly principalArn: string;
  readonly total: LiveSums;
  readonly inFlight: number;
  /** As `LivePicture.minutes`. */
  readonly minutes: readonly LiveSlot[];
}

/** Members of a picture's lists at most. */
export interface LiveBounds {
  readonly principals: number;
  readonly latest: number;
}

interface Gathered {
  readonly total: GrowingSums;
  inFlight: number;
  readonly series: LiveSeries[];
}

/** `isAbout` absent: of everybody, for which nothing has to be added up. */
export function livePicture(
  usage: LiveUsage,
  isAbout: ((subject: LiveSubject) => boolean) | undefined,
  bounds: LiveBounds,
  nowMs: number,
): LivePicture {
  const all = usage.users();
  const users = isAbout ? all.filter(({ subject }) => isAbout(subject)) : all;
  const activities = isAbout ? users : [usage.everybody()];
  const byPrincipal = new Map<string, Gathered>();
  const gathered = (principalArn: string): Gathered => {
    const known = byPrincipal.get(principalArn);
    if (known) return known;
    const begun: Gathered = { total: { ...NO_SUMS }, inFlight: 0, series: [] };
    byPrincipal.set(principalArn, begun);
    return begun;
  };
  for (const { subject, minutes } of users) {
    const one = gathered(subject.principalArn);
    addTo(one.total, minutes.total);
    one.series.push(minutes);
  }
  let inFlight = 0;
  for (const { subject } of usage.open()) {
    if (isAbout && !isAbout(subject)) continue;
    gathered(subject.principalArn).inFlight += 1;
    inFlight += 1;
  }
  const slots = (series: readonly LiveSeries[]) => slotsUpTo(nowMs, MINUTE_MS, MINUTES_KEPT, series);
  const principals = [...byPrincipal]
    .sort(([, a], [, b]) => dearestFirst(a.total, b.total))
    .slice(0, bounds.principals);
  return {
    total: sumOf(activities),
    minutes: slots(activities.map(({ minutes }) => minutes)),
    seconds: slotsUpTo(
      nowMs,
      SECOND_MS,
      SECONDS_KEPT,
      activities.map(({ seconds }) => seconds),
    ),
    inFlight,
    principals: principals.map(([principalArn, one]) => {
      return { principalArn, total: one.total, inFlight: one.inFlight, minutes: slots(one.series) };
    }),
    principalCount: byPrincipal.size,
    latest: usage.latest(({ subject }) => !isAbout || isAbout(subject), bounds.latest),
    isPartial: all.some(({ subject }) => subject === SHARED_SUBJECT),
  };
}

function sumOf(activities: readonly LiveActivity[]): LiveSums {
  const sums: GrowingSums = { ...NO_SUMS };
  for (const { minutes } of activities) addTo(sums, minutes.total);
  return sums;
}

/** One for every slot, those without anything as well. */
function slotsUpTo(nowMs: number, slotMs: number, count: number, series: readonly LiveSeries[]): LiveSlot[] {
  const sums = new Map<number, GrowingSums>();
  for (const one of series) {
    for (const [startMs, more] of one.entries()) {
      const known = sums.get(startMs);
      if (known) addTo(known, more);
      else sums.set(startMs, { ...more });
    }
  }
  const lastMs = Math.floor(nowMs / slotMs) * slotMs;
  return Array.from({ length: count }, (_, index) => {
    const startMs = lastMs - (count - 1 - index) * slotMs;
    return { startMs, sums: sums.get(startMs) ?? NO_SUMS };
  });
}

function dearestFirst(a: LiveSums, b: LiveSums): number {
  if (a.costPicoUsd !== b.costPicoUsd) return a.costPicoUsd > b.costPicoUsd ? -1 : 1;
  return b.calls + b.refused - (a.calls + a.refused);
}
