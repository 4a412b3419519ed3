import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const EXPORT = 'bedrock-cur2';

/** What AWS billed. */
export interface Bill {
  /** Account that gets it. */
  readonly payer: string;
  /** `2026-10`, oldest first. */
  readonly months: readonly string[];
  /** The rows of a month as CUR 2.0 has them, a SELECT of DuckDB. Amounts are doubles, as a bill has them. */
  readonly rows: (month: string) => string;
}

/**
 * Writes a bill below a folder as AWS delivers an export of CUR 2.0: one Parquet file a month, snappy, and its manifest.
 * Made by DuckDB and AWS's documents. Answers the folder that is imported.
 */
export async function deliverBill(bill: Bill, folder: string): Promise<string> {
  const duck = await DuckDBInstance.create(':memory:');
  const connection = await duck.connect();
  const path = join(folder, 'cur2', EXPORT);
  for (const [index, month] of bill.months.entries()) {
    const partition = `BILLING_PERIOD=${month}`;
    for (const part of ['data', 'metadata']) mkdirSync(join(path, part, partition), { recursive: true });
    const file = join(path, 'data', partition, `${EXPORT}-00001.snappy.parquet`);
    const rows = bill.rows(month);
    await connection.run(`COPY (${rows}) TO '${file}' (FORMAT PARQUET, COMPRESSION SNAPPY)`);
    const columns = (await connection.runAndReadAll(`DESCRIBE ${rows}`)).getRowObjectsJS();
    const manifest = {
      executionId: `9b6b32ef-2b70-3d10-9448-07e23ebce6b${index}`,
      exportArn: `arn:aws:bcm-data-exports:us-east-1:${bill.payer}:export/${EXPORT}-5e0a`,
      columns: columns.map(({ column_name: name, column_type: type }) => ({ name, type: TYPES[String(type)] })),
      dataFiles: [`s3://acme-bills/cur2/${EXPORT}/data/${partition}/${EXPORT}-00001.snappy.parquet`],
      additionalOutputFiles: [],
    };
    writeFileSync(join(path, 'metadata', partition, `${EXPORT}-Manifest.json`), JSON.stringify(manifest, null, 2));
  }
  connection.closeSync();
  duck.closeSync();
  return path;
}

const TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'string',
  DOUBLE: 'double',
  TIMESTAMP: 'timestamp',
  'MAP(VARCHAR, VARCHAR)': 'map<string,string>',
};
