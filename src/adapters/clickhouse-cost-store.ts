import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type ClickHouseClient, ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import type { BillStore } from '../imports/bill-store.ts';
import { Fault } from '../kernel/fault.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, SECOND_MS } from '../kernel/time.ts';
import { Turns } from '../kernel/turns.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { LineItem } from '../rating/line-item.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type {
  CompiledQuery,
  CostBatch,
  CostStore,
  ReconciliationOf,
  ReconciliationWork,
} from '../reports/cost-store.ts';
import { withLongWritten } from '../reports/inlined-sql.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import { repairBillDays } from './clickhouse-cost-store/bill-store/publication.ts';
import { ClickHouseBillStore } from './clickhouse-cost-store/bill-store.ts';
import {
  addCorrectionToDays,
  monthPartition,
  partitionOf,
  repairDays,
  replaceDays,
  swapPartition,
  type TableStore,
  whileStale,
} from './clickhouse-cost-store/day-items.ts';
import { DAY_ITEM_ROWS, LINE_ITEM_ROWS } from './clickhouse-cost-store/line-item-rows.ts';
import { DEFAULT_LIMITS, type QueryLimits } from './clickhouse-cost-store/query-limits.ts';
import { RECONCILIATION_SETTINGS, replaceReconciled } from './clickhouse-cost-store/reconciliation-run.ts';
import { insertDifference } from './clickhouse-cost-store/restatement.ts';
import { blockStream, byBillingPeriod, inChunks, type RowKind } from './clickhouse-cost-store/row-batches.ts';
import { prepareTables } from './clickhouse-cost-store/schema-version.ts';
import { readFault, writeFault } from './clickhouse-cost-store/store-fault.ts';
import { removeUpstream } from './clickhouse-cost-store/upstream-removal.ts';
import {
  EVENTS_PER_PAGE,
  pageStart,
  type UsageEventRow,
  usageEventOf,
  usageEventPage,
  usageEventsById,
} from './clickhouse-cost-store/usage-event-queries.ts';
import { USAGE_EVENT_ROWS } from './clickhouse-cost-store/usage-event-rows.ts';

/** Where a server speaks the ClickHouse HTTP protocol. */
export interface ClickHouseConnection {
  /** `http://` or `https://`, without credentials. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface ClickHouseCostStoreOptions {
  /** Asked before every request, so that an engine that came back on another port is found. */
  readonly connection: () => Promise<ClickHouseConnection>;
  /** Made when it does not exist. */
  readonly database: string;
  readonly limits?: Partial<QueryLimits>;
}

/** The embedded engine runs twelve statements at once: questions leave some to the cost thread, which writes. */
const CONNECTIONS_MAX = 8;

/** Lists that are written into a statement make it long. The embedded engine takes as much. */
const STATEMENT_BYTES_MAX = 2 ** 23;

/** Columns of a line item; the store makes its key. */
const WRITTEN = LINE_ITEM_ROWS.columns.join(', ');

