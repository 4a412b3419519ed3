import type { InvocationJob, ObjectPlace, RecordCounts } from '../../batches/invocation-job.ts';
import type { Bucket, ObjectStore } from '../../kernel/object-store.ts';

/** A record that is done: where it stood, and its line of the output. */
export interface DoneRecord {
  readonly fileKey: string;
  /** Place among the records of its file, from zero. */
  readonly index: number;
  readonly isSuccess: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly line: string;
}

/** Of lines that are written at once. */
const PART_BYTES = 4 * 1024 * 1024;
const PARTS_FOLDER = '.parts/';

/**
 * What a job has done, kept beside where its output will be: a part for some records at a time, so that a job that was cut
 * off goes on where it was, on any node. The output appears when the job ends.
 */
export class BatchOutput {
  readonly #store: ObjectStore;
  readonly #bucket: Bucket;
  readonly #folder: string;
  #parts: string[] = [];
  #pending: DoneRecord[] = [];
  #pendingBytes = 0;
  readonly #done = new Map<string, Set<number>>();
  #success = 0;
  #processed = 0;
  #inputTokens = 0;
  #outputTokens = 0;

  private constructor(store: ObjectStore, bucket: Bucket, folder: string) {
    this.#store = store;
    this.#bucket = bucket;
    this.#folder = folder;
  }

  /** Finds what an earlier process has done. */
  static async open(job: InvocationJob, store: ObjectStore): Promise<BatchOutput> {
    const output = new BatchOutput(store, bucketOf(job.output, job.region), outputFolder(job));
    const known = await store.list(output.#bucket, `${output.#folder}${PARTS_FOLDER}`);
    for (const key of [...known].sort()) {
      for (const record of await output.#read(key)) output.#count(record);
      output.#parts.push(key);
    }
    return output;
  }

  isDone(fileKey: string, index: number): boolean {
    return this.#done.get(fileKey)?.has(index) ?? false;
  }

  counts(total: number): RecordCounts {
    const [processed, success] = [this.#processed, this.#success];
    return { total, processed, success, error: processed - success };
  }

  /** Keeps a record; what is kept is on the store after the next `flush` at the latest. */
  async keep(record: DoneRecord): Promise<void> {
    this.#count(record);
    this.#pending.push(record);
    this.#pendingBytes += Buffer.byteLength(record.line);
    if (this.#pendingBytes >= PART_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const text = this.#pending.map((record) => `${JSON.stringify(record)}\n`).join('');
    const key = `${this.#folder}${PARTS_FOLDER}${String(this.#parts.length).padStart(8, '0')}.jsonl`;
    this.#parts.push(key);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#store.put(this.#bucket, key, text);
  }

  /** Writes the output of every input file, the manifest last, and forgets the parts. */
  async publish(fileKeys: readonly string[], total: number): Promise<void> {
    await this.flush();
    for (const fileKey of fileKeys) {
      const key = `${this.#folder}${fileKey.slice(fileKey.lastIndexOf('/') + 1)}.out`;
      const staged = await this.#store.stage(this.#bucket, key, this.#linesOf(fileKey));
      await staged.publish();
    }
    const { processed, success, error } = this.counts(total);
    const manifest = {
      totalRecordCount: total,
      processedRecordCount: processed,
      successRecordCount: success,
      errorRecordCount: error,
      inputTokenCount: this.#inputTokens,
      outputTokenCount: this.#outputTokens,
    };
    await this.#store.put(this.#bucket, `${this.#folder}manifest.json.out`, JSON.stringify(manifest));
    for (const key of this.#parts) await this.#store.remove(this.#bucket, key);
  }

  async *#linesOf(fileKey: string): AsyncGenerator<Uint8Array> {
    for (const key of this.#parts) {
      const own = (await this.#read(key)).filter((record) => record.fileKey === fileKey);
      if (own.length > 0) yield Buffer.from(own.map(({ line }) => line).join(''));
    }
  }

  async #read(key: string): Promise<DoneRecord[]> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await this.#store.open(this.#bucket, key)) ?? []) chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString('utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as DoneRecord);
  }

  #count({ fileKey, index, isSuccess, inputTokens, outputTokens }: DoneRecord): void {
    const ofFile = this.#done.get(fileKey) ?? new Set();
    this.#done.set(fileKey, ofFile.add(index));
    this.#processed += 1;
    if (isSuccess) this.#success += 1;
    this.#inputTokens += inputTokens;
    this.#outputTokens += outputTokens;
  }
}

export function bucketOf({ bucket, bucketOwner }: ObjectPlace, region: string): Bucket {
  return { name: bucket, region, ...(bucketOwner !== undefined && { ownerAccountId: bucketOwner }) };
}

/** Bedrock puts a job's output into a folder of its id below what the job names. */
export function outputFolder({ output, jobId }: Pick<InvocationJob, 'output' | 'jobId'>): string {
  const below = output.key === '' || output.key.endsWith('/') ? output.key : `${output.key}/`;
  return `${below}${jobId}/`;
}
