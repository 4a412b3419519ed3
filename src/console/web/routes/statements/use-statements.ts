import { billingPeriodEndMs, billingPeriodStartMs } from '../../../../kernel/time.ts';
import type { Dimension, GroupKey, ReportFilter } from '../../../../reports/report-query.ts';
import { useCall } from '../../api/use-call.ts';
import { keyOf, wireKeyOf } from '../../report/report-key.ts';
import type { InvoiceSummary, ReportRow } from './answers.ts';

/** What statements are made by: `tag:iamPrincipal/team`, `category:Product line`, `account`. */
export type StatementKey = string;

/** An address may hold any text: what names no key is for the server to refuse. */
function groupKeyOf(key: StatementKey): GroupKey {
  return keyOf(key) ?? { dimension: key as Dimension };
}

/** `team`, `Product line`, `account`. */
export function keyName(key: StatementKey): string {
  return key.replace(/^(tag:(iamPrincipal\/)?|category:)/, '');
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

const INVOICE_LINE = wireKeyOf({ dimension: 'invoiceLine' });
const LINE_KEYS = (['principal', 'model', 'direction'] as const).map((dimension) => wireKeyOf({ dimension }));

/** Everything on the bill of a period, by the key and the parts of invoices. */
export function useShareRows(period: string, key: StatementKey, enabled: boolean) {
  const input = { ...periodInput(period), GroupBy: [wireKeyOf(groupKeyOf(key)), INVOICE_LINE] };
  return useCall<Report>('tallyline', 'GetReport', input, { enabled });
}

/** The lines of one value: its principals, models and kinds of tokens. */
export function useLineRows(period: string, key: StatementKey, value: string) {
  const input = { ...periodInput(period), GroupBy: [...LINE_KEYS, INVOICE_LINE], Filter: filterOf(key, value) };
  return useCall<Report>('tallyline', 'GetReport', input);
}

function filterOf(key: StatementKey, value: string): ReportFilter {
  const name = groupKeyOf(key);
  return value === '' ? { absent: name } : { key: name, equalsAny: [value] };
}

export function useInvoices(period?: string) {
  return useCall<{ readonly Invoices: readonly InvoiceSummary[] }>(
    'tallyline',
    'ListInvoices',
    period === undefined ? {} : { BillingPeriod: period },
  );
}
