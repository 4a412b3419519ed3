import type { TallylineClient } from './client.ts';
import { type Column, formatTable } from './table.ts';

interface ChargeWire {
  readonly ChargeId: string;
  readonly Type: string;
  readonly BillingPeriod: string;
  readonly AccountId: string;
  readonly AmountUsd: string;
  readonly Description: string;
  readonly Service: string;
  readonly Status: string;
}

interface CreditWire {
  readonly CreditId: string;
  readonly AmountUsd: string;
  readonly RemainingUsd: string;
  readonly Description: string;
  readonly AccountId?: string;
  readonly Service?: string;
  readonly LastBillingPeriod?: string;
}

export interface ChargeOptions {
  readonly account?: string;
  readonly description: string;
  readonly service?: string;
  readonly period?: string;
  readonly taxType?: string;
  readonly drawDown?: boolean;
  readonly lastPeriod?: string;
  readonly token?: string;
}

const CHARGE_COLUMNS: readonly Column[] = [
  { title: 'period', align: 'left' },
  { title: 'type', align: 'left' },
  { title: 'account', align: 'left' },
  { title: 'USD', align: 'right' },
  { title: 'service', align: 'left' },
  { title: 'description', align: 'left' },
  { title: 'status', align: 'left' },
  { title: 'id', align: 'left' },
];

const CREDIT_COLUMNS: readonly Column[] = [
  { title: 'credit', align: 'left' },
  { title: 'for', align: 'left' },
  { title: 'USD', align: 'right' },
  { title: 'left', align: 'right' },
  { title: 'until', align: 'left' },
  { title: 'description', align: 'left' },
];

/** `tallyline charge add`: a credit, refund, fee or tax on the bill. */
export async function addCharge(
  client: TallylineClient,
  type: string,
  amountUsd: string,
  options: ChargeOptions,
  print: (text: string) => void,
): Promise<void> {
  const answer = await client.call<{ Charge?: ChargeWire; Credit?: CreditWire }>('CreateCharge', {
    Type: `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`,
    AmountUsd: amountUsd,
    Description: options.description,
    ...(options.account !== undefined && { AccountId: options.account }),
    ...(options.service !== undefined && { Service: options.service }),
    ...(options.period !== undefined && { BillingPeriod: options.period }),
    ...(options.taxType !== undefined && { TaxType: options.taxType }),
    ...(options.drawDown && { DrawDown: true }),
    ...(options.lastPeriod !== undefined && { LastBillingPeriod: options.lastPeriod }),
    ...(options.token !== undefined && { ClientToken: options.token }),
  });
  if (answer.Charge) print(formatTable(CHARGE_COLUMNS, [chargeRow(answer.Charge)]));
  if (answer.Credit) print(formatTable(CREDIT_COLUMNS, [creditRow(answer.Credit)]));
}

/** `tallyline charge list`: charges, newest first, and the credits that are being drawn down. */
export async function listCharges(
  client: TallylineClient,
  period: string | undefined,
  print: (text: string) => void,
): Promise<void> {
  const charges: ChargeWire[] = [];
  const credits: CreditWire[] = [];
  let token: string | undefined;
  do {
    const page = await client.call<{ Charges: ChargeWire[]; Credits: CreditWire[]; NextToken?: string }>(
      'ListCharges',
      {
        ...(period !== undefined && { BillingPeriod: period }),
        ...(token !== undefined && { NextToken: token }),
      },
    );
    charges.push(...page.Charges);
    credits.push(...page.Credits);
    token = page.NextToken;
  } while (token !== undefined);
  print(charges.length === 0 ? 'no charges' : formatTable(CHARGE_COLUMNS, charges.map(chargeRow)));
  if (credits.length > 0) print(`\n${formatTable(CREDIT_COLUMNS, credits.map(creditRow))}`);
}

function chargeRow(one: ChargeWire): string[] {
  const { BillingPeriod, Type, AccountId, AmountUsd, Service, Description, Status, ChargeId } = one;
  return [BillingPeriod, Type, AccountId, AmountUsd, Service, Description, Status.toLowerCase(), ChargeId];
}

function creditRow(one: CreditWire): string[] {
  const covered = [one.AccountId ?? 'every account', one.Service].filter(Boolean).join(', ');
  return [one.CreditId, covered, one.AmountUsd, one.RemainingUsd, one.LastBillingPeriod ?? '', one.Description];
}
