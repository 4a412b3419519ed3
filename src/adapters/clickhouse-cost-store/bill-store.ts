import { Readable } from 'node:stream';
import type {
  BillStore,
  DuplicateLine,
  FileRows,
  ImportScope,
  LandingFile,
  LandingWatch,
  PeriodNames,
  PublishedPeriod,
  SkippedProduct,
  StagedSums,
  StagedUsage,
} from '../../imports/bill-store.ts';
import { Fault } from '../../kernel/fault.ts';
import type { BilledUsage, BilledUsageText } from '../../rating/billed-usage.ts';
import { type ProfileRow, profileSql } from '../../reports/bill-doctor.ts';
import {
  createStaging,
  dropLanding,
  landedNames,
  landingStatements,
  partitionOf,
  STAGING_TABLE,
  stagingTables,
  UNREADABLE,
  USAGE_TEXTS,
} from './bill-store/landing.ts';
import { createLines, insertLines, sumBillByDay } from './bill-store/lines.ts';
import { dropDelivery, swapDelivery } from './bill-store/publication.ts';
import type { TableStore } from './day-items.ts';

/** What the store's door lends. */
export interface BillStoreParts extends TableStore {
  /** An insert whose rows are a stream of bytes. */
  readonly upload: (
    statement: string,
    rows: Readable,
    settings: Readonly<Record<string, string | number>>,
    signal?: AbortSignal,
  ) => Promise<void>;
}

/**
 * Rows of one block on their way. Bounds the memory of an import, with its threads: a block has about 1 KB a row, and
 * every column of it is held a few times over.
 */
const BLOCK_ROWS = 65_536;

const SETTINGS = {
  max_insert_threads: 1,
  max_threads: 1,
  max_block_size: BLOCK_ROWS,
  max_insert_block_size: BLOCK_ROWS,
  min_insert_block_size_rows: BLOCK_ROWS * 4,
  min_insert_block_size_bytes: 128 * 2 ** 20,
} as const;

const LANDING_SETTINGS = {
  ...SETTINGS,
  input_format_parquet_max_block_size: BLOCK_ROWS,
  input_format_parquet_allow_missing_columns: 1,
  input_format_skip_unknown_fields: 1,
  input_format_with_names_use_header: 1,
  input_format_null_as_default: 1,
  input_format_parallel_parsing: 0,
  date_time_input_format: 'best_effort',
  // Blocks with equal rows are no repetitions.
  insert_deduplicate: 0,
  deduplicate_blocks_in_dependent_materialized_views: 0,
  wait_end_of_query: 1,
} as const;

/** Groups of a query over a staging go to the disk when they are more than this. */
const SPILLED = 'SETTINGS max_bytes_before_external_group_by = 268435456, max_bytes_ratio_before_external_group_by = 0';

/** `2026-05` of a staged row. */
const PERIOD = "concat(toString(intDiv(s.period, 100)), '-', leftPad(toString(s.period % 100), 2, '0'))";

const SHOWN_DUPLICATES = 5;

const LOOK_EVERY_MS = 500;

/** Imported bills on anything that speaks ClickHouse. */
export class ClickHouseBillStore implements BillStore {
  readonly #store: BillStoreParts;

  constructor(store: BillStoreParts) {
    this.#store = store;
  }

  async open({ importId }: ImportScope): Promise<void> {
    await this.#all(createStaging(importId));
  }

