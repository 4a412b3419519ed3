import { billingPeriodEndMs, billingPeriodStartMs, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import type { TimeRange } from './time-bucket.ts';

/**
 * What one query of a delivery reads and one file holds: a stretch of usage time, or one of several parts of a stretch that
 * no row's time can divide. Chunks of a period are disjoint, cover it whole, and no row is made from two of them.
 */
export interface Chunk {
  readonly range: TimeRange;
  /** Rows whose hash is `index` modulo `count`. Absent: all. */
  readonly part?: { readonly index: number; readonly count: number };
}

/** A chunk of which a file holds no more than `limit` rows. */
export interface LimitedChunk extends Chunk {
  readonly limit?: number;
}

/** How many rows a statement lets through of a chunk. */
export interface CountedChunk {
  readonly chunk: Chunk;
  readonly rowCount: number;
}

/** Line items of one hour. */
export interface HourCount {
  readonly startMs: number;
  readonly lineItems: number;
}

/** Shortest stretch by whose end a row ends too. MONTHLY, the period itself, is absent. */
const UNIT_MS: Readonly<Record<string, number>> = { HOURLY: HOUR_MS, DAILY: DAY_MS };

/** The whole period in one. */
export function wholePeriod(period: string): TimeRange {
  return { startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
}

/**
 * Cuts a period whose rows have a granularity (absent: HOURLY) so that no chunk is made from more than about `maxLineItems`, in the order of time. `hours`: those that have
 * line items, in order. Line items that come in afterwards fall into the chunk of their time.
 */
export function chunksOf(
  period: string,
  granularity: string | undefined,
  hours: readonly HourCount[],
  maxLineItems: number,
): readonly Chunk[] {
  const range = wholePeriod(period);
  const unitMs = UNIT_MS[granularity ?? 'HOURLY'] ?? range.endMs - range.startMs;
  const chunks: Chunk[] = [];
  let open = { startMs: range.startMs, lineItems: 0 };
  const cut = (endMs: number) => {
    const count = Math.max(1, Math.ceil(open.lineItems / maxLineItems));
    for (let index = 0; index < count; index += 1) {
      chunks.push({ range: { startMs: open.startMs, endMs }, ...(count > 1 && { part: { index, count } }) });
    }
    open = { startMs: endMs, lineItems: 0 };
  };
  for (const { startMs, lineItems } of byUnit(hours, range.startMs, unitMs)) {
    if (open.lineItems > 0 && open.lineItems + lineItems > maxLineItems) cut(startMs);
    open.lineItems += lineItems;
  }
  cut(range.endMs);
  return chunks;
}

/**
 * Fewer files for a statement that lets only some rows through: empty chunks go, and neighbours with fewer than `maxRows`
 * become one. `counted` may end where the limit is reached.
 */
export function fuseChunks(
  counted: readonly CountedChunk[],
  maxRows: number,
  limit = Number.POSITIVE_INFINITY,
): readonly LimitedChunk[] {
  const fused: CountedChunk[] = [];
  for (const { chunk, rowCount } of unparted(counted, maxRows).filter((one) => one.rowCount > 0)) {
    const last = fused.at(-1);
    if (last && !last.chunk.part && !chunk.part && last.rowCount + rowCount <= maxRows) {
      const range = { startMs: last.chunk.range.startMs, endMs: chunk.range.endMs };
      fused[fused.length - 1] = { chunk: { range }, rowCount: last.rowCount + rowCount };
    } else {
      fused.push({ chunk, rowCount });
    }
  }
  const surplus = fused.reduce((sum, { rowCount }) => sum + rowCount, 0) - limit;
  return fused.map(({ chunk, rowCount }, index) => {
    return surplus > 0 && index === fused.length - 1 ? { ...chunk, limit: rowCount - surplus } : chunk;
  });
}

/** Puts the parts of a stretch together again where all of them have few rows. */
function unparted(counted: readonly CountedChunk[], maxRows: number): CountedChunk[] {
  return counted.flatMap((one) => {
    const { range, part } = one.chunk;
    if (!part) return [one];
    const parts = counted.filter(({ chunk }) => chunk.range.startMs === range.startMs);
    const rowCount = parts.reduce((sum, other) => sum + other.rowCount, 0);
    if (parts.length < part.count || rowCount > maxRows) return [one];
    return part.index === 0 ? [{ chunk: { range }, rowCount }] : [];
  });
}

/** What keeps a chunk's rows, after a WHERE clause. `columns`: SQL of all that tells rows apart, the same in every chunk. */
export function partCondition({ part }: Chunk, columns: readonly string[]): string {
  return part === undefined ? '' : ` AND sipHash64(${columns.join(', ')}) % ${part.count} = ${part.index}`;
}

function byUnit(hours: readonly HourCount[], periodStartMs: number, unitMs: number): HourCount[] {
  const units = new Map<number, number>();
  for (const { startMs, lineItems } of hours) {
    const unitStartMs = startMs - ((startMs - periodStartMs) % unitMs);
    units.set(unitStartMs, (units.get(unitStartMs) ?? 0) + lineItems);
  }
  return [...units].map(([startMs, lineItems]) => ({ startMs, lineItems }));
}
