import { describe, expect, it } from 'vitest';
import { historyOf } from '../../bench/detection/history.ts';
import { detectorRun } from '../../bench/detection/methods.ts';
import { outcomeOf } from '../../bench/detection/score.ts';

/** Of training seeds of `bench/detection.ts`: what happened, and what came of it; the good and the bad. */
const OUTCOMES = [
  [1, 'error_storm of person-12@example.com: runaway_loop after 10 minutes, 1 false alarms'],
  [8, 'spend_spike of agent-1: spend_spike after 25 minutes, 0 false alarms'],
  [9, 'unfamiliar_use of person-7@example.com: unfamiliar_use after 15 minutes, 0 false alarms'],
  [10, 'new_spender of service-90: new_spender after 165 minutes, 0 false alarms'],
  [11, 'cache_collapse of nightly-3: cache_collapse after 20 minutes, 0 false alarms'],
  [14, 'level falls: quiet, 3 false alarms'],
  [21, 'level falls: quiet, 0 false alarms'],
  [38, 'runaway_loop of person-1@example.com: runaway_loop after 15 minutes, 0 false alarms'],
] as const;

function shortOutcome(seed: number): string {
  const history = historyOf(seed);
  const { label, found, falseAlarms } = outcomeOf(history, detectorRun(history));
  const minutes = found && label ? Math.round((found.atMs - label.startMs) / 60_000) : undefined;
  const what = label ? `${label.kind} of ${label.arn.split('/').at(-1)}` : (history.harmless ?? 'nothing');
  const answer = label ? (found ? `${found.kind} after ${minutes} minutes` : 'missed') : 'quiet';
  return `${what}: ${answer}, ${falseAlarms.length} false alarms`;
}

describe('a part of the detection benchmark', () => {
  it.each(OUTCOMES)('comes to the same as ever: seed %i', (seed, outcome) => {
    expect(shortOutcome(seed)).toBe(outcome);
  });
});
