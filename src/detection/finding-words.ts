import type { CauseReason, Finding } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import type { Subject } from './subject.ts';

export const KIND_WORDS: Readonly<Record<FindingKind, string>> = {
  unfamiliar_use: 'is used as it never is',
  runaway_loop: 'calls in a loop',
  growing_context: 'sends more with every call',
  error_storm: 'pays for calls that fail',
  cache_collapse: 'hardly reads its cache any more',
  longer_output: 'gets far longer answers',
  new_spender: 'is new and costs much',
  spend_spike: 'spends far more than usual',
  sustained_rise: 'spends more than usual, and goes on',
};

export const REASON_WORDS: Readonly<Record<CauseReason, string>> = {
  ...{ new: 'was not there before', calls: 'more calls', cache: 'less read from the cache' },
  ...{ output: 'longer answers', input: 'longer input', failures: 'calls that failed' },
};

/** `role Batch`, `tag iamPrincipal/team = search`, `all usage`; a principal by its ARN. */
export function subjectText({ kind, tagKey, value }: Subject): string {
  if (kind === 'all') return 'all usage';
  if (kind === 'tag') return `tag ${tagKey} = ${value}`;
  return kind === 'principal' ? value : `${kind} ${value}`;
}

/** `arn:… calls in a loop`. */
export function headline({ kind, subject }: Finding): string {
  return `${subjectText(subject)} ${KIND_WORDS[kind]}`;
}
