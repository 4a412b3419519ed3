import type { TallylineClient } from './client.ts';
import { type InvoiceWire, printInvoices } from './invoice.ts';
import { type Column, formatTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'period', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'final since', align: 'left' },
];

/** `tallyline period list`: every billing period, newest first. */
export async function listPeriods(client: TallylineClient, print: (text: string) => void): Promise<void> {
  const { BillingPeriods } = await client.call<{
    BillingPeriods: { BillingPeriod: string; State: string; FinalAt?: string }[];
  }>('ListBillingPeriods', {});
  const rows = BillingPeriods.map((one) => [one.BillingPeriod, one.State.toLowerCase(), one.FinalAt ?? '']);
  print(formatTable(COLUMNS, rows));
}

/** `tallyline period close`: makes a month that has ended final, and prints its invoices. */
export async function closePeriod(
  client: TallylineClient,
  period: string,
  print: (text: string) => void,
): Promise<void> {
  const { Invoices } = await client.call<{ Invoices: InvoiceWire[] }>('CloseBillingPeriod', { BillingPeriod: period });
  print(`${period} is final`);
  printInvoices(Invoices, print);
}
