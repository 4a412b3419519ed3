import type { FindingKind } from './finding-kind.ts';
import type { Subject } from './subject.ts';
import type { Grain } from './suspicion.ts';

/** `expected`: it is meant to be so. `false_alarm`: nothing is wrong. `fixed`: it was wrong, and is repaired. */
export const FINDING_FEEDBACK = ['expected', 'false_alarm', 'fixed'] as const;
export type FindingFeedback = (typeof FINDING_FEEDBACK)[number];

/** Why an excess came about, by the calls themselves. */
export type CauseReason = 'new' | 'calls' | 'cache' | 'output' | 'input' | 'failures';

/** Who contributed to a finding, on what, and how. */
export interface FindingCause {
  readonly principal: string;
  /** The model that most of it was spent on. */
  readonly model: string;
  readonly reason: CauseReason;
  /** Decimal USD above what was expected of the principal, an estimate. */
  readonly excessUsd: string;
}

/** Something that went wrong with spend, from its first bad bucket on. Amounts are decimal USD. */
export interface Finding {
  readonly id: string;
  readonly kind: FindingKind;
  /** The narrowest subject that explains it. */
  readonly subject: Subject;
  /** Others that show the same usage. */
  readonly alsoSeenOn: readonly Subject[];
  readonly grain: Grain;
  readonly sinceMs: number;
  /** End of the last bad bucket. */
  readonly untilMs: number;
  readonly detectedAtMs: number;
  /** Absent while it goes on. */
  readonly endedAtMs?: number;
  readonly actualUsd: string;
  readonly expectedUsd: string;
  /** 0 to 1; 0.5 is where alarms begin. */
  readonly score: number;
  /** `low` is listed and told to nobody. */
  readonly severity: Severity;
  readonly evidence: readonly string[];
  readonly causes: readonly FindingCause[];
  /** Found in the hours or days of an imported bill. Absent: in what was metered. */
  readonly billedBy?: 'hour' | 'day';
}

export const SEVERITIES = ['low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];
