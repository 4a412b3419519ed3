import type { CauseReason, FindingFeedback, Severity } from '../../../../detection/finding.ts';
import type { FindingKind } from '../../../../detection/finding-kind.ts';
import { shortName } from '../../components/name-badge.tsx';

export interface FindingSubject {
  readonly Type: 'DIMENSION' | 'TAG';
  readonly Key: string;
  readonly Value: string;
}

/** A finding as ListFindings and GetFinding answer it; amounts are decimal USD. */
export interface Finding {
  readonly FindingId: string;
  readonly Book: 'ledger' | 'bill';
  readonly Kind: FindingKind;
  readonly Title: string;
  readonly Subject: FindingSubject;
  readonly AlsoSeenOn: readonly FindingSubject[];
  readonly Severity: Severity;
  readonly Since: string;
  readonly Until: string;
  readonly DetectedAt: string;
  readonly EndedAt?: string;
  readonly ActualUsd: string;
  readonly ExpectedUsd: string;
  readonly ImpactUsd: string;
  readonly Evidence: readonly string[];
  readonly Causes: readonly {
    readonly Principal: string;
    readonly ModelId: string;
    readonly Reason: CauseReason;
    readonly ExcessUsd: string;
  }[];
  readonly Feedback?: { readonly Says: FindingFeedback; readonly By: string; readonly At: string };
}

export interface ShownFinding {
  readonly Finding: Finding;
  readonly Series: readonly {
    readonly Start: string;
    readonly CostUsd: string;
    readonly ExpectedUsd?: string;
    readonly UpperUsd?: string;
  }[];
  readonly Change?: {
    readonly Reasons: readonly { readonly Reason: string; readonly ChangeUsd: string; readonly Text: string }[];
  };
  readonly PreviousStart?: string;
  readonly PreviousEnd?: string;
}

const KIND_TEXTS: Readonly<Record<FindingKind, string>> = {
  unfamiliar_use: 'Used as it never is',
  runaway_loop: 'Calls in a loop',
  growing_context: 'Context grows with every call',
  error_storm: 'Pays for calls that fail',
  cache_collapse: 'Hardly reads its cache',
  longer_output: 'Far longer answers',
  new_spender: 'New, and costs much',
  spend_spike: 'Far more than usual',
  sustained_rise: 'More than usual for hours',
};

export const KINDS = Object.keys(KIND_TEXTS) as readonly FindingKind[];

export const REASON_TEXTS: Readonly<Record<CauseReason, string>> = {
  ...{ new: 'was not there before', calls: 'more calls', cache: 'less read from the cache' },
  ...{ output: 'longer answers', input: 'longer input', failures: 'calls that failed' },
};

export const FEEDBACK_TEXTS: Readonly<Record<FindingFeedback, string>> = {
  ...{ expected: 'It is expected', false_alarm: 'A false alarm', fixed: 'It is fixed' },
};

export const SEVERITY_CHIPS: Readonly<Record<Severity, string>> = { low: '', medium: 'chip-warn', high: 'chip-bad' };

export function kindText(kind: FindingKind): string {
  return KIND_TEXTS[kind];
}

export function subjectName({ Type, Key, Value }: FindingSubject): string {
  if (Type === 'TAG') return `${Key.replace(/^.*\//, '')} ${Value}`;
  if (Key === 'all') return 'All usage';
  return Key === 'principal' ? shortName(Value) : Value;
}

export function stateText({ EndedAt, Feedback }: Finding): string {
  if (Feedback) return FEEDBACK_TEXTS[Feedback.Says];
  return EndedAt === undefined ? 'Goes on' : 'Ended';
}

/** The subject as filters of addresses write it; undefined for all usage. */
export function subjectFilter({ Type, Key, Value }: FindingSubject): string | undefined {
  if (Type === 'TAG') return `tag:${Key}=${Value}`;
  return Key === 'all' ? undefined : `${Key}=${Value}`;
}
