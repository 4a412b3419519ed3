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

/** AWS numbers files with five digits. */
const MAX_CHUNK = 99_999;

/**
 * Keys of a delivery, in AWS's layout (AWS Data Exports User Guide, "Export delivery", checked 2026-11). With
 * CREATE_NEW_REPORT every refresh has a folder of its own under the period, and the manifest is written there and, as
 * "latest", at the period itself.
 */
export function dataKey(delivery: Delivery, chunk: number): string {
  const { name, destination } = delivery.definition;
  if (chunk > MAX_CHUNK) throw new Error(`a billing period cannot have more than ${MAX_CHUNK} files`);
  const extension = destination.format === 'PARQUET' ? 'snappy.parquet' : 'csv.gz';
  return `${dataFolder(delivery)}${refreshFolder(delivery)}${name}-${String(chunk).padStart(5, '0')}.${extension}`;
}

/** The number of a data file at the period's folder itself, of either format; undefined for everything else. */
export function chunkOf(delivery: Delivery, key: string): number | undefined {
  const folder = dataFolder(delivery);
  const file = key.startsWith(folder) ? key.slice(folder.length) : '';
  const { name } = delivery.definition;
  // Names have letters, digits, - and _ alone.
  const digits = new RegExp(`^${name}-(\\d{5})\\.(?:snappy\\.parquet|csv\\.gz)$`).exec(file)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Where all data of the period is. */
export function dataFolder(delivery: Delivery): string {
  return periodFolder(delivery, 'data');
}

export function metadataFolder(delivery: Delivery): string {
  return periodFolder(delivery, 'metadata');
}

/** Tells consumers what the period's last complete delivery is. */
export function latestManifestKey(delivery: Delivery): string {
  return `${metadataFolder(delivery)}${delivery.definition.name}-Manifest.json`;
}

/** The latest manifest comes last: it tells consumers that everything before it is there. */
export function manifestKeys(delivery: Delivery): readonly string[] {
  const own = `${metadataFolder(delivery)}${refreshFolder(delivery)}${delivery.definition.name}-Manifest.json`;
  return [...new Set([own, latestManifestKey(delivery)])];
}

/** A file that is the same for every period. */
export function outputFileKey(definition: ExportDefinition, path: string): string {
  return `${exportFolder(definition)}${path}`;
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
      columns: manifestColumns(columns),
      dataFiles: dataKeys.map((key) => objectUri(delivery.definition, key)),
      additionalOutputFiles: outputFileKeys.map((key) => objectUri(delivery.definition, key)),
    },
    undefined,
    2,
  );
}

export function manifestColumns(columns: readonly OutputColumn[]) {
  return columns.map(({ name, type }) => ({ name, type }));
}

export function objectUri({ destination }: ExportDefinition, key: string): string {
  return `s3://${destination.bucket}/${key}`;
}

/** `2026-06-01T23:48:02.356Z-<execution id>/`, or nothing where a refresh takes the last one's place. */
export function refreshFolder({ definition, executionId, startedAtMs }: Delivery): string {
  if (definition.destination.overwrite === 'OVERWRITE_REPORT') return '';
  return `${new Date(startedAtMs).toISOString()}-${executionId}/`;
}

function periodFolder({ definition, partitionName, period }: Delivery, area: 'data' | 'metadata'): string {
  return `${exportFolder(definition)}${area}/${partitionName}=${period}/`;
}

/** `prefix/name/`. */
export function exportFolder({ name, destination }: ExportDefinition): string {
  const prefix = trimPrefix(destination.prefix);
  return prefix === '' ? `${name}/` : `${prefix}/${name}/`;
}