  async land(
    { importId, allServices }: ImportScope,
    file: LandingFile,
    bytes: AsyncIterable<Uint8Array>,
    { signal, onRows }: LandingWatch,
  ): Promise<FileRows> {
    const { staged, skipped, landing } = stagingTables(importId);
    for (const table of [staged, skipped]) {
      await this.#store.command(`ALTER TABLE ${table} DROP PARTITION (${file.delivery}, ${file.number})`);
    }
    await this.#all(landingStatements(importId, file, allServices));
    const look = setInterval(() => {
      void this.#rowsOf(importId, file).then(
        ({ kept, skipped: left }) => onRows(kept + left),
        () => {},
      );
    }, LOOK_EVERY_MS);
    try {
      const statement = `INSERT INTO ${landing} (${landedNames(file)}) FORMAT ${file.encoding}`;
      await this.#store.upload(statement, Readable.from(bytes, { objectMode: false }), LANDING_SETTINGS, signal);
    } catch (error) {
      throw landingFault(error);
    } finally {
      clearInterval(look);
      await this.#all(dropLanding(importId)).catch(() => {});
    }
    return this.#rowsOf(importId, file);
  }

  skipped(importId: string): Promise<readonly SkippedProduct[]> {
    return this.#store.query({
      sql: `SELECT delivery, product, toFloat64(sum(s.rows)) AS rows, toString(sum(cost)) AS usd
        FROM ${stagingTables(importId).skipped} AS s GROUP BY delivery, product ORDER BY delivery, sum(cost) DESC, product`,
      params: {},
    });
  }

  sums(importId: string): Promise<readonly StagedSums[]> {
    return this.#store.query({
      sql: `SELECT delivery, ${PERIOD} AS period, groupUniqArray(3)(file_number) AS fileNumbers,
          toFloat64(count()) AS rows, toFloat64(countIf(unblended_cost IS NULL)) AS rowsWithoutCost,
          toFloat64(countIf(toUnixTimestamp(usage_start) = 0)) AS rowsWithoutTime,
          groupUniqArray(10)(payer_account_id) AS payers, groupUniqArray(10)(currency) AS currencies,
          toString(sum(s.cost)) AS usd,
          toString(sum(toDecimal256(toString(ifNull(unblended_cost, 0)), 40)) - toDecimal256(sum(s.cost), 40)) AS residueUsd,
          toString(sum(net_cost)) AS netUsd,
          toFloat64(toUnixTimestamp(min(usage_start))) * 1000 AS usageFromMs,
          toFloat64(toUnixTimestamp(max(usage_end))) * 1000 AS usageToMs
        FROM ${stagingTables(importId).staged} AS s GROUP BY delivery, s.period ORDER BY delivery, s.period`,
      params: {},
    });
  }

  duplicates(importId: string): Promise<readonly DuplicateLine[]> {
    return this.#store.query<DuplicateLine>({
      sql: `SELECT delivery, line_id AS lineId, groupUniqArray(3)(file_number) AS fileNumbers
        FROM ${stagingTables(importId).staged} WHERE line_id != '' GROUP BY delivery, line_id HAVING count() > 1
        ORDER BY delivery, line_id LIMIT ${SHOWN_DUPLICATES} ${SPILLED}`,
      params: {},
    });
  }

  async usage(importId: string): Promise<readonly StagedUsage[]> {
    const texts = Object.entries(USAGE_TEXTS).map(([name, column]) => `any(s.${column}) AS ${name}`);
    const rows = await this.#store.query<BilledUsageText & Omit<StagedUsage, 'text'>>({
      sql: `SELECT toString(usage_key) AS key, delivery, ${PERIOD} AS period, ${texts.join(', ')},
          toFloat64(count()) AS rows, toString(sum(s.cost)) AS usd
        FROM ${stagingTables(importId).staged} AS s GROUP BY usage_key, delivery, s.period
        ORDER BY sum(s.cost) DESC, key`,
      params: {},
    });
    return rows.map(({ key, delivery, period, rows: count, usd, ...text }) => {
      return { key, delivery, period, text, rows: count, usd };
    });
  }

  async understand(
    importId: string,
    usage: readonly { readonly key: string; readonly usage: BilledUsage }[],
  ): Promise<void> {
    const { usage: table } = stagingTables(importId);
    await this.#all([createStaging(importId).at(-1)!]);
    if (usage.length === 0) return;
    const lines = usage.map((one) => `${JSON.stringify(usageRow(one.key, one.usage))}\n`);
    await this.#store.upload(`INSERT INTO ${table} FORMAT JSONEachRow`, Readable.from(lines), { wait_end_of_query: 1 });
  }

  async profile(importId: string, delivery: number, period: string): Promise<ProfileRow> {
    const from = `${stagingTables(importId).staged} WHERE delivery = ${delivery} AND period = ${partitionOf(period)}`;
    const [row] = await this.#store.query<ProfileRow>({ sql: profileSql(from), params: {} });
    return row!;
  }

  async names(importId: string, delivery: number, period: string): Promise<PeriodNames> {
    const from = `${stagingTables(importId).staged} WHERE delivery = ${delivery} AND period = ${partitionOf(period)}`;
    const [tags, accounts] = await Promise.all([
      this.#store.query<{ key: string }>({
        sql: `SELECT DISTINCT arrayJoin(mapKeys(tags))::String AS key FROM ${from} ORDER BY key`,
        params: {},
      }),
      this.#store.query<{ id: string; name: string }>({
        sql: `SELECT account_id AS id, max(account_name)::String AS name FROM ${from}
          GROUP BY id HAVING name != '' ORDER BY id`,
        params: {},
      }),
    ]);
    return {
      tagKeys: tags.map(({ key }) => key),
      accountNames: Object.fromEntries(accounts.map(({ id, name }) => [id, name])),
    };
  }

  async publish(importId: string, { sourceId, period, delivery }: PublishedPeriod, signal: AbortSignal): Promise<void> {
    const { lines, days } = stagingTables(importId);
    const partition = partitionOf(period);
    await this.#all(createLines(importId));
    const settings = Object.entries(SETTINGS).map(([name, value]) => `${name} = ${value}`);
    signal.throwIfAborted();
    await this.#store.command(
      `${insertLines({ importId, delivery, sourceId, partition })} SETTINGS ${settings.join(', ')}`,
    );
    signal.throwIfAborted();
    await this.#store.command(`${sumBillByDay(lines, days)} SETTINGS ${settings.join(', ')}`);
    signal.throwIfAborted();
    await swapDelivery({ sourceId, partition }, { lines, days }, this.#store);
    await this.#all([`DROP TABLE IF EXISTS ${lines}`, `DROP TABLE IF EXISTS ${days}`]);
  }

  async close(importId: string): Promise<void> {
    await this.#all(dropLanding(importId));
    const { staged, skipped, usage, lines, days } = stagingTables(importId);
    await this.#all([staged, skipped, usage, lines, days].map((table) => `DROP TABLE IF EXISTS ${table}`));
  }

  async closeOthers(importIds: readonly string[]): Promise<void> {
    const tables = await this.#store.query<{ name: string }>({
      sql: "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'bill_import_')",
      params: {},
    });
    const found = new Set(tables.flatMap(({ name }) => STAGING_TABLE.exec(name)?.[1] ?? []));
    for (const importId of found) if (!importIds.includes(importId)) await this.close(importId);
  }

  async remove(sourceId: string, period: string): Promise<void> {
    await dropDelivery({ sourceId, partition: partitionOf(period) }, this.#store);
  }

  /** Counted from the partitions' sizes. */
  async #rowsOf(importId: string, { delivery, number }: LandingFile): Promise<FileRows> {
    const { staged, skipped } = stagingTables(importId);
    const ofFile = `delivery = ${delivery} AND file_number = ${number}`;
    const [found] = await this.#store.query<FileRows>({
      sql: `SELECT toFloat64((SELECT count() FROM ${staged} WHERE ${ofFile})) AS kept,
        toFloat64((SELECT sum(rows) FROM ${skipped} WHERE ${ofFile})) AS skipped`,
      params: {},
    });
    return found!;
  }

  async #all(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.#store.command(statement);
  }
}

function usageRow(key: string, usage: BilledUsage): Record<string, unknown> {
  return {
    usage_key: key,
    channel: usage.channel,
    record_type: usage.recordType,
    model_id: usage.modelId,
    usage_region: usage.region,
    route: usage.route,
    tier: usage.tier,
    context: usage.context,
    meter: usage.meter,
    is_batch: usage.isBatch ? 1 : 0,
    billed_operation: usage.operation,
    service: usage.service,
    seller: usage.billingEntity,
    pieces: usage.piecesPerUnit.toString(),
    is_recognised: usage.isRecognised ? 1 : 0,
  };
}

/** What the engine says of a file that it cannot read. Its own words may quote rows, so only what is known goes on. */
function landingFault(error: unknown): unknown {
  const text = error instanceof Error ? error.message : '';
  const column = new RegExp(`${UNREADABLE}(\\S+)`).exec(text)?.[1]?.replace(/[:'"].*$/, '');
  if (column !== undefined) {
    return new Fault('ValidationException', `column \`${column}\` holds a value that is no such thing`);
  }
  return error;
}
