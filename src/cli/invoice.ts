import type { TallylineClient } from './client.ts';
import { type Column, formatTable } from './table.ts';

interface AmountsWire {
  readonly UsageUsd: string;
  readonly DiscountsUsd: string;
  readonly CorrectionsUsd: string;
  readonly CreditsUsd: string;
  readonly RefundsUsd: string;
  readonly FeesUsd: string;
  readonly TaxUsd: string;
  readonly TotalUsd: string;
}

export interface InvoiceWire extends AmountsWire {
  readonly InvoiceId?: string;
  readonly BillingPeriod: string;
  readonly Seller: string;
  readonly State: string;
}

const AMOUNT_COLUMNS: readonly Column[] = [
  'usage',
  'discounts',
  'corrections',
  'credits',
  'refunds',
  'fees',
  'tax',
  'total USD',
].map((title) => ({ title, align: 'right' }));

const INVOICE_COLUMNS: readonly Column[] = [
  { title: 'period', align: 'left' },
  { title: 'seller', align: 'left' },
  { title: 'invoice', align: 'left' },
  ...AMOUNT_COLUMNS,
];

/** `tallyline invoice list`: one row for each period and seller; figures of periods that are not final are estimates. */
export async function listInvoices(
  client: TallylineClient,
  period: string | undefined,
  print: (text: string) => void,
): Promise<void> {
  const input = period === undefined ? {} : { BillingPeriod: period };
  const { Invoices } = await client.call<{ Invoices: InvoiceWire[] }>('ListInvoices', input);
  printInvoices(Invoices, print);
}

/** `tallyline invoice show`: what each account has on the invoice of a period. */
export async function showInvoice(
  client: TallylineClient,
  period: string,
  seller: string | undefined,
  print: (text: string) => void,
): Promise<void> {
  const { Invoice } = await client.call<{
    Invoice: InvoiceWire & { Accounts: (AmountsWire & { AccountId: string })[] };
  }>('GetInvoice', { BillingPeriod: period, ...(seller !== undefined && { Seller: seller }) });
  print(`${Invoice.Seller}, ${Invoice.BillingPeriod}: ${invoiceText(Invoice)}\n`);
  const rows = Invoice.Accounts.map((one) => [one.AccountId, ...amountCells(one)]);
  const columns: readonly Column[] = [{ title: 'account', align: 'left' }, ...AMOUNT_COLUMNS];
  print(formatTable(columns, [...rows, ['total', ...amountCells(Invoice)]]));
}

export function printInvoices(invoices: readonly InvoiceWire[], print: (text: string) => void): void {
  const rows = invoices.map((one) => [one.BillingPeriod, one.Seller, invoiceText(one), ...amountCells(one)]);
  print(rows.length === 0 ? 'nothing is billed' : formatTable(INVOICE_COLUMNS, rows));
}

function invoiceText({ InvoiceId, State }: InvoiceWire): string {
  return InvoiceId ?? `${State.toLowerCase()}, estimated`;
}

function amountCells(one: AmountsWire): string[] {
  return [
    one.UsageUsd,
    one.DiscountsUsd,
    one.CorrectionsUsd,
    one.CreditsUsd,
    one.RefundsUsd,
    one.FeesUsd,
    one.TaxUsd,
    one.TotalUsd,
  ];
}
