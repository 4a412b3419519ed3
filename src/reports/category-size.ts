import { Fault } from '../kernel/fault.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs } from '../kernel/time.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';

/**
 * What the values of all cost categories together may take of one statement: exports show them all. A statement may have
 * 256 KiB of text, 1 MiB of parameters and 128 KiB in one of them, and what else it asks for needs some of both.
 */
const MAX_SQL_CHARACTERS = 150_000;
const MAX_PARAMETER_BYTES = 400_000;
const MAX_VALUE_BYTES = 120_000;

/** Whether a statement about the month of an instant can hold the rules of all cost categories. */
export function categoriesFit(catalog: CostCatalog, atMs: number): boolean {
  const period = billingPeriodOf(atMs);
  const range = { startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
  const parameters = new Parameters();
  const lines = new LineItemSql(range, catalog, parameters);
  try {
    const characters = lines.categoryNames().reduce((sum, name) => sum + lines.categoryValue(name).length, 0);
    const values = Object.values(parameters.values);
    const isEachShort = values.every((value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_VALUE_BYTES);
    return isEachShort && characters <= MAX_SQL_CHARACTERS && parameters.byteLength <= MAX_PARAMETER_BYTES;
  } catch (error) {
    if (error instanceof Fault && error.code === 'QueryInvalid') return false;
    throw error;
  }
}
