// Deliveries of a billing period against the engine's own INTO OUTFILE of the very same SELECT, in one run.
//
//   npm run bench:exports            (or: node bench/exports.ts [line items ...])
//
// Default: 1,000,000 and then 5,000,000 line items of one month and 2,000 principals. `ours` is a whole delivery as in a
// server: chunks, queries, files in a folder, manifest. `engine` is one query over the whole month, which the same engine
// writes into a file by itself, with the same settings. Both wait for the disk. Quote the ratios. Memory is the most that a
// process had resident during its step, in MiB. BENCH_ROUNDS (default 3) is the number of rounds, of which the median counts.
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { ChdbEngine } from '../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../src/adapters/clickhouse-cost-store.ts';
import { FolderObjectStore } from '../src/adapters/folder-object-store.ts';
import type { CompiledQuery, CostStore } from '../src/reports/cost-store.ts';
import { deliverExport } from '../src/reports/export-delivery.ts';
import { columnsOf, configureTable } from '../src/reports/export-table.ts';
import { exportTable } from '../src/reports/export-tables.ts';
import { CSV, definition, PAYER } from '../test/cur/exporter.ts';
import { shippedBook } from '../test/rating/shipped-prices.ts';
import { NO_CATALOG } from '../test/reports/report-store.ts';

