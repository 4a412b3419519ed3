import { Readable } from 'node:stream';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs } from '../../kernel/time.ts';

/** Rows encoded in one go: some milliseconds, then the event loop serves others. */
const ROWS_PER_BLOCK = 1_000;
/** Rows of one insert: some 50 MB, one block and so one part in the store. */
const ROWS_PER_CHUNK = 100_000;

/** How rows of one kind are written. */
export interface RowKind<Row> {
  readonly table: string;
  /** Of a block, in its order. */
  readonly columns: readonly string[];
  /** What decides the billing period. */
  readonly atMs: (row: Row) => number;
  readonly blockOf: (rows: readonly Row[]) => Buffer;
}

/** Rows of each billing period, which is a partition of the table: an insert into one partition is atomic. */
export function byBillingPeriod<Row>(rows: readonly Row[], { atMs }: RowKind<Row>): Map<string, Row[]> {
  const periods = new Map<string, Row[]>();
  let current: { rows: Row[]; startMs: number; endMs: number } | undefined;
  for (const row of rows) {
    const at = atMs(row);
    if (!current || at < current.startMs || at >= current.endMs) {
      const period = billingPeriodOf(at);
      const ofPeriod = periods.get(period) ?? [];
      periods.set(period, ofPeriod);
      current = { rows: ofPeriod, startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
    }
    current.rows.push(row);
  }
  return periods;
}

/** Pages of any size as chunks of `ROWS_PER_CHUNK` rows and a rest: what one insert takes. */
export async function* inChunks<Row>(pages: AsyncIterable<readonly Row[]>): AsyncIterable<readonly Row[]> {
  let chunk: Row[] = [];
  for await (const page of pages) {
    for (const row of page) {
      chunk.push(row);
      if (chunk.length < ROWS_PER_CHUNK) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** The rows as a stream of blocks, each encoded when it is read. */
export function blockStream<Row>(rows: readonly Row[], { blockOf }: RowKind<Row>): Readable {
  return Readable.from(blocks(rows, blockOf), { objectMode: false });
}

function* blocks<Row>(rows: readonly Row[], blockOf: RowKind<Row>['blockOf']): Iterable<Buffer> {
  for (let from = 0; from < rows.length; from += ROWS_PER_BLOCK) yield blockOf(rows.slice(from, from + ROWS_PER_BLOCK));
}
