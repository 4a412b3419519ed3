import type { UsageEvent } from '../metering/usage-event.ts';
import type { LineItem } from '../rating/line-item.ts';
import type { TimeRange } from './time-bucket.ts';

/** SQL with named, typed parameters in ClickHouse's form: `{from:DateTime64(3)}`. Values never enter the text. */
export interface CompiledQuery {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of parameters that are too long to go beside the text: the store quotes and writes them into it. Absent: none. */
  readonly written?: readonly string[];
}

/** What one frozen journal range became. The token makes storing it idempotent: the same token never counts twice. */
export interface CostBatch {
  readonly token: string;
  readonly usageEvents: readonly UsageEvent[];
  readonly lineItems: readonly LineItem[];
}

/** An import source, and a billing period as `202605`. */
export interface ReconciliationOf {
  readonly sourceId: string;
  readonly period: number;
}

export type ReconciliationWork = (run: (statement: CompiledQuery) => Promise<void>) => Promise<void>;

/**
 * Port: the analytical store (ClickHouse SQL). Table and column names are in `reports/cost-schema.ts`.
 * Every method throws StoreUnavailable when the store is down; callers on the cost path retry, reports say so.
 */
export interface CostStore {
  /** Creates or migrates tables. */
  prepare(): Promise<void>;
  /** Stores a batch once, however often it is handed over. */
  insert(batch: CostBatch): Promise<void>;
  /** Rows as JSON objects; 64-bit integers and decimals are strings. Aborting the signal stops the query in the store. */
  query<Row>(query: CompiledQuery, signal?: AbortSignal): Promise<Row[]>;
  /**
   * The result in a ClickHouse output format (`Parquet`, `CSVWithNames`), streamed, never held whole. `gzip`: compressed by
   * the store.
   */
  stream(
    query: CompiledQuery,
    format: string,
    options?: { readonly gzip?: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /**
   * Replaces the line items of one billing period that were made from calls, in one step (re-rating). `items` may be large:
   * it is streamed. Lines of charges and corrections stay.
   */
  replacePeriod(period: string, items: AsyncIterable<readonly LineItem[]>): Promise<void>;
  /**
   * Puts what `items` say of a closed billing period's usage, less what was billed for it so far, into the first open period
   * as lines with the charge id. What failed half-way is completed by the same call; repeated, it adds nothing.
   */
  restatePeriod(
    period: string,
    into: { readonly firstOpenPeriod: string; readonly correctionId: string },
    items: AsyncIterable<readonly LineItem[]>,
  ): Promise<void>;
  /**
   * Puts what a comparison of bill and ledger found in the place of what the source and period had, in one step, unless
   * `work` throws. Its statements fill tables that exist meanwhile: see `reconciliation/reconciliation-schema.ts`. One at a time.
   */
  replaceReconciliation(of: ReconciliationOf, work: ReconciliationWork): Promise<void>;
  /**
   * Removes the calls of an upstream, and their line items first. What failed half-way is completed by the same call. The caller
   * sees to it that no closed billing period has any, and that none is handed over meanwhile.
   */
  removeUpstream(upstream: string): Promise<void>;
  /** The calls with these ids that there are, in any order. */
  usageEventsOf(requestIds: readonly string[], admitted: TimeRange): Promise<UsageEvent[]>;
  /** Usage events of a billing period in stable order, in pages: the input of re-rating. */
  usageEvents(period: string): AsyncIterable<readonly UsageEvent[]>;
  close(): Promise<void>;
}
