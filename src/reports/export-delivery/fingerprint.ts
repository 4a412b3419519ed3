import { createHash } from 'node:crypto';
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
}

/** Columns that the store adds up when it merges parts of one line item. */
const SUMS = ['quantity', 'requests', 'cost', 'list_cost', 'net_cost'];

/**
 * The billing periods of an export, oldest first, each with a text that changes when what would be delivered changes: line
 * items, tags and cost categories as far as they say something about the period, account names, the definition, and once the
 * period has its invoice. So its last delivery comes when it closes, and another only when it is corrected.
 */
export async function periodFingerprints(request: FingerprintRequest, ask: Ask): Promise<ReadonlyMap<string, string>> {
  const { definition, bill, presentPeriod } = request;
  const sums = new Map([[presentPeriod, ''], ...(await lineItemSums(request, ask))]);
  const periods = [...sums.keys()].sort();
  return new Map(
    periods.map((period) => {
      const invoice = bill.invoiceIdOf(period, 'AWS');
      // A final period stays as it was when an account is renamed.
      const names = invoice === '' ? [...bill.accountNames] : [];
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

/** What tags and cost categories are over the line items of a period. */
function projection(period: string, bill: BillFacts): readonly unknown[] {
  const parameters = new Parameters();
  const lineItem = new LineItemSql(wholePeriod(period), bill, parameters);
  const tags = lineItem.tagKeys().map((key) => [key, lineItem.tagValue(key)]);
  const categories = lineItem.categoryNames().map((name) => [name, lineItem.categoryValue(name)]);
  return [tags, categories, parameters.values];
}
