import { magnitude, roundedQuotient } from '../../kernel/money.ts';
/** One factor of a product before and after: exact ratios of whole numbers with denominators above zero. */
export interface Factor {
  readonly before: Ratio;
  readonly after: Ratio;
}

export type Ratio = readonly [numerator: bigint, denominator: bigint];

/**
 * What each factor contributes to the difference of a product: its Shapley value, which is the mean, over all orders in which
 * the factors could have changed one after the other, of what the product changes by when this one does. The values add up to
 * the difference exactly, a factor that did not change has none, equal changes have equal ones, and the two sides swapped
 * negate them. Rounded to whole numbers; what rounding leaves goes to the largest.
 *
 * L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II (1953); as a decomposition of economic
 * figures: A. F. Shorrocks, "Decomposition procedures for distributional analysis", Journal of Economic Inequality 11 (2013);
 * for products it is the mean of the n! exact forms of E. Dietzenbacher and B. Los, Economic Systems Research 10 (1998).
 */
export function shapleyValues(factors: readonly Factor[], difference: bigint): bigint[] {
  const changed = factors.filter(isChanged);
  if (changed.length === 0) return factors.map(() => 0n);
  if (changed.length === 1) return factors.map((factor) => (factor === changed[0] ? difference : 0n));
  // Both values of a factor over one denominator, so that only numerators have to be multiplied.
  const pairs = changed.map(({ before, after }) => [before[0] * after[1], after[0] * before[1]] as const);
  let [scale, over] = [1n, factorial(changed.length)];
  for (const { before, after } of changed) over *= before[1] * after[1];
  for (const factor of factors) {
    if (isChanged(factor)) continue;
    scale *= factor.before[0];
    over *= factor.before[1];
  }
  const weights = changed.map((_, size) => factorial(size) * factorial(changed.length - 1 - size));
  const values = pairs.map(([before, after], own) => {
    const sums = coalitionSums(pairs.filter((_, index) => index !== own));
    const marginal = sums.reduce((sum, ofSize, size) => sum + weights[size]! * ofSize, 0n);
    return roundedQuotient(scale * (after - before) * marginal, over);
  });
  let largest = 0;
  values.forEach((value, index) => {
    if (magnitude(value) > magnitude(values[largest]!)) largest = index;
  });
  values[largest]! += difference - values.reduce((sum, value) => sum + value, 0n);
  let next = 0;
  return factors.map((factor) => (isChanged(factor) ? values[next++]! : 0n));
}

export function isChanged({ before, after }: Factor): boolean {
  return before[0] * after[1] !== after[0] * before[1];
}

/** By how many of the factors have changed already: the sum of the products over all sets of so many of them. */
function coalitionSums(pairs: readonly (readonly [before: bigint, after: bigint])[]): bigint[] {
  let sums = [1n];
  for (const [before, after] of pairs) {
    const next = Array.from({ length: sums.length + 1 }, () => 0n);
    sums.forEach((sum, size) => {
      next[size]! += sum * before;
      next[size + 1]! += sum * after;
    });
    sums = next;
  }
  return sums;
}

function factorial(count: number): bigint {
  let product = 1n;
  for (let factor = 2n; factor <= count; factor += 1n) product *= factor;
  return product;
}
