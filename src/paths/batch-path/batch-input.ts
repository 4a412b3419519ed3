import { type BatchRecord, linesOf, readBatchRecord } from '../../batches/batch-record.ts';
import { type InvocationJob, objectUri } from '../../batches/invocation-job.ts';
import { Fault } from '../../kernel/fault.ts';
import type { ObjectStoreOf } from '../../kernel/object-store.ts';
import { bucketOf } from './batch-output.ts';

/** A record, and where it stands. */
export interface PlacedRecord extends BatchRecord {
  readonly fileKey: string;
  /** Place among the records of its file, from zero. */
  readonly index: number;
}

/** The one object that the job names, or all of JSONL below the folder that it names. Throws ValidationException. */
export async function inputKeys({ input, region }: InvocationJob, storeOf: ObjectStoreOf): Promise<string[]> {
  if (input.key !== '' && !input.key.endsWith('/')) return [input.key];
  const keys = await storeOf(input.bucket).list(bucketOf(input, region), input.key);
  const found = keys.filter((key) => key.endsWith('.jsonl')).sort();
  if (found.length > 0) return found;
  throw new Fault('ValidationException', `There is no .jsonl file under ${objectUri(input)}.`);
}

/** Every record of the input, file by file. Throws ValidationException for a line that is none. */
export async function* inputRecords(
  job: InvocationJob,
  fileKeys: readonly string[],
  storeOf: ObjectStoreOf,
): AsyncGenerator<PlacedRecord> {
  const { input, region } = job;
  for (const fileKey of fileKeys) {
    const content = await storeOf(input.bucket).open(bucketOf(input, region), fileKey);
    if (!content)
      throw new Fault('ValidationException', `There is no object ${objectUri({ ...input, key: fileKey })}.`);
    let index = 0;
    for await (const line of linesOf(content)) {
      yield { fileKey, index, ...readBatchRecord(line, index) };
      index += 1;
    }
  }
}

/** Reads every record once before the first call: a batch with a line that is none fails as a whole. Throws ValidationException. */
export async function countRecords(
  job: InvocationJob,
  fileKeys: readonly string[],
  storeOf: ObjectStoreOf,
  maxRecords: number,
): Promise<number> {
  let total = 0;
  for await (const _record of inputRecords(job, fileKeys, storeOf)) {
    total += 1;
    if (total > maxRecords) throw new Fault('ValidationException', `A job may have ${maxRecords} records at most.`);
  }
  if (total === 0) throw new Fault('ValidationException', `There is no record in ${objectUri(job.input)}.`);
  return total;
}
