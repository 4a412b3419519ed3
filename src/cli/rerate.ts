import type { TallylineClient } from './client.ts';
import { type Column, formatTable } from './table.ts';

interface Difference {
  readonly Value: string;
  readonly TokensBefore: string;
  readonly TokensAfter: string;
  readonly CostUsdBefore: string;
  readonly CostUsdAfter: string;
  readonly NetCostUsdBefore: string;
  readonly NetCostUsdAfter: string;
}

interface RerateAnswer {
  readonly UsageEvents: string;
  readonly BilledIn: string;
  readonly CostUsdBefore: string;
  readonly CostUsdAfter: string;
  readonly NetCostUsdBefore: string;
  readonly NetCostUsdAfter: string;
  readonly Differences: readonly Difference[];
  readonly AccountDifferences: readonly Difference[];
  readonly PrincipalDifferences: readonly Difference[];
}

/** `tallyline rerate`: what the present prices would make of a billing period, and with `--apply` makes it so. */
export async function rerate(
  client: TallylineClient,
  period: string,
  apply: boolean,
  print: (text: string) => void,
): Promise<void> {
  const answer = await client.call<RerateAnswer>('RerateBillingPeriod', { BillingPeriod: period, Apply: apply });
  const { CostUsdBefore, CostUsdAfter, NetCostUsdBefore, NetCostUsdAfter } = answer;
  print(`${answer.UsageEvents} requests in ${period}: USD ${CostUsdBefore} before, USD ${CostUsdAfter} after`);
  const hasDiscounts = CostUsdBefore !== NetCostUsdBefore || CostUsdAfter !== NetCostUsdAfter;
  if (hasDiscounts) print(`after discounts: USD ${NetCostUsdBefore} before, USD ${NetCostUsdAfter} after`);
  if (answer.Differences.length === 0) return print('no line item changes');
  printDifferences('usage type', answer.Differences, hasDiscounts, print);
  printDifferences('account', answer.AccountDifferences, hasDiscounts, print);
  printDifferences('principal', answer.PrincipalDifferences, hasDiscounts, print);
  if (!apply) return print('nothing was changed: repeat with --apply');
  print(answer.BilledIn === period ? 'applied' : `applied as corrections in ${answer.BilledIn}`);
}

function printDifferences(
  title: string,
  differences: readonly Difference[],
  hasDiscounts: boolean,
  print: (text: string) => void,
): void {
  const numbers = ['tokens before', 'tokens after', 'USD before', 'USD after'];
  if (hasDiscounts) numbers.push('net before', 'net after');
  const columns: Column[] = [
    { title, align: 'left' },
    ...numbers.map((number) => ({ title: number, align: 'right' as const })),
  ];
  const rows = differences.map((one) => [
    ...[one.Value, one.TokensBefore, one.TokensAfter, one.CostUsdBefore, one.CostUsdAfter],
    ...(hasDiscounts ? [one.NetCostUsdBefore, one.NetCostUsdAfter] : []),
  ]);
  if (rows.length > 0) print(formatTable(columns, rows));
}
