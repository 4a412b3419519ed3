import { usdText } from './evidence.ts';
import { QUARTERS_AN_HOUR } from './subject-history.ts';
import type { JudgedMoment, Sensitivity, Suspicion, Watched } from './suspicion.ts';

/** Everything is new at the beginning: newcomers are told of once it is known who is there. */
const LEAST_INSTALLED_HOURS = 7 * 24;
const NEW_HOURS = 24;
/** What a newcomer may spend: as much as two of the larger ones of its kind in a day, and some least impacts. */
const TYPICAL_DAYS = 2;
const LEAST_IMPACTS = 5;

/** Whether somebody who was not there before costs as much as those who are. */
export function judgeNewcomer(
  watched: Watched,
  firstHourOfAll: number,
  typicalDayUsd: number | undefined,
  { quarter, leastImpactUsd }: JudgedMoment,
  { factor }: Sensitivity,
): Suspicion[] {
  const { history, subject } = watched;
  const hour = Math.floor(quarter / QUARTERS_AN_HOUR);
  const isNew = hour - history.firstHour < NEW_HOURS && history.firstHour - firstHourOfAll >= LEAST_INSTALLED_HOURS;
  if (!isNew) return [];
  const sinceQuarter = history.firstHour * QUARTERS_AN_HOUR;
  const actualUsd = history.quartersUsd(quarter, quarter - sinceQuarter + 1);
  const limitUsd = Math.max(TYPICAL_DAYS * (typicalDayUsd ?? 0), LEAST_IMPACTS * leastImpactUsd) * factor;
  if (actualUsd < limitUsd) return [];
  const others = typicalDayUsd ? `; the larger ones of its kind spend ${usdText(typicalDayUsd)} in a day` : '';
  return [
    {
      ...{
        watched,
        kind: 'new_spender',
        grain: '1d',
        sinceQuarter,
        actualUsd,
        expectedUsd: 0,
        isGrave: true,
        standsAlone: true,
      },
      strength: actualUsd / limitUsd,
      evidence: [`this ${subject.kind} was never used before, and spent ${usdText(actualUsd)} since${others}`],
    },
  ];
}
