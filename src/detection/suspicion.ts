import type { Baseline } from './baseline.ts';
import type { FindingKind } from './finding-kind.ts';
import type { Habits } from './habits.ts';
import type { Subject } from './subject.ts';
import type { SubjectHistory } from './subject-history.ts';

/** How long the stretch was that gave it away: a bucket, an hour, six hours, a day. */
export type Grain = '15m' | '1h' | '6h' | '1d';

/** A subject with what is known of it. */
export interface Watched {
  readonly subject: Subject;
  readonly history: SubjectHistory;
  baseline: Baseline | undefined;
  habits: Habits | undefined;
  /** Hour up to which baseline and habits were learned. */
  learnedAtHour: number;
}

/** One sign that something is wrong with one subject, before it is known whether others show the same. */
export interface Suspicion {
  readonly watched: Watched;
  readonly kind: FindingKind;
  readonly grain: Grain;
  /** First bucket that was out of the ordinary. */
  readonly sinceQuarter: number;
  readonly actualUsd: number;
  readonly expectedUsd: number;
  /** 1 where alarms begin. */
  readonly strength: number;
  /** False: worth a line in the list, but no notice. */
  readonly isGrave: boolean;
  /** False: says something together with others alone, because a mixture of callers changes by itself. */
  readonly standsAlone: boolean;
  /** Sentences that say what was seen. */
  readonly evidence: readonly string[];
}

/** How easily a subject alarms, after what people said of earlier findings. */
export interface Sensitivity {
  /** 1; higher: harder to alarm. */
  readonly factor: number;
  /** Spend in an hour that is known to be in order, USD. */
  readonly acceptedHourUsd: number;
}

export const STANDARD_SENSITIVITY: Sensitivity = { factor: 1, acceptedHourUsd: 0 };

/** How fine usage is known: by buckets of calls, or by the hours or days of a bill, which says nothing of calls. */
export type UsageGrain = '15m' | '1h' | '1d';

/** What every judge of one round goes by. */
export interface JudgedMoment {
  /** The bucket that is under way; of a bill the last one of the hour or day. */
  readonly quarter: number;
  readonly usageGrain: UsageGrain;
  /** The smallest impact that is worth a word to anybody, USD. */
  readonly leastImpactUsd: number;
}