/** The cost store on anything that speaks ClickHouse over HTTP: the embedded engine, a server, a cluster. */
export class ClickHouseCostStore implements CostStore {
  readonly #connect: () => Promise<ClickHouseConnection>;
  readonly #database: string;
  readonly #limits: QueryLimits;
  #open: { readonly connection: ClickHouseConnection; readonly client: ClickHouseClient } | undefined;
  /** Line items that arrive while a period is being replaced must come after the swap. */
  readonly #writes = new Turns();
  readonly #tables: TableStore = {
    command: (statement) => this.#command(statement),
    query: (query) => this.query(query),
  };
  /** Imported bills, in the same database. */
  readonly bills: BillStore = new ClickHouseBillStore({
    ...this.#tables,
    upload: (statement, rows, settings, signal) => this.#upload(statement, rows, settings, signal),
  });

  constructor({ connection, database, limits }: ClickHouseCostStoreOptions) {
    this.#connect = connection;
    this.#database = database;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  async prepare(): Promise<void> {
    await this.#createDatabase();
    await prepareTables(this.#tables);
    await repairDays(this.#tables);
    await repairBillDays(this.#tables);
  }

  /**
   * Every table and billing period is one insert with a token of its own: atomic by itself, and ignored by the store when
   * it comes again. So a batch that failed half-way is completed by handing over the same batch.
   */
  insert({ token, usageEvents, lineItems }: CostBatch): Promise<void> {
    return this.#writes.take(async () => {
      const inserts: Promise<void>[] = [];
      const insertPeriods = async <Row>(kind: RowKind<Row>, rows: readonly Row[]) => {
        for (const [period, ofPeriod] of byBillingPeriod(rows, kind)) {
          const blocks = blockStream(ofPeriod, kind);
          const stored = this.#insert(`${token}/${kind.table}/${period}`, kind, blocks);
          inserts.push(stored);
          // The next rows are encoded while the store takes these in.
          await Promise.race([once(blocks, 'close'), stored]).catch(() => {});
        }
      };
      await insertPeriods(LINE_ITEM_ROWS, lineItems);
      await insertPeriods(DAY_ITEM_ROWS, lineItems);
      await insertPeriods(USAGE_EVENT_ROWS, usageEvents);
      for (const outcome of await Promise.allSettled(inserts)) if (outcome.status === 'rejected') throw outcome.reason;
    });
  }

  async query<Row>(query: CompiledQuery, signal?: AbortSignal): Promise<Row[]> {
    try {
      signal?.throwIfAborted();
      const client = await this.#client();
      const { sql, params } = withLongWritten(query);
      const result = await client.query({
        query: sql,
        query_params: { ...params },
        format: 'JSONEachRow',
        ...(signal && { abort_signal: signal }),
        clickhouse_settings: {
          ...this.#readSettings(this.#limits.queryTimeoutMs, this.#limits.resultBytes),
          // The whole answer or an error, never rows and then an error.
          wait_end_of_query: 1,
        },
      });
      return await result.json<Row>();
    } catch (error) {
      signal?.throwIfAborted();
      throw readFault(error);
    }
  }

  async *stream(
    query: CompiledQuery,
    format: string,
    { gzip = false, signal }: { readonly gzip?: boolean; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<Uint8Array> {
    if (!/^[A-Za-z0-9]+$/.test(format)) throw new RangeError(`not a format name: ${format}`);
    try {
      signal?.throwIfAborted();
      const client = await this.#client();
      const settings = this.#readSettings(this.#limits.streamTimeoutMs, this.#limits.streamBytes);
      const { sql, params } = withLongWritten(query);
      const { stream, response_headers: headers } = await client.exec({
        query: `${sql}\nFORMAT ${format}`,
        query_params: { ...params },
        ...(signal && { abort_signal: signal }),
        clickhouse_settings: { ...settings, enable_http_compression: gzip ? 1 : 0 },
        ...(gzip && { http_headers: { 'Accept-Encoding': 'gzip' } }),
        decompress_response_stream: false,
      });
      if (gzip && headers['content-encoding'] !== 'gzip') {
        stream.destroy();
        throw new Fault(
          'StoreUnavailable',
          'the cost store does not compress its answers; is there a proxy in between?',
        );
      }
      const stop = () => stream.destroy();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        for await (const bytes of stream) yield bytes as Uint8Array;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw readFault(error);
    }
  }

  /**
   * Writes the new line items, and the present ones that were not made from calls, into a table beside and swaps the
   * period's partition in; likewise its days. Batches handed over meanwhile are
   * stored after the swap. The caller sees to it that no batch is stored in part: usage events that `items` was made of
   * and whose own line items are still to come would count twice.
   */
  replacePeriod(period: string, items: AsyncIterable<readonly LineItem[]>): Promise<void> {
    return this.#beside(period, async (staging, partition) => {
      await this.#command(`INSERT INTO ${staging} (${WRITTEN}) SELECT ${WRITTEN} FROM ${LINE_ITEM_TABLE}
        WHERE toYYYYMM(bucket_start) = ${partition} AND charge_id != ''`);
      await this.#fill(staging, period, items);
      const alongside = () =>
        swapPartition(LINE_ITEM_TABLE, { partition: monthPartition(partition), from: staging }, this.#tables);
      await replaceDays(partition, { from: staging, alongside }, this.#tables);
    });
  }

  /** Writes the new line items into a table beside, and the difference into the open period. As for `replacePeriod`. */
  restatePeriod(
    period: string,
    { firstOpenPeriod, correctionId }: { readonly firstOpenPeriod: string; readonly correctionId: string },
    items: AsyncIterable<readonly LineItem[]>,
  ): Promise<void> {
    const correctionStartMs = billingPeriodStartMs(firstOpenPeriod);
    return this.#beside(period, async (restatedTable) => {
      await this.#fill(restatedTable, period, items);
      await whileStale(partitionOf(firstOpenPeriod), this.#tables, async () => {
        await this.#command(insertDifference({ restatedTable, period, correctionStartMs, correctionId }));
        await this.#command(addCorrectionToDays(correctionId));
      });
    });
  }

  /** Beside the other writes: nothing of theirs is touched. */
  async replaceReconciliation(of: ReconciliationOf, work: ReconciliationWork): Promise<void> {
    const run = (statement: CompiledQuery) => this.#command(statement, RECONCILIATION_SETTINGS);
    await replaceReconciled(of, () => work(run), this.#tables);
  }

  removeUpstream(upstream: string): Promise<void> {
    return this.#writes.take(() => removeUpstream(upstream, this.#tables));
  }

  async usageEventsOf(requestIds: readonly string[], admitted: TimeRange): Promise<UsageEvent[]> {
    const rows = await this.query<UsageEventRow>(usageEventsById(requestIds, admitted));
    return rows.map(usageEventOf);
  }

  async *usageEvents(period: string): AsyncIterable<readonly UsageEvent[]> {
    const endMs = billingPeriodEndMs(period);
    let after = pageStart(billingPeriodStartMs(period));
    for (;;) {
      const rows = await this.query<UsageEventRow>(usageEventPage(after, endMs));
      const events = rows.map(usageEventOf);
      const last = events.at(-1);
      if (!last) return;
      yield events;
      if (events.length < EVENTS_PER_PAGE) return;
      after = last;
    }
  }

  async close(): Promise<void> {
    await this.#writes.ended();
    await this.#open?.client.close();
    this.#open = undefined;
  }

  /** Does something with an empty table of line items that is gone afterwards. */
  #beside(period: string, work: (staging: string, partition: string) => Promise<void>): Promise<void> {
    const partition = partitionOf(period);
    const staging = `${LINE_ITEM_TABLE}_staging_${partition}`;
    return this.#writes.take(async () => {
      await this.#command(`CREATE OR REPLACE TABLE ${staging} AS ${LINE_ITEM_TABLE}`);
      try {
        await work(staging, partition);
      } finally {
        // A table that stays behind is replaced by the next attempt.
        await this.#command(`DROP TABLE IF EXISTS ${staging}`).catch(() => {});
      }
    });
  }

  async #fill(table: string, period: string, items: AsyncIterable<readonly LineItem[]>): Promise<void> {
    let chunkCount = 0;
    for await (const rows of inChunks(items)) {
      const stray = rows.find((item) => billingPeriodOf(item.bucketStartMs) !== period);
      if (stray) throw new RangeError(`a line item of ${billingPeriodOf(stray.bucketStartMs)} in ${period}`);
      chunkCount++;
      // With a token of its own: without one, a chunk equal to an earlier one would be taken for its repetition.
      await this.#insert(`${chunkCount}`, { ...LINE_ITEM_ROWS, table }, blockStream(rows, LINE_ITEM_ROWS));
    }
  }

  #insert<Row>(token: string, { table, columns }: RowKind<Row>, blocks: Readable): Promise<void> {
    return this.#upload(`INSERT INTO ${table} (${columns.join(', ')}) FORMAT Native`, blocks, {
      insert_deduplication_token: token,
      async_insert: 0,
      // The cost path has summed already what it could; the rest is left to merges.
      optimize_on_insert: 0,
      wait_end_of_query: 1,
    });
  }

  async #upload(query: string, values: Readable, settings: ClickHouseSettings, signal?: AbortSignal): Promise<void> {
    try {
      const client = await this.#client();
      const abort = signal && { abort_signal: signal };
      const { stream } = await client.exec({ query, values, ...abort, clickhouse_settings: settings });
      await finished(stream.resume());
    } catch (error) {
      signal?.throwIfAborted();
      throw writeFault(error);
    }
  }

  async #command(statement: string | CompiledQuery, settings: ClickHouseSettings = {}): Promise<void> {
    const { sql, params } = typeof statement === 'string' ? { sql: statement, params: {} } : statement;
    try {
      await (await this.#client()).command({ query: sql, query_params: { ...params }, clickhouse_settings: settings });
    } catch (error) {
      throw writeFault(error);
    }
  }

  async #createDatabase(): Promise<void> {
    const client = this.#clientOf(await this.#connect(), 'default');
    try {
      // Looked for first: a user who may write into the database need not have the right to make one.
      const found = await client.query({
        query: 'SELECT name FROM system.databases WHERE name = {name:String}',
        query_params: { name: this.#database },
        format: 'JSONEachRow',
      });
      if ((await found.json()).length > 0) return;
      await client.command({ query: `CREATE DATABASE IF NOT EXISTS \`${this.#database}\`` });
    } catch (error) {
      throw writeFault(error);
    } finally {
      await client.close();
    }
  }

  #readSettings(timeoutMs: number, resultBytes: number): ClickHouseSettings {
    return {
      // Reads only, and settings may still be given; also what makes a server stop a query whose client has gone.
      readonly: '2',
      cancel_http_readonly_queries_on_client_close: 1,
      max_execution_time: timeoutMs / SECOND_MS,
      max_memory_usage: `${this.#limits.queryMemoryBytes}`,
      max_result_bytes: `${resultBytes}`,
      max_query_size: `${STATEMENT_BYTES_MAX}`,
      result_overflow_mode: 'throw',
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
    };
  }

  async #client(): Promise<ClickHouseClient> {
    const connection = await this.#connect();
    const open = this.#open;
    if (open && open.connection.url === connection.url && open.connection.password === connection.password)
      return open.client;
    const client = this.#clientOf(connection, this.#database);
    this.#open = { connection, client };
    await open?.client.close();
    return client;
  }

  #clientOf({ url, username, password }: ClickHouseConnection, database: string): ClickHouseClient {
    return createClient({
      url,
      username,
      password,
      database,
      max_open_connections: CONNECTIONS_MAX,
      // The server's limit comes first; this one is for a server that has stopped answering.
      request_timeout: Math.max(this.#limits.queryTimeoutMs, this.#limits.streamTimeoutMs) + 30_000,
      log: { level: ClickHouseLogLevel.OFF },
    });
  }
}