const DATABASE = 'tallyline';
const LINE_ITEMS_PER_INSERT = 1_000_000;
const LINE_ITEMS_PER_FILE = Number(process.env.BENCH_LINE_ITEMS_PER_FILE ?? 250_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
/** Within May, so that the month of the data is the only one. */
const NOW_MS = Date.UTC(2026, 4, 31);

const PROPERTIES = { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE', INCLUDE_RESOURCES: 'TRUE' };
const CUR = exportTable('COST_AND_USAGE_REPORT')!;
const ALL_COLUMNS = columnsOf(CUR, configureTable(CUR, PROPERTIES)).map(({ name }) => name);
const USUAL_COLUMNS = [
  ...['bill_billing_period_start_date', 'line_item_usage_start_date', 'line_item_usage_end_date'],
  ...['line_item_usage_account_id', 'line_item_iam_principal', 'line_item_product_code', 'line_item_usage_type'],
  ...['line_item_operation', 'line_item_resource_id', 'line_item_usage_amount', 'pricing_unit'],
  ...['line_item_unblended_rate', 'line_item_unblended_cost', 'line_item_line_item_description', 'product', 'tags'],
];

interface Subject {
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: object;
  /** For the engine's file. */
  readonly outfile: string;
}

const PARQUET = { target: {}, outfile: "COMPRESSION 'none' FORMAT Parquet" };
const GZIP_CSV = { target: CSV, outfile: "COMPRESSION 'gzip' LEVEL 3 FORMAT CSVWithNames" };
const SUBJECTS: readonly Subject[] = [
  { name: `Parquet, ${USUAL_COLUMNS.length} columns`, columns: USUAL_COLUMNS, ...PARQUET },
  { name: `gzip CSV, ${USUAL_COLUMNS.length} columns`, columns: USUAL_COLUMNS, ...GZIP_CSV },
  { name: `Parquet, ${ALL_COLUMNS.length} columns`, columns: ALL_COLUMNS, ...PARQUET },
  { name: `gzip CSV, ${ALL_COLUMNS.length} columns`, columns: ALL_COLUMNS, ...GZIP_CSV },
];

interface Cost {
  readonly ms: number;
  /** Processor time of both processes. */
  readonly cpuMs: number;
  readonly bytes: number;
  readonly ourMiB: number;
  readonly engineMiB: number;
}

const TAGS = new Map(
  ['team', 'project', 'cost-center'].map((name) => {
    const key = `iamPrincipal/${name}`;
    const always = { activeIntervals: [{ fromMs: 0 }], lastUsedAtMs: 0, discoveredAtMs: 0 };
    return [key, { key, status: 'Active' as const, ...always }];
  }),
);

/** One of `count` line items of the month: which hour, who, which model, what. Few people make most calls. */
function insertLineItems(from: number, count: number): string {
  return `INSERT INTO line_item (line_item_key, bucket_start, slice_start, account_id, principal_arn, principal_tags,
  record_type, model_id, resource_arn, region, route, tier, context, operation, upstream, meter, usage_type, product_code,
  service, billing_entity, pricing_unit, price, list_price, net_price, price_id, quantity, requests, cost, list_cost, net_cost)
SELECT
  number AS line_item_key,
  toDateTime('2026-05-01 00:00:00', 'UTC') + (dice % 2976) * 900 AS bucket_start,
  bucket_start AS slice_start,
  toString(111111111111 + person % 5) AS account_id,
  concat('arn:aws:sts::', account_id, ':assumed-role/Role-', toString(person % 50), '/user-', toString(person)) AS principal_arn,
  map('cost-center', toString(person % 40), 'project', concat('project-', toString(person % 100)),
    'team', concat('team-', toString(person % 25))) AS principal_tags,
  'Usage' AS record_type,
  concat('vendor.model-', toString((person + intDiv(dice, 7919)) % 30)) AS model_id,
  concat('arn:aws:bedrock:us-east-1::foundation-model/', model_id) AS resource_arn,
  ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-1'][1 + person % 4] AS region,
  'in_region' AS route, 'standard' AS tier, 'default' AS context,
  if(intDiv(dice, 31) % 2 = 0, 'ConverseStream', 'Converse') AS operation,
  'simulated' AS upstream,
  ['input', 'output', 'cache_read'][meter_number] AS meter,
  concat('USE1-', model_id, '-', meter, '-tokens') AS usage_type,
  'AmazonBedrockService' AS product_code, 'Amazon Bedrock Service' AS service, 'AWS' AS billing_entity,
  '1K tokens' AS pricing_unit,
  toDecimal128([0.0000033, 0.0000165, 0.00000033][meter_number], 12) AS price, price AS list_price, price AS net_price,
  usage_type AS price_id,
  intDiv(dice, 104729) % 20000 + 1 AS quantity,
  1 AS requests,
  price * toInt64(quantity) AS cost, cost AS list_cost, cost AS net_cost
FROM (
  SELECT
    number,
    cityHash64(number) AS dice,
    intDiv(dice, 1000003) % 2000 AS uniform,
    intDiv(uniform * uniform, 2000) AS person,
    1 + intDiv(dice, 499) % 3 AS meter_number
  FROM numbers(${from}, ${count})
)`;
}

const bill = {
  ...NO_CATALOG,
  payerAccountId: PAYER,
  tags: TAGS,
  modelOf: shippedBook().model.bind(shippedBook()),
  chargeOf: () => undefined,
  invoiceIdOf: () => '',
};
const folder = mkdtempSync(join(tmpdir(), 'tallyline-bench-'));
const engine = await ChdbEngine.start({ folder: join(folder, 'engine') });
const limits = { streamTimeoutMs: 3_600_000, queryTimeoutMs: 3_600_000 };
const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: DATABASE, limits });
const destination = new FolderObjectStore(join(folder, 'exports'));
const client = createClient({ ...(await engine.connection()), database: DATABASE, request_timeout: 3_600_000 });
try {
  await store.prepare();
  let stored = 0;
  for (const lineItems of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000_000, 5_000_000]) {
    for (; stored < lineItems; stored += Math.min(LINE_ITEMS_PER_INSERT, lineItems - stored)) {
      await client.command({ query: insertLineItems(stored, Math.min(LINE_ITEMS_PER_INSERT, lineItems - stored)) });
    }
    console.log(`${lineItems} line items, files of at most ${LINE_ITEMS_PER_FILE}`);
    console.log(
      `${''.padEnd(26)}  ours s  engine s  ratio ours CPU s engine CPU s   ours MB  engine MB   ours MiB: here, engine   engine MiB`,
    );
    for (const subject of SUBJECTS) await compare(subject);
  }
} finally {
  await client.close();
  await store.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Runs both in turn, so that whatever else the machine does hits both. */
async function compare(subject: Subject): Promise<void> {
  const query = await wholeQuery(subject);
  const ours: Cost[] = [];
  const engines: Cost[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await measured(() => deliver(subject, store, LINE_ITEMS_PER_FILE)));
    engines.push(await measured(() => intoOutfile(subject, query)));
  }
  const [a, b] = [median(ours), median(engines)];
  console.log(
    [
      subject.name.padEnd(26),
      (a.ms / 1_000).toFixed(1).padStart(7),
      (b.ms / 1_000).toFixed(1).padStart(9),
      (a.ms / b.ms).toFixed(2).padStart(6),
      (a.cpuMs / 1_000).toFixed(1).padStart(10),
      (b.cpuMs / 1_000).toFixed(1).padStart(12),
      (a.bytes / 1e6).toFixed(1).padStart(9),
      (b.bytes / 1e6).toFixed(1).padStart(10),
      `${a.ourMiB.toFixed(0)}, ${a.engineMiB.toFixed(0)}`.padStart(24),
      b.engineMiB.toFixed(0).padStart(12),
    ].join(' '),
  );
}

