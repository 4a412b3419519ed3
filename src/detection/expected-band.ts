import { type Baseline, learnBaseline } from './baseline.ts';
import { NO_USES, QUARTERS_AN_HOUR, SubjectHistory } from './subject-history.ts';

/** What an hour, or a day, should have cost, and from where on it is out of the ordinary for itself. USD. */
export interface ExpectedHour {
  readonly expectedUsd: number;
  readonly upperUsd: number;
}

/**
 * What the hours from one on should have cost, by the ones before it: what a finding is shown beside. `hoursUsd` begin with
 * `firstHour`, since 1970, and reach over `fromHour`. `windowHours`: of which the answer is, from an hour on. Undefined while
 * too little is known.
 */
export function expectedBand(
  hoursUsd: readonly number[],
  firstHour: number,
  fromHour: number,
  windowHours: 1 | 24 = 1,
): ((hour: number) => ExpectedHour) | undefined {
  const used = hoursUsd.findIndex((usd) => usd > 0);
  if (used === -1) return undefined;
  const history = new SubjectHistory((firstHour + used) * QUARTERS_AN_HOUR);
  hoursUsd.forEach((costUsd, index) => {
    if (index >= used && firstHour + index < fromHour) history.putHour(firstHour + index, { ...NO_USES, costUsd });
  });
  const baseline: Baseline | undefined = learnBaseline(history, fromHour);
  return (
    baseline &&
    ((hour) => {
      let expectedUsd = 0;
      for (let at = hour; at < hour + windowHours; at += 1) expectedUsd += baseline.expectedHourUsd(at);
      return { expectedUsd, upperUsd: expectedUsd + baseline.edgeUsd(windowHours, hour + windowHours - 1) };
    })
  );
}
