// Reports against SQL that a person would write for the same question, on the same store in one run.
//
//   npm run bench:queries            (or: node bench/queries.ts [usage events])
//
// Default: 5,000,000 usage events of 2,000 principals over 90 days, kept as line items. `report` is the whole report path
// (validate, compile, run over HTTP, shape), or GetCostAndUsage from the bytes of a request to the bytes of its answer; `hand`
// is the same client and the SQL by hand. Quote the ratios. `npm run bench:queries -- 50000000` needs about 15 GB of disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { ChdbEngine } from '../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../src/adapters/clickhouse-cost-store.ts';
import type { CostAllocationTag } from '../src/allocation/cost-allocation-tag.ts';
import { DAY_MS } from '../src/kernel/time.ts';
import { report } from '../src/paths/report-path.ts';
import type { CostCatalog } from '../src/reports/cost-catalog.ts';
import type { LINE_ITEM_COLUMNS } from '../src/reports/cost-schema.ts';
import type { CostStore } from '../src/reports/cost-store.ts';
import type { ReportQuery } from '../src/reports/report-query.ts';
import { costAndUsage } from './queries/get-cost-and-usage.ts';

const DATABASE = 'tallyline';
const DAYS = 90;
/** About a million line items at a time: the days of an insert are as many as hold so many events, at least one. */
const EVENTS_PER_INSERT = 500_000;
const START_MS = Date.UTC(2026, 2, 1);
const MARCH_1 = '2026-03-01 00:00:00';
const MAY_30 = '2026-05-30 00:00:00';
const RUNS = 21;
const AT_ONCE = 4;
/** Not counted: they fill the caches of the file system. */
const WARM_UP_RUNS = 2;

/** Active since before the data, as a tag that has been in use for long. */
const TEAM: CostAllocationTag = {
  key: 'iamPrincipal/team',
  status: 'Active',
  lastUsedAtMs: START_MS,
  discoveredAtMs: START_MS,
  activeIntervals: [{ fromMs: START_MS - DAY_MS }],
};

/** Switched on in the middle of the data, between two buckets. */
const NEW_TEAM: CostAllocationTag = { ...TEAM, activeIntervals: [{ fromMs: START_MS + 45 * DAY_MS + 1_234_567 }] };

interface Question {
  readonly name: string;
  readonly query: ReportQuery;
  readonly tag: CostAllocationTag;
  readonly sql: string;
}

interface WireQuestion extends Pick<Question, 'name' | 'sql'> {
  readonly input: object;
}

const APRIL = { startMs: Date.UTC(2026, 3, 1), endMs: Date.UTC(2026, 4, 1) };
const WHOLE = { startMs: START_MS, endMs: START_MS + DAYS * DAY_MS };
const IN_APRIL = "bucket_start >= '2026-04-01 00:00:00' AND bucket_start < '2026-05-01 00:00:00'";
const IN_WHOLE = `bucket_start >= '${MARCH_1}' AND bucket_start < '${MAY_30}'`;
const ALL_SUMS =
  'sum(cost) AS cost_, sum(net_cost) AS net, sum(list_cost) AS list, sum(quantity) AS tokens, sum(requests) AS calls, sumIf(quantity, is_unpriced) AS unpriced';

