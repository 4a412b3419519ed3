import { billingPeriodEndMs, billingPeriodStartMs } from '../../../../kernel/time.ts';
import { useCall } from '../../api/use-call.ts';
import type { InvoiceSummary, ReportRow } from './answers.ts';

/** What statements are made by: `tag:iamPrincipal/team`, `category:Product line`, `account`. */
export type StatementKey = string;

export interface GroupKey {
  readonly Type: 'TAG' | 'COST_CATEGORY' | 'DIMENSION';
  readonly Key: string;
}

function groupKeyOf(key: StatementKey): GroupKey {
  if (key.startsWith('tag:')) return { Type: 'TAG', Key: key.slice('tag:'.length) };
  if (key.startsWith('category:')) return { Type: 'COST_CATEGORY', Key: key.slice('category:'.length) };
  return { Type: 'DIMENSION', Key: key };
}

/** `team`, `Product line`, `account`. */
export function keyName(key: StatementKey): string {
  return groupKeyOf(key).Key.replace(/^iamPrincipal\//, '');
}

/** A whole billing period, which is a month of UTC whatever zone times are shown in. */
function periodInput(period: string) {
  return {
    Start: new Date(billingPeriodStartMs(period)).toISOString(),
    End: new Date(billingPeriodEndMs(period)).toISOString(),
    Granularity: 'TOTAL',
  };
}

interface Report {
  readonly Rows: readonly ReportRow[];
}

const INVOICE_LINE: GroupKey = { Type: 'DIMENSION', Key: 'invoiceLine' };

/** Everything on the bill of a period, by the key and the parts of invoices. */
export function useShareRows(period: string, key: StatementKey, enabled: boolean) {
  const input = { ...periodInput(period), GroupBy: [groupKeyOf(key), INVOICE_LINE] };
  return useCall<Report>('tallyline', 'GetReport', input, { enabled });
}

/** The lines of one value: its principals, models and kinds of tokens. */
export function useLineRows(period: string, key: StatementKey, value: string) {
  const group = ['principal', 'model', 'direction'].map((Key): GroupKey => ({ Type: 'DIMENSION', Key }));
  const input = { ...periodInput(period), GroupBy: [...group, INVOICE_LINE], Filter: filterOf(key, value) };
  return useCall<Report>('tallyline', 'GetReport', input);
}

function filterOf(key: StatementKey, value: string): object {
  const { Type, Key } = groupKeyOf(key);
  const name = Type === 'TAG' ? { tag: Key } : Type === 'COST_CATEGORY' ? { costCategory: Key } : { dimension: Key };
  return value === '' ? { absent: name } : { key: name, equalsAny: [value] };
}

export function useInvoices(period?: string) {
  return useCall<{ readonly Invoices: readonly InvoiceSummary[] }>(
    'tallyline',
    'ListInvoices',
    period === undefined ? {} : { BillingPeriod: period },
  );
}
