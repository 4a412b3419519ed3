import { formatUsd } from '../../src/kernel/money.ts';
import type { DuckDb } from '../cur/duckdb.ts';
import { picoUsdOf } from './double-usd.ts';

/** USD by key, without keys that come to nothing. */
export type UsdSums = Readonly<Record<string, string>>;

/** Sums of a delivery's own doubles, read by DuckDB from the files and added up exactly. */
export class FileSums {
  readonly #duck: DuckDb;
  readonly #from: string;

  constructor(duck: DuckDb, parquetFiles: readonly string[]) {
    this.#duck = duck;
    this.#from = `read_parquet([${parquetFiles.map((file) => `'${file}'`).join(', ')}])`;
  }

  /** By what an expression is on a row of Bedrock. */
  async by(key: string, where = 'true', column = 'line_item_unblended_cost'): Promise<UsdSums> {
    const rows = await this.rows(`${key} AS key, ${column} AS usd`, where);
    const sums = new Map<string, bigint>();
    for (const { key: one, usd } of rows) {
      const name = `${one ?? ''}`;
      sums.set(name, (sums.get(name) ?? 0n) + picoUsdOf(usd as number));
    }
    return sumsOf([...sums].map(([name, pico]) => [name, formatUsd(pico)]));
  }

  async total(where?: string, column?: string): Promise<string> {
    return (await this.by("''", where, column))[''] ?? '0';
  }

  rows(select: string, where = 'true'): Promise<Record<string, unknown>[]> {
    return this.#duck.query(
      `SELECT ${select} FROM ${this.#from} WHERE product_product_family = 'Amazon Bedrock' AND ${where}`,
    );
  }

  async values(key: string, where?: string): Promise<string[]> {
    const rows = await this.rows(`DISTINCT ${key} AS key`, where);
    return rows.map(({ key: one }) => `${one ?? ''}`).sort();
  }
}

export function sumsOf(amounts: Iterable<readonly [key: string, usd: string]>): UsdSums {
  const found = [...amounts].filter(([, usd]) => usd !== '0');
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
