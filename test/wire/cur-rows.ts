import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BCMDataExportsClient, CreateExportCommand } from '@aws-sdk/client-bcm-data-exports';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { TestServer } from '../server.ts';
import { movedClient } from './moved-client.ts';

type CurRow = Readonly<Record<string, unknown>>;

const BUCKET = 'cur-rows';
const PARQUET = { Format: 'PARQUET', Compression: 'PARQUET' } as const;
const CSV = { Format: 'TEXT_OR_CSV', Compression: 'GZIP' } as const;
let count = 0;

/** Rows of every billing period, as a new export of CUR 2.0 delivers them. The default is months without principals. */
export async function curRows(
  server: TestServer,
  columns: string,
  properties: Readonly<Record<string, string>> = {},
  clockOffsetMs = 0,
): Promise<CurRow[]> {
  const rows: CurRow[] = [];
  for (const file of await curFiles(server, columns, properties, { clockOffsetMs })) {
    const bytes = readFileSync(file);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    rows.push(...(await parquetReadObjects({ file: buffer, compressors })));
  }
  return rows;
}

/** The files that a new export of CUR 2.0 delivers. */
export async function curFiles(
  server: TestServer,
  columns: string,
  properties: Readonly<Record<string, string>>,
  { clockOffsetMs = 0, isCsv = false } = {},
): Promise<string[]> {
  const name = `rows-${++count}`;
  const exports = new BCMDataExportsClient({ ...server.admin, systemClockOffset: clockOffsetMs });
  const COST_AND_USAGE_REPORT = { TIME_GRANULARITY: 'MONTHLY', ...properties };
  await exports.send(
    new CreateExportCommand({
      Export: {
        Name: name,
        DataQuery: {
          QueryStatement: `SELECT ${columns} FROM COST_AND_USAGE_REPORT`,
          TableConfigurations: { COST_AND_USAGE_REPORT },
        },
        DestinationConfigurations: {
          S3Destination: {
            ...{ S3Bucket: BUCKET, S3Prefix: 'cur', S3Region: 'us-east-1' },
            S3OutputConfigurations: {
              OutputType: 'CUSTOM',
              ...(isCsv ? CSV : PARQUET),
              Overwrite: 'OVERWRITE_REPORT',
            },
          },
        },
        RefreshCadence: { Frequency: 'SYNCHRONOUS' },
      },
    }),
  );
  exports.destroy();
  await movedClient(server, clockOffsetMs).call('StartExportExecution', { ExportName: name });
  const data = join(server.data, 'exports', BUCKET, 'cur', name, 'data');
  return globSync(join(data, '**', isCsv ? '*.csv.gz' : '*.parquet')).sort();
}
