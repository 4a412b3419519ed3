import type { CompiledQuery, CostStore } from '../../src/reports/cost-store.ts';

/** A cost store without usage, whose streams say what a test wants them to. */
export class ScriptedStore implements CostStore {
  /** What the next streams consist of. */
  pieces: (signal: AbortSignal | undefined) => AsyncIterable<Uint8Array> = () => pieces('header\n');
  readonly streamed: CompiledQuery[] = [];

  async prepare(): Promise<void> {}
  async insert(): Promise<void> {}
  async query<Row>(): Promise<Row[]> {
    return [];
  }
  async *stream(query: CompiledQuery, _format: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    this.streamed.push(query);
    yield* this.pieces(signal);
  }
  async replacePeriod(): Promise<void> {}
  async *usageEvents(): AsyncIterable<never[]> {}
  async latestUsageEvents(): Promise<never[]> {
    return [];
  }
  async close(): Promise<void> {}
}

export async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
