import type { Bucket, ObjectStore } from '../../kernel/object-store.ts';
import {
  chunkOf,
  type Delivery,
  dataFolder,
  dataKey,
  latestManifestKey,
  manifestColumns,
  metadataFolder,
  objectUri,
} from '../export-layout.ts';
import type { OutputColumn } from '../export-sql/bind.ts';

/** `2026-06-01T23:48:02.356Z-<execution id>/`. */
const REFRESH_FOLDER = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z-[0-9a-f-]{36}\/$/;

/** The last complete delivery of a period: what a reader who follows the manifest reads. */
export interface LastDelivery {
  readonly dataKeys: readonly string[];
  /** As JSON. */
  readonly columns: string;
}

/** As the manifest at the destination says. Undefined when there is none, or none of ours. */
export async function lastDelivery(
  destination: ObjectStore,
  bucket: Bucket,
  delivery: Delivery,
): Promise<LastDelivery | undefined> {
  const text = await destination.read(bucket, latestManifestKey(delivery));
  const { dataFiles, columns } = parseObject(text);
  if (!Array.isArray(dataFiles)) return undefined;
  const bucketUri = objectUri(delivery.definition, '');
  const isOurs = (uri: unknown): uri is string => typeof uri === 'string' && uri.startsWith(bucketUri);
  return {
    dataKeys: dataFiles.filter(isOurs).map((uri) => uri.slice(bucketUri.length)),
    columns: JSON.stringify(columns),
  };
}

/**
 * Keys for the files of a new delivery. With OVERWRITE_REPORT, one file with the columns of the one file before it takes
 * that one's place, in one step for everybody. Otherwise the numbers are such that the last manifest names none of them.
 */
export function nextDataKeys(
  delivery: Delivery,
  count: number,
  columns: readonly OutputColumn[],
  last: LastDelivery | undefined,
): readonly string[] {
  const numbers = (last?.dataKeys ?? []).flatMap((key) => chunkOf(delivery, key) ?? []);
  const numbered = (first: number) => Array.from({ length: count }, (_, index) => dataKey(delivery, first + index));
  if (delivery.definition.destination.overwrite === 'CREATE_NEW_REPORT' || numbers.length === 0) return numbered(1);
  const inPlace = numbered(numbers[0]!);
  const hasSameColumns = last?.columns === JSON.stringify(manifestColumns(columns));
  if (count === 1 && last?.dataKeys.length === 1 && inPlace[0] === last.dataKeys[0] && hasSameColumns) return inPlace;
  return numbered(Math.min(...numbers) > count ? 1 : Math.max(...numbers) + 1);
}

/** Removes what runs that did not come to their end have left in a period: no manifest names it. */
export async function clearLeftovers(
  destination: ObjectStore,
  bucket: Bucket,
  delivery: Delivery,
  last: LastDelivery | undefined,
): Promise<void> {
  const [data, metadata] = [dataFolder(delivery), metadataFolder(delivery)];
  await destination.discardStaged(bucket, data);
  await destination.discardStaged(bucket, metadata);
  const manifests = new Set(await destination.list(bucket, metadata));
  for (const key of await destination.list(bucket, data)) {
    const refresh = key.slice(data.length, key.lastIndexOf('/') + 1);
    const isOurs = refresh === '' ? chunkOf(delivery, key) !== undefined : REFRESH_FOLDER.test(refresh);
    const isNamed =
      refresh === ''
        ? last?.dataKeys.includes(key)
        : manifests.has(`${metadata}${refresh}${delivery.definition.name}-Manifest.json`);
    if (isOurs && !isNamed) await destination.remove(bucket, key);
  }
}

function parseObject(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
