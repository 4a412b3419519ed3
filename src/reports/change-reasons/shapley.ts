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
  const areChanged = factors.map(isChanged);
  const changed = factors.filter((_, index) => areChanged[index]);
  if (changed.length === 0) return factors.map(() => 0n);
  if (changed.length === 1) return areChanged.map((is) => (is ? difference : 0n));
  // Both values of a factor over one denominator, so that only numerators have to be multiplied.
  const pairs = changed.map(({ before, after }) => [before[0] * after[1], after[0] * before[1]] as const);
  const { weights, all } = orders(changed.length);
  let [scale, over] = [1n, all];
  for (const { before, after } of changed) over *= before[1] * after[1];
  factors.forEach(({ before }, index) => {
    if (areChanged[index] || before[0] === before[1]) return;
    scale *= before[0];
    over *= before[1];
  });
  const values = pairs.map(([before, after], own) => {
    const sums = coalitionSums(pairs, own);
    const marginal = sums.reduce((sum, ofSize, size) => sum + weights[size]! * ofSize, 0n);
    return roundedQuotient(scale * (after - before) * marginal, over);
  });
  let largest = 0;
  values.forEach((value, index) => {
    if (magnitude(value) > magnitude(values[largest]!)) largest = index;
  });
  values[largest]! += difference - values.reduce((sum, value) => sum + value, 0n);
  let next = 0;
  return areChanged.map((is) => (is ? values[next++]! : 0n));
}

export function isChanged({ before, after }: Factor): boolean {
  return before[0] * after[1] !== after[0] * before[1];
}

/** By how many of the other factors have changed already: the sum of the products over all sets of so many of them. */
function coalitionSums(pairs: readonly (readonly [before: bigint, after: bigint])[], own: number): bigint[] {
  const sums = [1n];
  pairs.forEach(([before, after], index) => {
    if (index === own) return;
    // From the largest sets down: each sum is read before it is written.
    sums.push(sums.at(-1)! * after);
    for (let size = sums.length - 2; size > 0; size -= 1) sums[size] = sums[size]! * before + sums[size - 1]! * after;
    sums[0]! *= before;
  });
  return sums;
}

interface Orders {
  /** By how many others came before a factor: in how many orders these very ones do. */
  readonly weights: readonly bigint[];
  readonly all: bigint;
}

const ORDERS = new Map<number, Orders>();

function orders(count: number): Orders {
  const known = ORDERS.get(count);
  if (known) return known;
  const weights = Array.from({ length: count }, (_, size) => factorial(size) * factorial(count - 1 - size));
  const found = { weights, all: factorial(count) };
  ORDERS.set(count, found);
  return found;
}

function factorial(count: number): bigint {
  return count < 2 ? 1n : BigInt(count) * factorial(count - 1);
}
