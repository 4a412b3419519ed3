import { gzipSync } from 'node:zlib';
import type { CompiledQuery, CostStore } from '../../src/reports/cost-store.ts';

/** A cost store without usage, whose streams say what a test wants them to. */
export class ScriptedStore implements CostStore {
  /** What the next streams consist of. */
  pieces: (signal: AbortSignal | undefined) => AsyncIterable<Uint8Array> = () => pieces('header\n');
  /** Hours since 1970 that have a line item each: with one line item to a file, as many files. */
  hours: readonly number[] = [];
  readonly streamed: CompiledQuery[] = [];

  async prepare(): Promise<void> {}
  async insert(): Promise<void> {}
  async query<Row>({ sql }: CompiledQuery): Promise<Row[]> {
    if (!sql.includes('toStartOfHour(bucket_start)) AS startS')) return [];
    return this.hours.map((hour) => ({ startS: hour * 3_600, lineItems: '1' })) as Row[];
  }
  async *stream(
    query: CompiledQuery,
    _format: string,
    { gzip = false, signal }: { gzip?: boolean; signal?: AbortSignal } = {},
  ): AsyncIterable<Uint8Array> {
    this.streamed.push(query);
    for await (const bytes of this.pieces(signal)) yield gzip ? gzipSync(bytes) : bytes;
  }
  async replacePeriod(): Promise<void> {}
  async restatePeriod(): Promise<void> {}
  async removeUpstream(): Promise<void> {}
  async replaceReconciliation(): Promise<void> {}
  async *usageEvents(): AsyncIterable<never[]> {}
  async usageEventsOf(): Promise<never[]> {
    return [];
  }
  async close(): Promise<void> {}
}

export async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
