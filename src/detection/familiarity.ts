import { usdText } from './evidence.ts';
import { spendOver } from './judge-spend.ts';
import { QUARTERS_AN_HOUR } from './subject-history.ts';
import type { JudgedMoment, Suspicion, Watched } from './suspicion.ts';

/** What can be new about where and how somebody calls, and how much it says where it does not change often. */
export const ASPECTS = ['network', 'region', 'client', 'model'] as const;
export type Aspect = (typeof ASPECTS)[number];

const WEIGHTS: Readonly<Record<Aspect, number>> = { network: 1.5, region: 1.5, client: 1, model: 1 };
const HOUR_WEIGHT = 1;
const SPEND_WEIGHT = 1.5;
/** One novelty is told of in the list from here on; with notices from there on. */
const LEAST_LIGHT = 1.5;
const LEAST_GRAVE = 3;
/** Who has as many values of an aspect as this changes them often: a new one says half as much. */
const ROAMING_VALUES = 5;
/** Values of one aspect of one principal that are remembered; the longest unused is forgotten. */
const VALUES_MAX = 16;
/** Values stay new so long, so that novelties of one story count together. */
const NEW_HOURS = 6;
/** Somebody has habits after so many days, at so many hours of them. */
const LEAST_DAYS = 7;
const LEAST_ACTIVE_HOURS = 24;
/** Calls with what is new, before it counts. */
const LEAST_CALLS = 5;
const DAY = 24;
const HABIT_DAYS = 28;

interface Sighting {
  firstHour: number;
  lastHour: number;
  /** Calls since it was new. */
  calls: number;
}

/** Where and how one principal calls: at most `VALUES_MAX` values of each aspect. */
export class Familiarity {
  readonly #seen: Readonly<Record<Aspect, Map<string, Sighting>>> = {
    ...{ network: new Map(), region: new Map(), client: new Map(), model: new Map() },
  };

  note(aspect: Aspect, value: string, hour: number, calls: number): void {
    if (value === '') return;
    const values = this.#seen[aspect];
    const known = values.get(value);
    if (known) {
      known.lastHour = hour;
      known.calls += calls;
      return;
    }
    if (values.size >= VALUES_MAX) {
      const oldest = [...values].reduce((a, b) => (b[1].lastHour < a[1].lastHour ? b : a));
      values.delete(oldest[0]);
    }
    values.set(value, { firstHour: hour, lastHour: hour, calls });
  }

  /** Aspects with values that came up just now, and the part of its weight that each counts for. */
  novelties(
    hour: number,
    usedSinceHour: number,
  ): { readonly aspect: Aspect; readonly value: string; readonly part: number }[] {
    return ASPECTS.flatMap((aspect) => {
      const values = [...this.#seen[aspect]];
      const isNew = ({ firstHour, calls }: Sighting) =>
        firstHour > hour - NEW_HOURS && firstHour >= usedSinceHour + LEAST_DAYS * DAY && calls >= LEAST_CALLS;
      const old = values.filter(([, sighting]) => sighting.firstHour <= hour - NEW_HOURS);
      const found = values.find(([, sighting]) => isNew(sighting));
      // An aspect that was never seen before, such as networks after an upgrade, has nothing to be new against.
      if (!found || old.length === 0) return [];
      return [{ aspect, value: found[0], part: old.length >= ROAMING_VALUES ? 0.5 : 1 }];
    });
  }
}

/** Whether somebody calls as they never do: novelties add up, and one alone is no alarm. */
export function judgeFamiliarity(
  watched: Watched,
  familiarity: Familiarity,
  isSpendSuspicious: boolean,
  { quarter, leastImpactUsd, usageGrain }: JudgedMoment,
): Suspicion | undefined {
  const { history, baseline } = watched;
  const hour = Math.floor(quarter / QUARTERS_AN_HOUR);
  const novelties = familiarity.novelties(hour, history.firstHour);
  if (novelties.length === 0) return undefined;
  const offHour = isUnusualHour(watched, hour);
  const weight =
    novelties.reduce((sum, { aspect, part }) => sum + WEIGHTS[aspect] * part, 0) +
    (offHour ? HOUR_WEIGHT : 0) +
    (isSpendSuspicious ? SPEND_WEIGHT : 0);
  if (weight < LEAST_LIGHT) return undefined;
  const isDay = usageGrain === '1d';
  const spend = spendOver(history, baseline, quarter, QUARTERS_AN_HOUR * (isDay ? DAY : 1));
  const isDear = spend.actualUsd - spend.expectedUsd >= leastImpactUsd / 4;
  const evidence = novelties.map(({ aspect, value }) => `first use of ${WORDS[aspect]} ${value}`);
  if (offHour) evidence.push('it never works at this hour');
  evidence.push(
    `${usdText(spend.actualUsd)} ${isDay ? 'on this day' : 'in this hour'}; ${usdText(spend.expectedUsd)} is usual`,
  );
  return {
    ...{ watched, kind: 'unfamiliar_use', grain: '15m', sinceQuarter: quarter - 1, ...spend, evidence },
    strength: weight / LEAST_GRAVE,
    standsAlone: true,
    isGrave: weight >= LEAST_GRAVE && novelties.length + Number(offHour) >= 2 && isDear,
  };
}

const WORDS: Readonly<Record<Aspect, string>> = {
  ...{ network: 'the network', region: 'the region', client: 'the client', model: 'the model' },
};

/** An hour of the day in which a principal that works regularly has hardly ever spent anything. */
function isUnusualHour({ history }: Watched, hour: number): boolean {
  const days = Math.min(HABIT_DAYS, Math.floor((hour - history.firstHour) / DAY));
  if (days < LEAST_DAYS) return false;
  let [active, near] = [0, 0];
  for (let at = hour - days * DAY; at < hour; at += 1) {
    if (!(history.usualHourUsd(at) > 0)) continue;
    active += 1;
    const distance = Math.abs((at % DAY) - (hour % DAY));
    if (Math.min(distance, DAY - distance) <= 1) near += 1;
  }
  return active >= LEAST_ACTIVE_HOURS && near <= 0.02 * active;
}