/** A delivery as a server makes it. Answers the bytes that it wrote. */
async function deliver(subject: Subject, from: CostStore, lineItemsPerFile: number): Promise<number> {
  const sql = `SELECT ${subject.columns.join(', ')} FROM ${CUR.name}`;
  const files = await deliverExport({
    store: from,
    destination,
    record: {
      definition: definition('bench', sql, PROPERTIES, subject.target),
      ...{ arn: 'arn:bench', accountId: PAYER, table: CUR.name, createdAtMs: 0, updatedAtMs: 0, tags: [] },
    },
    bill,
    lineItemsPerFile,
    executionId: '00000000-0000-4000-8000-000000000000',
    startedAtMs: NOW_MS,
    signal: new AbortController().signal,
    delivered: new Map(),
    isAsked: true,
    onWrite: async () => {},
    onDelivered: async () => {},
  });
  return files.reduce((sum, uri) => sum + statSync(join(folder, 'exports', uri.replace('s3://', ''))).size, 0);
}

/** What a delivery of the month in one file would ask. */
async function wholeQuery(subject: Subject): Promise<CompiledQuery> {
  let asked: CompiledQuery | undefined;
  const listening = Object.create(store, {
    query: { value: store.query.bind(store) },
    stream: {
      value: async function* (query: CompiledQuery) {
        asked = query;
        yield* [];
      },
    },
  }) as CostStore;
  await deliver(subject, listening, Number.MAX_SAFE_INTEGER);
  return asked!;
}

async function intoOutfile({ outfile }: Subject, { sql, params }: CompiledQuery): Promise<number> {
  const file = join(folder, 'outfile');
  rmSync(file, { force: true });
  // Not held to the store's 1 GiB: 5 million line items in one query need more (measured 2026-11).
  const limit = { max_memory_usage: `${2 ** 33}`, wait_end_of_query: 1 } as const;
  await client.command({
    query: `${sql}\nINTO OUTFILE '${file}' ${outfile}`,
    query_params: { ...params },
    clickhouse_settings: limit,
  });
  const handle = openSync(file, 'r');
  fsyncSync(handle);
  closeSync(handle);
  return statSync(file).size;
}

async function measured(work: () => Promise<number>): Promise<Cost> {
  for (const pid of [process.pid, engine.pid]) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const [fromMs, fromCpuMs] = [performance.now(), cpuMs()];
  const bytes = await work();
  return {
    ms: performance.now() - fromMs,
    cpuMs: cpuMs() - fromCpuMs,
    bytes,
    ourMiB: peakMiB(process.pid),
    engineMiB: peakMiB(engine.pid),
  };
}

/** User and system time; the kernel counts the engine's in ticks of 10 ms. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync(`/proc/${engine.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (user + system) / 1_000 + (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Most memory that a process had since it was last asked to forget; Linux only. */
function peakMiB(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

function median(costs: readonly Cost[]): Cost {
  return costs.toSorted((a, b) => a.ms - b.ms)[Math.floor(costs.length / 2)]!;
}