const QUESTIONS: readonly Question[] = [
  {
    name: 'month by principal, cost',
    query: { range: APRIL, granularity: 'TOTAL', groupBy: [{ dimension: 'principal' }], measures: ['cost'] },
    tag: TEAM,
    sql: `SELECT principal_arn, sum(cost) AS cost_ FROM line_item WHERE ${IN_APRIL}
GROUP BY principal_arn ORDER BY principal_arn`,
  },
  {
    name: 'month by principal, all measures',
    query: { range: APRIL, granularity: 'TOTAL', groupBy: [{ dimension: 'principal' }] },
    tag: TEAM,
    sql: `SELECT principal_arn, ${ALL_SUMS} FROM line_item WHERE ${IN_APRIL}
GROUP BY principal_arn ORDER BY principal_arn`,
  },
  {
    name: 'team x day over 90 days, cost',
    query: { range: WHOLE, granularity: 'DAILY', groupBy: [{ tag: TEAM.key }], measures: ['cost'] },
    tag: TEAM,
    sql: `SELECT toDate(bucket_start) AS day, principal_tags['team'] AS team, sum(cost) AS cost_ FROM line_item
WHERE ${IN_WHOLE} GROUP BY day, team ORDER BY day, team`,
  },
  {
    name: 'team x day over 90 days, all measures',
    query: { range: WHOLE, granularity: 'DAILY', groupBy: [{ tag: TEAM.key }] },
    tag: TEAM,
    sql: `SELECT toDate(bucket_start) AS day, principal_tags['team'] AS team, ${ALL_SUMS} FROM line_item
WHERE ${IN_WHOLE} GROUP BY day, team ORDER BY day, team`,
  },
  {
    name: 'team x day in Berlin',
    query: {
      ...{ range: WHOLE, granularity: 'DAILY', timeZone: 'Europe/Berlin', groupBy: [{ tag: TEAM.key }] },
      measures: ['cost'],
    },
    tag: TEAM,
    sql: `SELECT toDate(bucket_start, 'Europe/Berlin') AS day, principal_tags['team'] AS team, sum(cost) AS cost_
FROM line_item WHERE ${IN_WHOLE} GROUP BY day, team ORDER BY day, team`,
  },
  {
    name: 'team x day, tag active from day 45',
    query: { range: WHOLE, granularity: 'DAILY', groupBy: [{ tag: TEAM.key }], measures: ['cost'] },
    tag: NEW_TEAM,
    sql: `SELECT toDate(bucket_start) AS day,
  if(slice_start >= fromUnixTimestamp64Milli(${NEW_TEAM.activeIntervals[0]!.fromMs}), principal_tags['team'], '') AS team,
  sum(cost) AS cost_ FROM line_item WHERE ${IN_WHOLE} GROUP BY day, team ORDER BY day, team`,
  },
  {
    name: 'top 10 principals and the rest x day',
    query: { range: WHOLE, granularity: 'DAILY', groupBy: [{ dimension: 'principal' }], topN: 10, measures: ['cost'] },
    tag: TEAM,
    sql: `WITH top AS (SELECT principal_arn FROM line_item WHERE ${IN_WHOLE}
  GROUP BY principal_arn ORDER BY sum(cost) DESC, principal_arn LIMIT 10)
SELECT toDate(bucket_start) AS day, if(principal_arn IN top, toString(principal_arn), 'other') AS principal,
  sum(cost) AS cost_ FROM line_item WHERE ${IN_WHOLE} GROUP BY day, principal ORDER BY day, principal`,
  },
];

const WIRE_PERIOD = { TimePeriod: { Start: '2026-03-01', End: '2026-05-30' }, Metrics: ['UnblendedCost'] };
const BY_PRINCIPAL = { GroupBy: [{ Type: 'DIMENSION', Key: 'IAM_PRINCIPAL' }] };

/** Ninety days through the wire. By principal one page: its 5,000 groups, which the SQL by hand is limited to as well. */
const WIRE_QUESTIONS: readonly WireQuestion[] = [
  {
    name: 'GetCostAndUsage, team x day',
    input: { ...WIRE_PERIOD, Granularity: 'DAILY', GroupBy: [{ Type: 'TAG', Key: TEAM.key }] },
    sql: `SELECT toDate(bucket_start) AS day, principal_tags['team'] AS team, sum(cost) AS cost_ FROM line_item
WHERE ${IN_WHOLE} GROUP BY day, team ORDER BY day, team`,
  },
  {
    name: 'GetCostAndUsage, principal x month',
    input: { ...WIRE_PERIOD, Granularity: 'MONTHLY', ...BY_PRINCIPAL },
    sql: `SELECT toStartOfMonth(bucket_start) AS month, principal_arn, sum(cost) AS cost_ FROM line_item
WHERE ${IN_WHOLE} GROUP BY month, principal_arn ORDER BY month, principal_arn LIMIT 5001`,
  },
];

