import { formatUsd, type PicoUsd } from '../../kernel/money.ts';
import type { RootCause } from '../anomaly.ts';
import { OTHER } from '../report-query.ts';

/** What one combination of keys cost in the anomaly and, over a longer time, before it. */
export interface CauseSpend {
  readonly keys: readonly string[];
  readonly actual: PicoUsd;
  readonly before: PicoUsd;
}

/** AWS lists up to ten (User Guide, checked 2026-11). */
const MAX_CAUSES = 10;

/**
 * Splits an impact over what was used: each combination's spend less its share of what was expected, which is the share it
 * had before. The largest come first and what is left over last, so that the contributions sum to the impact exactly.
 */
export function rootCausesOf(
  spends: readonly CauseSpend[],
  { actual, expected }: { readonly actual: PicoUsd; readonly expected: PicoUsd },
): RootCause[] {
  const before = spends.reduce((sum, spend) => sum + spend.before, 0n);
  const listed = spends
    .filter(({ keys }) => !keys.includes(OTHER))
    .map((spend) => ({
      keys: spend.keys,
      contribution: spend.actual - (before > 0n ? (expected * spend.before) / before : 0n),
    }))
    .filter(({ contribution }) => contribution > 0n)
    .sort((a, b) => (a.contribution > b.contribution ? -1 : a.contribution < b.contribution ? 1 : 0))
    .slice(0, MAX_CAUSES);
  const rest = actual - expected - listed.reduce((sum, { contribution }) => sum + contribution, 0n);
  const causes: RootCause[] = listed.map(({ keys, contribution }) => ({
    keys,
    contributionUsd: formatUsd(contribution),
  }));
  return rest === 0n ? causes : [...causes, { contributionUsd: formatUsd(rest) }];
}
