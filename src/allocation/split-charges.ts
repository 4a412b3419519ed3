import { type PicoUsd, shareOut } from '../kernel/money.ts';
import { allocationShares, type SplitChargeRule } from './split-charge-rule.ts';

/** What split charges make of the cost of one value of a cost category. `total` = `cost` + `in` - `out`. */
export interface SplitCost {
  readonly costPicoUsd: PicoUsd;
  readonly allocatedInPicoUsd: PicoUsd;
  readonly allocatedOutPicoUsd: PicoUsd;
}

/**
 * Shares out the costs of one billing month. Every amount is exact and what goes out comes in: the sum over all values stays
 * what it was. A source that cannot be shared out, because no target of a `PROPORTIONAL` rule has a cost, keeps its own.
 */
export function splitCharges(
  costs: ReadonlyMap<string, PicoUsd>,
  rules: readonly SplitChargeRule[],
): ReadonlyMap<string, SplitCost> {
  const split = new Map<string, SplitCost>();
  for (const [value, costPicoUsd] of costs) split.set(value, { ...NOTHING, costPicoUsd });
  const change = (value: string, add: (before: SplitCost) => Partial<SplitCost>) => {
    const before = split.get(value) ?? NOTHING;
    split.set(value, { ...before, ...add(before) });
  };
  for (const rule of rules) {
    const sourcePicoUsd = costs.get(rule.Source) ?? 0n;
    const shares = shareOut(sourcePicoUsd, weights(rule, costs));
    if (sourcePicoUsd === 0n || !shares) continue;
    change(rule.Source, () => ({ allocatedOutPicoUsd: sourcePicoUsd }));
    for (const [index, target] of rule.Targets.entries()) {
      change(target, (before) => ({ allocatedInPicoUsd: before.allocatedInPicoUsd + shares[index]! }));
    }
  }
  return split;
}

const NOTHING: SplitCost = { costPicoUsd: 0n, allocatedInPicoUsd: 0n, allocatedOutPicoUsd: 0n };

function weights(rule: SplitChargeRule, costs: ReadonlyMap<string, PicoUsd>): bigint[] {
  if (rule.Method === 'FIXED') return allocationShares(rule);
  if (rule.Method === 'EVEN') return rule.Targets.map(() => 1n);
  // What credits and refunds made negative bears no share.
  return rule.Targets.map((target) => costs.get(target) ?? 0n).map((cost) => (cost > 0n ? cost : 0n));
}