/** In the order of the SELECT; the others are empty for usage of this kind. */
const FILLED_COLUMNS: readonly (keyof typeof LINE_ITEM_COLUMNS)[] = [
  ...(['line_item_key', 'bucket_start', 'slice_start', 'account_id', 'principal_arn', 'principal_tags'] as const),
  ...(['model_id', 'resource_arn', 'region', 'route', 'tier', 'context', 'operation', 'upstream', 'meter'] as const),
  ...(['usage_type', 'product_code', 'service', 'billing_entity', 'pricing_unit', 'record_type', 'price'] as const),
  ...(['price_id', 'is_unpriced', 'is_estimated', 'quantity', 'requests', 'cost', 'list_cost', 'net_cost'] as const),
];

/**
 * Line items of some days' usage events, summed as the cost path sums them. A call has input and output; every second one
 * reads from the cache. Principals come by the square of a uniform number: few make most calls.
 */
function insertDays(firstDay: number, days: number, eventsPerDay: number): string {
  return `INSERT INTO line_item (${FILLED_COLUMNS.join(', ')})
SELECT
  cityHash64(bucket, person, model_number, meter_number, is_streamed) AS line_item_key,
  bucket AS bucket_start,
  bucket AS slice_start,
  toString(111111111111 + person % 5) AS account_id,
  concat('arn:aws:sts::', account_id, ':assumed-role/Role-', toString(person % 50), '/user-', toString(person)) AS principal_arn,
  map('cost-center', toString(person % 40), 'project', concat('project-', toString(person % 100)),
    'team', concat('team-', toString(person % 25))) AS principal_tags,
  concat('vendor.model-', toString(model_number)) AS model_id,
  concat('arn:aws:bedrock:us-east-1::foundation-model/', model_id) AS resource_arn,
  ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-1'][1 + person % 4] AS region,
  'in_region' AS route, 'standard' AS tier, 'default' AS context,
  if(is_streamed, 'ConverseStream', 'Converse') AS operation,
  'simulated' AS upstream,
  ['input', 'output', 'cache_read'][meter_number] AS meter,
  concat('USE1-', model_id, '-', meter) AS usage_type,
  'AmazonBedrockService' AS product_code,
  'Amazon Bedrock Service' AS service, 'AWS' AS billing_entity, '1K tokens' AS pricing_unit, 'Usage' AS record_type,
  toDecimal128([0.0000033, 0.0000165, 0.00000033][meter_number], 12) AS price,
  usage_type AS price_id,
  model_number = 29 AS is_unpriced,
  0 AS is_estimated,
  tokens AS quantity,
  calls AS requests,
  if(is_unpriced, toDecimal128(0, 12), price * toInt64(tokens)) AS cost, cost AS list_cost, cost AS net_cost
FROM (
  WITH
    cityHash64(number) AS dice,
    intDiv(dice, 1000003) % 2000 AS uniform,
    toDateTime('${MARCH_1}', 'UTC') + (${firstDay} + number % ${days}) * 86400 + dice % 86400 AS at
  SELECT
    toStartOfFifteenMinutes(at) AS bucket,
    intDiv(uniform * uniform, 2000) AS person,
    (person + (intDiv(dice, 7919) % 3 = 0)) % 30 AS model_number,
    dice % 4 < 2 AS is_streamed,
    arrayJoin(if(dice % 2 = 0, [1, 2, 3], [1, 2])) AS meter_number,
    sum(intDiv(dice, 104729) % [4000, 800, 20000][meter_number] + 1) AS tokens,
    countIf(meter_number = 1) AS calls
  FROM numbers(${firstDay * eventsPerDay}, ${days * eventsPerDay})
  GROUP BY bucket, person, model_number, is_streamed, meter_number
)`;
}

