import { formatUsd, magnitude } from '../../kernel/money.ts';
import { COMPARED, type Compared, type RatingChange, type Sums } from '../../paths/rerate-path.ts';

/** Differences of one kind in one answer: those with the largest amounts. */
const DIFFERENCES_MAX = 1_000;

const NOTHING: Sums = { tokens: 0n, costPicoUsd: 0n, netCostPicoUsd: 0n };

interface Difference {
  readonly value: string;
  readonly old: Sums;
  readonly now: Sums;
}

/** What re-rating a billing period changes, by usage type, by account and by principal. */
export function wireChange(change: RatingChange, applied: boolean): unknown {
  const byUsageType = differences(change, 'usageType');
  const total = (of: (one: Difference) => bigint) => formatUsd(byUsageType.reduce((sum, one) => sum + of(one), 0n));
  const [Differences, AccountDifferences, PrincipalDifferences] = COMPARED.map((compared) =>
    differences(change, compared).filter(isDifferent).sort(byAmount).slice(0, DIFFERENCES_MAX).map(wireDifference),
  );
  return {
    UsageEvents: change.usageEvents.toString(),
    BilledIn: change.billedIn,
    CostUsdBefore: total(({ old }) => old.costPicoUsd),
    CostUsdAfter: total(({ now }) => now.costPicoUsd),
    NetCostUsdBefore: total(({ old }) => old.netCostPicoUsd),
    NetCostUsdAfter: total(({ now }) => now.netCostPicoUsd),
    ...{ Differences, AccountDifferences, PrincipalDifferences },
    Applied: applied,
  };
}

function differences({ before, after }: RatingChange, compared: Compared): Difference[] {
  const values = [...new Set([...before[compared].keys(), ...after[compared].keys()])];
  return values.map((value) => ({
    value,
    old: before[compared].get(value) ?? NOTHING,
    now: after[compared].get(value) ?? NOTHING,
  }));
}

function isDifferent({ old, now }: Difference): boolean {
  return old.tokens !== now.tokens || old.costPicoUsd !== now.costPicoUsd || old.netCostPicoUsd !== now.netCostPicoUsd;
}

function byAmount(a: Difference, b: Difference): number {
  const [one, other] = [amount(a), amount(b)];
  if (one !== other) return one > other ? -1 : 1;
  return a.value < b.value ? -1 : 1;
}

function amount({ old, now }: Difference): bigint {
  return magnitude(now.netCostPicoUsd - old.netCostPicoUsd);
}

function wireDifference({ value, old, now }: Difference): unknown {
  return {
    Value: value,
    TokensBefore: old.tokens.toString(),
    TokensAfter: now.tokens.toString(),
    CostUsdBefore: formatUsd(old.costPicoUsd),
    CostUsdAfter: formatUsd(now.costPicoUsd),
    NetCostUsdBefore: formatUsd(old.netCostPicoUsd),
    NetCostUsdAfter: formatUsd(now.netCostPicoUsd),
  };
}
