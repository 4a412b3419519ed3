import { magnitude } from '../kernel/money.ts';
import type { RecordType } from '../rating/line-item.ts';

/** What one month came to, of one usage type or kind of charge. */
export interface MonthAmounts {
  readonly costPicoUsd: bigint;
  readonly netCostPicoUsd: bigint;
  /** Tokens. */
  readonly quantity: bigint;
}

export interface ComparedCharge {
  readonly usageType: string;
  readonly recordType: RecordType;
  readonly baseline: MonthAmounts;
  readonly comparison: MonthAmounts;
}

/** One reason for a difference. `RATE_CHANGE` is ours, the other words are Cost Explorer's. */
export interface CostDriver {
  readonly type: string;
  readonly name: string;
  readonly baselinePicoUsd: bigint;
  readonly comparisonPicoUsd: bigint;
}

const CHARGE_DRIVERS: Readonly<Record<Exclude<RecordType, 'Usage'>, string>> = {
  Credit: 'CREDIT',
  Refund: 'REFUND',
  Tax: 'TAX',
  Fee: 'OUT_OF_CYCLE_CHARGE',
  Discount: 'BUNDLED_DISCOUNT',
};

/**
 * Why two months differ. The cost of usage is split into what more or fewer tokens cost at the baseline's average price, and
 * what the other price makes of the tokens that were used then; net cost has the discounts beside them. The differences of all
 * drivers together are the difference of the months, exactly: the price's part is what the usage's rounded part leaves.
 */
export function costDrivers(charges: readonly ComparedCharge[], isNet: boolean): CostDriver[] {
  const drivers = charges.flatMap((charge) => driversOf(charge, isNet));
  return drivers
    .filter(({ baselinePicoUsd, comparisonPicoUsd }) => baselinePicoUsd !== comparisonPicoUsd)
    .sort((a, b) => compareSizes(a, b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.type < b.type ? -1 : 1));
}

function driversOf({ usageType, recordType, baseline, comparison }: ComparedCharge, isNet: boolean): CostDriver[] {
  const driver = (type: string, name: string, baselinePicoUsd: bigint, comparisonPicoUsd: bigint) => {
    return { type, name, baselinePicoUsd, comparisonPicoUsd };
  };
  if (recordType !== 'Usage') {
    const amount = ({ costPicoUsd, netCostPicoUsd }: MonthAmounts) => (isNet ? netCostPicoUsd : costPicoUsd);
    return [driver(CHARGE_DRIVERS[recordType], usageType || recordType, amount(baseline), amount(comparison))];
  }
  const atOldPrice = costAtPriceOf(baseline, comparison);
  const discount = ({ costPicoUsd, netCostPicoUsd }: MonthAmounts) => netCostPicoUsd - costPicoUsd;
  return [
    driver('USAGE_CHANGE', usageType, baseline.costPicoUsd, atOldPrice),
    driver('RATE_CHANGE', usageType, atOldPrice, comparison.costPicoUsd),
    ...(isNet ? [driver('BUNDLED_DISCOUNT', usageType, discount(baseline), discount(comparison))] : []),
  ];
}

/** What the tokens of the comparison cost at the baseline's average price; their own cost where that has no tokens. */
function costAtPriceOf(baseline: MonthAmounts, comparison: MonthAmounts): bigint {
  if (baseline.quantity === 0n) return comparison.costPicoUsd;
  const doubled = 2n * baseline.costPicoUsd * comparison.quantity;
  return (doubled + baseline.quantity) / (2n * baseline.quantity);
}

/** The largest difference first. */
function compareSizes(a: CostDriver, b: CostDriver): number {
  const size = ({ baselinePicoUsd, comparisonPicoUsd }: CostDriver) => magnitude(comparisonPicoUsd - baselinePicoUsd);
  return size(a) === size(b) ? 0 : size(a) > size(b) ? -1 : 1;
}
