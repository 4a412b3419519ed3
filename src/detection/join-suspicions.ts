import { precedenceOf } from './finding-kind.ts';
import type { RecentUsage } from './recent-usage.ts';
import { breadthOf, type Subject, subjectKey } from './subject.ts';
import type { Suspicion } from './suspicion.ts';

/** Suspicions that have one cause. */
export interface JoinedSuspicion {
  readonly suspicion: Suspicion;
  readonly alsoSeenOn: readonly Subject[];
}

/** So much of an excess has to be another's for it to be explained by that. */
const EXPLAINING_PART = 0.5;
/** So many principals with the same trouble at once are one trouble of what they have in common. */
const COMMON_PRINCIPALS = 3;

/** One suspicion for each subject: the kind that says most, with what all of them saw. */
export function bySubject(suspicions: readonly Suspicion[]): Suspicion[] {
  const groups = Map.groupBy(suspicions, ({ watched }) => watched);
  return [...groups.values()].map((group) => {
    const telling = group.toSorted(
      (a, b) => Number(b.isGrave) - Number(a.isGrave) || precedenceOf(a.kind) - precedenceOf(b.kind),
    );
    const dearest = group.reduce((a, b) => (excessOf(b) > excessOf(a) ? b : a));
    const { sinceQuarter, actualUsd, expectedUsd } = dearest;
    return {
      ...telling[0]!,
      ...{ sinceQuarter, actualUsd, expectedUsd, strength: Math.max(...group.map(({ strength }) => strength)) },
      evidence: telling.flatMap(({ evidence }) => evidence),
    };
  });
}

/** One suspicion for each cause: a spike of one principal shows on its team, its model and in total as well. */
export function joinSuspicions(suspicions: readonly Suspicion[], usage: RecentUsage): JoinedSuspicion[] {
  const ordered = suspicions.toSorted(
    (a, b) => breadthOf(a.watched.subject) - breadthOf(b.watched.subject) || excessOf(b) - excessOf(a),
  );
  const chosen: { suspicion: Suspicion; alsoSeenOn: Subject[] }[] = [];
  for (const suspicion of ordered) {
    const { subject } = suspicion.watched;
    let [explained, most, holder] = [0, 0, chosen[0]];
    for (const narrower of chosen) {
      const part = excessOf(narrower.suspicion) * usage.sharedPart(narrower.suspicion.watched.subject, subject);
      explained += part;
      if (part > most) [most, holder] = [part, narrower];
    }
    if (holder && explained > 0 && explained >= EXPLAINING_PART * excessOf(suspicion)) holder.alsoSeenOn.push(subject);
    else if (suspicion.standsAlone) chosen.push({ suspicion, alsoSeenOn: [] });
  }
  return foldCommon(chosen, ordered, usage);
}

/** Many principals that begin the same at the same time: the narrowest subject that has them all stands for them. */
function foldCommon(
  chosen: readonly JoinedSuspicion[],
  all: readonly Suspicion[],
  usage: RecentUsage,
): JoinedSuspicion[] {
  const principals = chosen.filter(({ suspicion }) => suspicion.watched.subject.kind === 'principal');
  for (const wide of all.filter(({ watched }) => watched.subject.kind !== 'principal')) {
    const { subject } = wide.watched;
    const same = principals.filter(
      ({ suspicion }) =>
        suspicion.kind === wide.kind && usage.sharedPart(suspicion.watched.subject, subject) >= EXPLAINING_PART,
    );
    const most = Math.max(...same.map(({ suspicion }) => excessOf(suspicion)));
    if (same.length < COMMON_PRINCIPALS || most >= EXPLAINING_PART * excessOf(wide)) continue;
    const folded = new Set(same);
    const alsoSeenOn = same.flatMap(({ suspicion, alsoSeenOn }) => [suspicion.watched.subject, ...alsoSeenOn]);
    const others = new Map(alsoSeenOn.map((other) => [subjectKey(other), other]));
    others.delete(subjectKey(subject));
    const rest = chosen.filter((one) => !folded.has(one) && one.suspicion !== wide);
    return [...rest, { suspicion: wide, alsoSeenOn: [...others.values()] }];
  }
  return [...chosen];
}

export function excessOf({ actualUsd, expectedUsd }: Pick<Suspicion, 'actualUsd' | 'expectedUsd'>): number {
  return Math.max(actualUsd - expectedUsd, 0);
}
