import { type ExportDefinition, trimPrefix } from './export-definition.ts';
import type { OutputColumn } from './export-sql/bind.ts';

/** What names the objects of one billing period's delivery. */
export interface Delivery {
  readonly definition: ExportDefinition;
  /** `BILLING_PERIOD`, in the letter case of the table. */
  readonly partitionName: string;
  /** `2026-05`. */
  readonly period: string;
  readonly executionId: string;
  readonly startedAtMs: number;
}

/**
 * Keys of a delivery, in AWS's layout (AWS Data Exports User Guide, "Export delivery", checked 2026-11). With
 * CREATE_NEW_REPORT every refresh has a folder of its own under the period, and the manifest is written there and, as
 * "latest", at the period itself.
 */
export function dataKey(delivery: Delivery, chunk: number): string {
  const { name, destination } = delivery.definition;
  const extension = destination.format === 'PARQUET' ? 'snappy.parquet' : 'csv.gz';
  return key(delivery, 'data', executionFolder(delivery), `${name}-${String(chunk).padStart(5, '0')}.${extension}`);
}

/** The latest manifest comes last: it tells consumers that everything before it is there. */
export function manifestKeys(delivery: Delivery): readonly string[] {
  const file = `${delivery.definition.name}-Manifest.json`;
  const latest = key(delivery, 'metadata', undefined, file);
  const folder = executionFolder(delivery);
  return folder === undefined ? [latest] : [key(delivery, 'metadata', folder, file), latest];
}

/** A file that is the same for every period. */
export function outputFileKey({ definition }: Delivery, path: string): string {
  const prefix = trimPrefix(definition.destination.prefix);
  return [...(prefix === '' ? [] : [prefix]), definition.name, path].join('/');
}

/** The five members of a real manifest, no more. */
export function manifest(
  delivery: Delivery,
  exportArn: string,
  columns: readonly OutputColumn[],
  dataKeys: readonly string[],
  outputFileKeys: readonly string[],
): string {
  return JSON.stringify(
    {
      executionId: delivery.executionId,
      exportArn,
      columns: columns.map(({ name, type }) => ({ name, type })),
      dataFiles: dataKeys.map((dataKey) => objectUri(delivery, dataKey)),
      additionalOutputFiles: outputFileKeys.map((key) => objectUri(delivery, key)),
    },
    undefined,
    2,
  );
}

export function objectUri({ definition }: Delivery, key: string): string {
  return `s3://${definition.destination.bucket}/${key}`;
}

function executionFolder({ definition, executionId, startedAtMs }: Delivery): string | undefined {
  if (definition.destination.overwrite === 'OVERWRITE_REPORT') return undefined;
  return `${new Date(startedAtMs).toISOString()}-${executionId}`;
}

function key(delivery: Delivery, area: 'data' | 'metadata', folder: string | undefined, file: string): string {
  const { definition, partitionName, period } = delivery;
  const prefix = trimPrefix(definition.destination.prefix);
  const parts = [prefix, definition.name, area, `${partitionName}=${period}`, folder, file];
  return parts.filter((part) => part !== undefined && part !== '').join('/');
}
