import { add, compare, isZero, subtract } from '../format/decimal.ts';
import type { ReportSums } from './get-report.ts';

const MEMBERS = [
  'CostUsd',
  'NetCostUsd',
  'ListCostUsd',
  'Tokens',
  'InputTokens',
  'OutputTokens',
  'CacheReadTokens',
  'CacheWriteTokens',
  'Requests',
  'Unpriced',
] as const satisfies readonly (keyof ReportSums)[];

function combined(a: ReportSums, b: ReportSums, combine: (x: string, y: string) => string): ReportSums {
  const pairs = MEMBERS.filter((name) => a[name] !== undefined || b[name] !== undefined);
  return Object.fromEntries(pairs.map((name) => [name, combine(a[name] ?? '0', b[name] ?? '0')]));
}

/** Exact, member by member. */
export function addSums(all: readonly ReportSums[]): ReportSums {
  return all.reduce<ReportSums>((sum, one) => combined(sum, one, add), {});
}

export function subtractSums(a: ReportSums, b: ReportSums): ReportSums {
  return combined(a, b, subtract);
}

export function areZero(sums: ReportSums): boolean {
  return MEMBERS.every((name) => isZero(sums[name] ?? '0'));
}

/** Largest first; what has no value last. */
export function byValue(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compare(b, a);
}
