import type { ObjectStore, StagedObject } from '../../kernel/object-store.ts';
import { bucketOf } from '../export-definition.ts';
import { chunkOf, type Delivery, manifest, manifestKeys } from '../export-layout.ts';
import type { OutputColumn } from '../export-sql/bind.ts';
import { clearLeftovers, lastDelivery, nextDataKeys } from './last-delivery.ts';

export interface PeriodContent {
  readonly exportArn: string;
  readonly columns: readonly OutputColumn[];
  /** One for each file, in order; at least one. Nothing is asked of the store before it is read. */
  readonly files: readonly AsyncIterable<Uint8Array>[];
  /** Of the files beside the data that the manifest names; they are there already. */
  readonly outputFileKeys: readonly string[];
}

/**
 * Replaces what a period's manifest leads to, so that whoever follows the manifest reads the last complete delivery or this
 * one, wherever this process dies: all files are written unseen, then shown, then the manifest names them, and only then
 * the files before them go. Answers the keys of the data files.
 */
export async function replacePeriod(
  destination: ObjectStore,
  delivery: Delivery,
  content: PeriodContent,
): Promise<readonly string[]> {
  const bucket = bucketOf(delivery.definition);
  const last = await lastDelivery(destination, bucket, delivery);
  await clearLeftovers(destination, bucket, delivery, last);
  const keys = nextDataKeys(delivery, content.files.length, content.columns, last);
  await writeData(destination, delivery, keys, content.files);
  const text = manifest(delivery, content.exportArn, content.columns, keys, content.outputFileKeys);
  for (const key of manifestKeys(delivery)) await destination.put(bucket, key, text);
  for (const key of last?.dataKeys ?? []) {
    // A refresh with a folder of its own stays.
    const isSuperseded = chunkOf(delivery, key) !== undefined && !keys.includes(key);
    if (isSuperseded) await destination.remove(bucket, key);
  }
  return keys;
}

/** Writes all files unseen, then shows them together. What was shown when that fails is left to the next run. */
async function writeData(
  destination: ObjectStore,
  { definition }: Delivery,
  keys: readonly string[],
  files: PeriodContent['files'],
): Promise<void> {
  const bucket = bucketOf(definition);
  const staged: StagedObject[] = [];
  try {
    for (const [index, file] of files.entries()) staged.push(await destination.stage(bucket, keys[index]!, file));
  } catch (error) {
    for (const object of staged) await object.discard();
    throw error;
  }
  const outcomes = await Promise.allSettled(staged.map((object) => object.publish()));
  const failures = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [{ ...outcome, index }] : []));
  for (const { index } of failures) await staged[index]!.discard();
  if (failures[0]) throw failures[0].reason;
}
