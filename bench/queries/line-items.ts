import type { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { DAY_ITEM_TABLE, type LINE_ITEM_COLUMNS, LINE_ITEM_TABLE } from '../../src/reports/cost-schema.ts';
import { fillerOf } from './filler.ts';
import { progress } from './progress.ts';

export const DAYS = 90;
export const START_MS = Date.UTC(2026, 2, 1);
const MARCH_1 = '2026-03-01 00:00:00';
/** About half a million line items at a time: the days of an insert are as many as hold so many events, at least one. */
const EVENTS_PER_INSERT = 200_000;

/** In the order of the SELECT; the others are empty for usage of this kind. */
const FILLED_COLUMNS: readonly (keyof typeof LINE_ITEM_COLUMNS)[] = [
  ...(['line_item_key', 'bucket_start', 'slice_start', 'account_id', 'principal_arn', 'principal_tags'] as const),
  ...(['model_id', 'resource_arn', 'region', 'route', 'tier', 'context', 'operation', 'upstream', 'meter'] as const),
  ...(['usage_type', 'product_code', 'service', 'billing_entity', 'pricing_unit', 'record_type', 'price'] as const),
  ...(['price_id', 'is_unpriced', 'is_estimated', 'quantity', 'requests', 'cost', 'list_cost', 'net_cost'] as const),
];

/** What the sums by day do not tell. */
const OF_LINES_ALONE: readonly string[] = ['line_item_key', 'price', 'price_id'] satisfies typeof FILLED_COLUMNS;

/** Days that are filled at once, and of how many calls each. */
interface Stretch {
  readonly firstDay: number;
  readonly days: number;
  readonly eventsPerDay: number;
}

/** Line items and their sums by day, of the same calls: no merge has to add anything up. */
function insertDays(stretch: Stretch): string[] {
  const ofDays = FILLED_COLUMNS.filter((name) => !OF_LINES_ALONE.includes(name));
  return [
    `INSERT INTO ${LINE_ITEM_TABLE} (${FILLED_COLUMNS.join(', ')})\n${linesOf(stretch, 'toStartOfFifteenMinutes(at)')}`,
    `INSERT INTO ${DAY_ITEM_TABLE} (day_item_key, ${ofDays.join(', ')})
SELECT line_item_key, ${ofDays.join(', ')} FROM (\n${linesOf(stretch, 'toStartOfDay(at)')})`,
  ];
}

/**
 * Line items of some days' usage events, summed as the cost path sums them. A call has input and output; every second one
 * reads from the cache. Principals come by the square of a uniform number: few make most calls.
 */
function linesOf({ firstDay, days, eventsPerDay }: Stretch, bucket: string): string {
  return `SELECT
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
    ${bucket} AS bucket,
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

/** Fills the tables of line items; answers with how much there is. */
export async function fillLineItems(engine: ChdbEngine, database: string, events: number): Promise<string> {
  await using filler = await fillerOf(engine, database, [LINE_ITEM_TABLE, DAY_ITEM_TABLE]);
  const eventsPerDay = Math.ceil(events / DAYS);
  const daysPerInsert = Math.max(1, Math.floor(EVENTS_PER_INSERT / eventsPerDay));
  const say = progress('line items', DAYS, 'days');
  for (let firstDay = 0; firstDay < DAYS; firstDay += daysPerInsert) {
    const days = Math.min(daysPerInsert, DAYS - firstDay);
    for (const statement of insertDays({ firstDay, days, eventsPerDay })) await filler.insert(statement);
    say(firstDay + days);
  }
  const size = await filler.row<{ lines: string; events: string; days: string }>(
    'SELECT count() AS lines, sum(requests) AS events, (SELECT count() FROM line_item_day) AS days FROM line_item',
  );
  return `${size.events} usage events in ${size.lines} line items, ${size.days} by day`;
}
