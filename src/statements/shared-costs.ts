import { formatUsd, formatUsdRounded, type PicoUsd, shareOut } from '../kernel/money.ts';
import { readPercentage } from '../kernel/percentage.ts';
import type { BookLine } from './book-line.ts';
import type { SharedCharge, SharedCost, ShareRule } from './statement-definition.ts';

/** One side of a cost that is shared. What goes out of the sources comes in at the others, exactly. */
export interface SharedPart {
  readonly name: string;
  /** Whose statement it is on. */
  readonly value: string;
  /** Negative where it goes out. */
  readonly netPicoUsd: PicoUsd;
  readonly isOut: boolean;
  /** The rule with its arithmetic. */
  readonly words: string;
}

/** What was counted of a business metric in the month, by value of its key, in 1e-12 of its unit. Empty: nothing is known. */
export type MetricUnits = (metric: string) => ReadonlyMap<string, bigint>;

const RULE_WORDS: Readonly<Record<ShareRule, string>> = {
  even: 'in equal parts',
  cost: 'in proportion to direct cost',
  tokens: 'in proportion to tokens',
  requests: 'in proportion to requests',
  metric: 'in proportion to',
  fixed: 'by fixed percentages',
};

/** What one value has beside all that is shared. */
interface Own {
  netPicoUsd: PicoUsd;
  tokens: bigint;
  requests: bigint;
}

/** A cost that nobody can bear, since nobody has anything to measure it by, stays with its sources. */
export function sharedParts(
  lines: readonly BookLine[],
  sharedCosts: readonly SharedCost[],
  unitsOf: MetricUnits = () => new Map(),
): SharedPart[] {
  if (sharedCosts.length === 0) return [];
  const { pools, own } = poolsOf(lines, sharedCosts);
  return sharedCosts.flatMap((shared, index) => partsOf(shared, pools[index]!, own, { sharedCosts, unitsOf }));
}

/** What each shared cost takes from each value; and what is left to the values. */
function poolsOf(lines: readonly BookLine[], sharedCosts: readonly SharedCost[]) {
  const pools = sharedCosts.map(() => new Map<string, PicoUsd>());
  const own = new Map<string, Own>();
  for (const line of lines) {
    const index = sharedCosts.findIndex((shared) => takes(shared, line));
    if (index >= 0) {
      const pool = pools[index]!;
      pool.set(line.value, (pool.get(line.value) ?? 0n) + line.netCostPicoUsd);
      continue;
    }
    const known = own.get(line.value) ?? { netPicoUsd: 0n, tokens: 0n, requests: 0n };
    known.netPicoUsd += line.netCostPicoUsd;
    known.tokens += line.tokens;
    known.requests += line.requests;
    own.set(line.value, known);
  }
  return { pools, own };
}

function takes({ values, charges }: SharedCost, { value, kind }: BookLine): boolean {
  return values.includes(value) || charges.includes(kind as SharedCharge);
}

function partsOf(
  shared: SharedCost,
  pool: ReadonlyMap<string, PicoUsd>,
  own: ReadonlyMap<string, Own>,
  { sharedCosts, unitsOf }: { readonly sharedCosts: readonly SharedCost[]; readonly unitsOf: MetricUnits },
): SharedPart[] {
  const total = sumOf(pool.values());
  const bearers = shared.among ?? bearersOf(own, sharedCosts);
  const units = shared.metric === undefined ? undefined : unitsOf(shared.metric);
  const weights = bearers.map((value, index) =>
    shared.rule === 'metric' ? (units?.get(value) ?? 0n) : weightOf(shared, shared.rule, index, own.get(value)),
  );
  const shares = shareOut(total, weights);
  if (!shares || pool.size === 0) return [];
  const { name, rule, metric = '' } = shared;
  const words = rule === 'metric' ? `${RULE_WORDS.metric} ${metric}` : RULE_WORDS[rule];
  const rest = `${name}: ${formatUsdRounded(total, 2)} USD shared ${words}`;
  const out = [...pool]
    .filter(([, amount]) => amount !== 0n)
    .map(([value, amount]) => ({ name, value, netPicoUsd: -amount, isOut: true, words: `${rest}, borne by others` }));
  const into = bearers.map((value, index) => {
    const portion = portionText(rule, weights[index]!, sumOf(weights));
    return { name, value, netPicoUsd: shares[index]!, isOut: false, words: `${rest}, ${portion}` };
  });
  return [...out, ...into.filter(({ netPicoUsd }) => netPicoUsd !== 0n)];
}

/** Whoever has a cost of their own, in the order of names; neither a source nor what has no value. */
function bearersOf(own: ReadonlyMap<string, Own>, sharedCosts: readonly SharedCost[]): string[] {
  const sources = new Set(sharedCosts.flatMap(({ values }) => values));
  return [...own.keys()].filter((value) => value !== '' && !sources.has(value)).sort();
}

/** What credits made negative bears nothing. */
function weightOf(
  { percentages }: SharedCost,
  rule: Exclude<ShareRule, 'metric'>,
  index: number,
  own: Own | undefined,
): bigint {
  if (rule === 'even') return 1n;
  if (rule === 'fixed') return readPercentage(percentages?.[index] ?? '0') ?? 0n;
  const weight = own?.[rule === 'cost' ? 'netPicoUsd' : rule] ?? 0n;
  return weight > 0n ? weight : 0n;
}

function portionText(rule: ShareRule, weight: bigint, sum: bigint): string {
  if (rule === 'cost') return `${formatUsdRounded(weight, 2)} of ${formatUsdRounded(sum, 2)} USD`;
  if (rule === 'fixed') return `${formatUsdRounded(weight * 10n ** 8n, 4).replace(/\.?0+$/, '')} %`;
  // In 1e-12 of the unit, as money is in 1e-12 of a dollar.
  if (rule === 'metric') return `${formatUsd(weight)} of ${formatUsd(sum)}`;
  return rule === 'even' ? `1 of ${sum}` : `${weight} of ${sum} ${rule}`;
}

function sumOf(amounts: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}