async function fill(engine: ChdbEngine, events: number): Promise<string> {
  const { url, username, password } = await engine.connection();
  const client = createClient({ url, username, password, database: DATABASE });
  const eventsPerDay = Math.ceil(events / DAYS);
  const daysPerInsert = Math.max(1, Math.floor(EVENTS_PER_INSERT / eventsPerDay));
  for (let day = 0; day < DAYS; day += daysPerInsert) {
    await client.command({ query: insertDays(day, Math.min(daysPerInsert, DAYS - day), eventsPerDay) });
  }
  const sizes = await client.query({
    query: `SELECT count() AS lines, sum(requests) AS events FROM line_item`,
    format: 'JSONEachRow',
  });
  const [size] = await sizes.json<{ lines: string; events: string }>();
  await client.close();
  return `${size!.events} usage events in ${size!.lines} line items`;
}

interface Times {
  readonly ours: readonly number[];
  readonly hand: readonly number[];
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await run();
  return performance.now() - from;
}

/** Runs both in turn, so that whatever else the machine does hits both. */
async function inTurn(ours: () => Promise<unknown>, hand: () => Promise<unknown>, runs = RUNS): Promise<Times> {
  const times = { ours: [] as number[], hand: [] as number[] };
  for (let run = 0; run < runs + WARM_UP_RUNS; run += 1) {
    const [mine, theirs] = [await timed(ours), await timed(hand)];
    if (run < WARM_UP_RUNS) continue;
    times.ours.push(mine);
    times.hand.push(theirs);
  }
  return times;
}

function catalogOf(tag: CostAllocationTag): CostCatalog {
  return { tags: new Map([[tag.key, tag]]), categories: new Map(), accountNames: new Map(), models: new Map() };
}

async function compare(store: CostStore, { query, tag, sql }: Question): Promise<Times> {
  const deps = { store, costCatalog: () => catalogOf(tag) };
  const hand = () => store.query<Record<string, unknown>>({ sql, params: {} });
  const [rows, byHand] = [await report(query, deps), await hand()];
  if (rows.length !== byHand.length) throw new Error(`${rows.length} rows against ${byHand.length} by hand`);
  return inTurn(() => report(query, deps), hand);
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
}

function line(name: string, { ours, hand }: Times): string {
  const numbers = [0.5, 0.95].flatMap((share) => [percentile(ours, share), percentile(hand, share)]);
  const cells = numbers.map((ms) => ms.toFixed(1).padStart(10));
  return `${name.padEnd(42)}${cells.join('')}${(numbers[0]! / numbers[1]!).toFixed(2).padStart(8)}`;
}

const events = Number(process.argv[2] ?? 5_000_000);
const folder = mkdtempSync(join(tmpdir(), 'tallyline-bench-'));
const engine = await ChdbEngine.start({ folder: join(folder, 'engine') });
const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: DATABASE });
try {
  await store.prepare();
  console.log(await fill(engine, events));
  const heads = ['report p50', 'hand p50', 'report p95', 'hand p95'].map((head) => head.padStart(10));
  console.log(`${`${RUNS} runs, milliseconds`.padEnd(42)}${heads.join('')}${'ratio'.padStart(8)}`);
  for (const question of QUESTIONS) console.log(line(question.name, await compare(store, question)));
  const ask = costAndUsage(store, catalogOf(TEAM), WHOLE.endMs);
  for (const { name, input, sql } of WIRE_QUESTIONS) {
    const hand = () => store.query<Record<string, unknown>>({ sql, params: {} });
    const four = (run: () => Promise<unknown>) => () => Promise.all(Array.from({ length: AT_ONCE }, run));
    const ours = () => ask(input);
    console.log(line(name, await inTurn(ours, hand)));
    console.log(line(`${name}, ${AT_ONCE} at once`, await inTurn(four(ours), four(hand), Math.ceil(RUNS / 2))));
  }
} finally {
  await store.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
