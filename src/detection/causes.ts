import type { CauseReason, FindingCause } from './finding.ts';
import { type Habits, traitOf } from './habits.ts';
import { callsToJudge } from './judge-calls.ts';
import { spendOver } from './judge-spend.ts';
import type { OpenFinding } from './open-finding.ts';
import type { RecentUsage } from './recent-usage.ts';
import type { Subject } from './subject.ts';
import type { Watched } from './suspicion.ts';
import type { WatchList } from './watch-list.ts';

const CAUSES_MAX = 5;
const FINDING_REASONS: Partial<Record<OpenFinding['kind'], CauseReason>> = {
  ...{ runaway_loop: 'calls', growing_context: 'input', error_storm: 'failures', cache_collapse: 'cache' },
  ...{ longer_output: 'output', new_spender: 'new' },
};

/** What one principal adds to what is wrong with a subject. */
export interface Contribution {
  readonly watched: Watched;
  readonly actualUsd: number;
  readonly expectedUsd: number;
  /** Of it, what is the subject's. */
  readonly excessUsd: number;
}

/** Principals that used the subject lately, by what they spent above usual since a quarter, the most first. */
export function contributionsTo(
  subject: Subject,
  sinceQuarter: number,
  quarter: number,
  usage: RecentUsage,
  list: WatchList,
): Contribution[] {
  return usage
    .values(subject, 'principal')
    .flatMap((principal) => {
      const own = { kind: 'principal', tagKey: '', value: principal } as const;
      const watched = list.get(own);
      if (!watched) return [];
      const spend = spendOver(watched.history, watched.baseline, quarter, quarter - sinceQuarter + 1);
      const excessUsd = (spend.actualUsd - spend.expectedUsd) * usage.sharedPart(own, subject);
      return [{ watched, ...spend, excessUsd }];
    })
    .sort((a, b) => b.excessUsd - a.excessUsd);
}

/** Who of a finding's subject spends more than usual, on which model and why, the most first. */
export function causesOf(open: OpenFinding, usage: RecentUsage, list: WatchList, quarter: number): FindingCause[] {
  const contributions = contributionsTo(open.watched.subject, open.sinceQuarter, quarter, usage, list);
  // Nobody in sight any more: what was found before stands.
  if (contributions.length === 0) return [...open.causes];
  return contributions
    .filter(({ watched, excessUsd }) => excessUsd > 0 || watched === open.watched)
    .slice(0, CAUSES_MAX)
    .map(({ watched, excessUsd }) => ({
      principal: watched.subject.value,
      model: usage.values(watched.subject, 'model')[0] ?? '',
      reason: (watched === open.watched && FINDING_REASONS[open.kind]) || reasonOf(watched, quarter),
      excessUsd: Math.max(excessUsd, 0).toFixed(6),
    }));
}

/** What of a subject's calls is most out of the ordinary; their number where none of it is. */
function reasonOf(watched: Watched, quarter: number): CauseReason {
  const { habits, baseline } = watched;
  if (!baseline) return 'new';
  if (!habits) return 'calls';
  const window = callsToJudge(watched, quarter);
  if (!window) return 'calls';
  const now = (trait: keyof Habits['traits']) => traitOf(trait, window.uses);
  const { costPerCall, cacheShare, outputPerCall, inputPerCall, failedShare } = habits.traits;
  if (now('failedShare') >= failedShare.middle + 0.2) return 'failures';
  if (now('costPerCall') < 1.3 * costPerCall.middle) return 'calls';
  const rises = [
    ['cache', cacheShare.middle > 0 ? 2 * (1 - now('cacheShare') / cacheShare.middle) : 0],
    ['output', now('outputPerCall') / Math.max(outputPerCall.middle, 1) - 1],
    ['input', now('inputPerCall') / Math.max(inputPerCall.middle, 1) - 1],
  ] as const;
  return rises.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}
