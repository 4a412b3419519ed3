import { createHash } from 'node:crypto';
import { BILL_DAY_STATE_TABLE, BILL_DAY_TABLE } from '../bill-schema.ts';
import { LEDGER_ALONE } from '../book.ts';
import { LineItemSql } from '../compile-sql/line-item-sql.ts';
import { Parameters } from '../compile-sql/parameters.ts';
import { LINE_ITEM_TABLE } from '../cost-schema.ts';
import { wholePeriod } from '../export-chunks.ts';
import type { ExportDefinition } from '../export-definition.ts';
import type { Ask, BillFacts } from '../export-table.ts';

export interface FingerprintRequest {
  readonly definition: ExportDefinition;
  /** Absent: the whole organization. */
  readonly onlyAccountId?: string;
  readonly bill: BillFacts;
  /** Has a delivery even before it has usage. */
  readonly presentPeriod: string;
  /** Periods that were delivered: they have a delivery also when nothing of their usage is left. */
  readonly deliveredPeriods: Iterable<string>;
}

/** Columns that the store adds up when it merges parts of one line item. */
const SUMS = ['quantity', 'requests', 'cost', 'list_cost', 'net_cost'];

/**
 * The billing periods of an export, oldest first, each with a text that changes when what would be delivered changes: line
 * items, tags and cost categories as far as they say something about the period, account names, the definition, and once the
 * period has its invoice. So its last delivery comes when it closes, and another only when it is corrected.
 */
export async function periodFingerprints(request: FingerprintRequest, ask: Ask): Promise<ReadonlyMap<string, string>> {
  const { definition, bill, presentPeriod, deliveredPeriods } = request;
  const isOfBill = bill.books?.primary === 'bill';
  const found = await (isOfBill ? billRevisions(request, ask) : lineItemSums(request, ask));
  const empty = [presentPeriod, ...deliveredPeriods].map((period): [string, string] => [period, '']);
  const sums = new Map([...empty, ...found]);
  const periods = [...sums.keys()].sort();
  return new Map(
    periods.map((period) => {
      const invoice = bill.invoiceIdOf(period, 'AWS');
      // A final period stays as it was when an account is renamed.
      const names = invoice === '' ? [...bill.accountNames].sort() : [];
      const content = [definition, invoice, names, projection(period, bill), sums.get(period)];
      return [period, createHash('sha256').update(JSON.stringify(content)).digest('hex')];
    }),
  );
}

/**
 * Sums of each line item's key times its amounts, modulo 2^64: the same before and after the store merges parts of a line
 * item, and another when an amount moves from one line item to another.
 */
async function lineItemSums(
  { onlyAccountId }: FingerprintRequest,
  ask: Ask,
): Promise<[period: string, sums: string][]> {
  const parameters = new Parameters();
  const where = onlyAccountId === undefined ? '' : `WHERE account_id = ${parameters.add('String', onlyAccountId)}`;
  const sums = SUMS.map((column) => `sum(reinterpretAsUInt64(line_item_key) * reinterpretAsUInt64(${column}))`);
  const sql = `
SELECT formatDateTime(bucket_start, '%Y-%m') AS period, concat(${sums.map((sum) => `hex(${sum}), ' '`).join(', ')}) AS sums
FROM ${LINE_ITEM_TABLE}
${where}
GROUP BY period`;
  const rows = await ask<{ period: string; sums: string }>({ sql, params: parameters.values });
  return rows.map(({ period, sums: ofPeriod }) => [period, ofPeriod]);
}

/** Which deliveries of imported bills have usage in a month, and when each was put in its place. */
async function billRevisions(
  { onlyAccountId, bill: { books = LEDGER_ALONE } }: FingerprintRequest,
  ask: Ask,
): Promise<[period: string, revisions: string][]> {
  const parameters = new Parameters();
  const sources = parameters.add('Array(String)', books.billSources);
  const own = onlyAccountId === undefined ? '' : ` AND account_id = ${parameters.add('String', onlyAccountId)}`;
  const sql = `
SELECT formatDateTime(bucket_start, '%Y-%m') AS month,
  arrayStringConcat(arraySort(groupUniqArray(concat(source_id, ' ', toString(period), ' ', toString(revised_at)))), ', ') AS revisions
FROM ${BILL_DAY_TABLE}
LEFT JOIN (SELECT source_id, period, max(changed_at) AS revised_at FROM ${BILL_DAY_STATE_TABLE} GROUP BY source_id, period) AS state
  USING (source_id, period)
WHERE source_id IN ${sources}${own}
GROUP BY month`;
  const rows = await ask<{ month: string; revisions: string }>({ sql, params: parameters.values });
  return rows.map(({ month, revisions }) => [month, revisions]);
}

/** What tags and cost categories are over the line items of a period. */
function projection(period: string, bill: BillFacts): readonly unknown[] {
  const parameters = new Parameters();
  const lineItem = new LineItemSql(wholePeriod(period), bill, parameters);
  const tags = lineItem.tagKeys().map((key) => [key, lineItem.tagValue(key)]);
  const categories = lineItem.categoryNames().map((name) => [name, lineItem.categoryValue(name)]);
  return [tags, categories, parameters.values];
}
