import type { TallylineClient } from './client.ts';
import { type Column, formatTable } from './table.ts';

interface RerateAnswer {
  readonly UsageEvents: string;
  readonly CostUsdBefore: string;
  readonly CostUsdAfter: string;
  readonly Differences: readonly {
    readonly UsageType: string;
    readonly TokensBefore: string;
    readonly TokensAfter: string;
    readonly CostUsdBefore: string;
    readonly CostUsdAfter: string;
  }[];
}

const COLUMNS: readonly Column[] = [
  { title: 'usage type', align: 'left' },
  { title: 'tokens before', align: 'right' },
  { title: 'tokens after', align: 'right' },
  { title: 'USD before', align: 'right' },
  { title: 'USD after', align: 'right' },
];

/** `tallyline rerate`: what the present prices would make of a billing period, and with `--apply` makes it so. */
export async function rerate(
  client: TallylineClient,
  period: string,
  apply: boolean,
  print: (text: string) => void,
): Promise<void> {
  const answer = await client.call<RerateAnswer>('RerateBillingPeriod', { BillingPeriod: period, Apply: apply });
  print(
    `${answer.UsageEvents} requests in ${period}: USD ${answer.CostUsdBefore} before, USD ${answer.CostUsdAfter} after`,
  );
  if (answer.Differences.length === 0) return print('no line item changes');
  const rows = answer.Differences.map((one) => [
    one.UsageType,
    one.TokensBefore,
    one.TokensAfter,
    one.CostUsdBefore,
    one.CostUsdAfter,
  ]);
  print(formatTable(COLUMNS, rows));
  print(apply ? 'applied' : 'nothing was changed: repeat with --apply');
}
