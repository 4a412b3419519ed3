import type { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { USAGE_EVENT_TABLE } from '../../src/reports/cost-schema.ts';
import { fillerOf } from './filler.ts';
import { DAYS } from './line-items.ts';
import { progress } from './progress.ts';

const EVENTS_PER_INSERT = 2_000_000;

/** The calls that `fillLineItems` sums, one row each, of the same dice. */
function insertCalls(firstDay: number, days: number, eventsPerDay: number): string {
  return `INSERT INTO usage_event (request_id, admitted_at, ended_at, account_id, principal_arn, principal_tags, operation, requested_model_id,
  model_id, resource_arn, region, route, tier, upstream, status, input_tokens, output_tokens, cache_read_input_tokens)
WITH
  cityHash64(number) AS dice,
  intDiv(dice, 1000003) % 2000 AS uniform,
  toDateTime('2026-03-01 00:00:00', 'UTC') + (${firstDay} + number % ${days}) * 86400 + dice % 86400 AS at,
  intDiv(uniform * uniform, 2000) AS person,
  toString(111111111111 + person % 5) AS account
SELECT generateUUIDv4(), toDateTime64(at, 3, 'UTC'), toDateTime64(at + 2, 3, 'UTC'), account,
  concat('arn:aws:sts::', account, ':assumed-role/Role-', toString(person % 50), '/user-', toString(person)),
  map('cost-center', toString(person % 40), 'project', concat('project-', toString(person % 100)), 'team', concat('team-', toString(person % 25))),
  if(dice % 4 < 2, 'ConverseStream', 'Converse'), concat('vendor.model-', toString((person + (intDiv(dice, 7919) % 3 = 0)) % 30)) AS model,
  model, concat('arn:aws:bedrock:us-east-1::foundation-model/', model), ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-1'][1 + person % 4],
  'in_region', 'standard', 'simulated', 'completed', intDiv(dice, 104729) % 4000 + 1, intDiv(dice, 104729) % 800 + 1,
  if(dice % 2 = 0, intDiv(dice, 104729) % 20000 + 1, NULL)
FROM numbers(${firstDay * eventsPerDay}, ${days * eventsPerDay})`;
}

/** Fills the table of calls. */
export async function fillUsageEvents(engine: ChdbEngine, database: string, events: number): Promise<void> {
  await using filler = await fillerOf(engine, database, [USAGE_EVENT_TABLE]);
  const eventsPerDay = Math.ceil(events / DAYS);
  const daysPerInsert = Math.max(1, Math.floor(EVENTS_PER_INSERT / eventsPerDay));
  const say = progress('calls', DAYS, 'days');
  for (let day = 0; day < DAYS; day += daysPerInsert) {
    const days = Math.min(daysPerInsert, DAYS - day);
    await filler.insert(insertCalls(day, days, eventsPerDay));
    say(day + days);
  }
}
