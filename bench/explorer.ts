// What the console's Explorer asks, against SQL that a person would write for the same numbers, on the same store in one run.
//
//   npm run bench:explorer           (or: node bench/explorer.ts [usage events])
//
// Default: 5,000,000 usage events of 2,000 principals over 90 days. `report` is GetReport from its input to its rows, with the
// sums that the Explorer shows beside each other; `hand` the same client and SQL by hand over the line items. The floor of the
// console is 500 ms from a change to what is painted, so p95 has to stay well below that.

import { readFileSync } from 'node:fs';
import type { CostAllocationTag } from '../src/allocation/cost-allocation-tag.ts';
import type { Caller } from '../src/identity/principal.ts';
import { ClientPresence } from '../src/kernel/client-presence.ts';
import { DAY_MS, HOUR_MS } from '../src/kernel/time.ts';
import type { OperationCall } from '../src/paths/operation-handler.ts';
import type { CostCatalog } from '../src/reports/cost-catalog.ts';
import type { CostStore } from '../src/reports/cost-store.ts';
import { reportOperations } from '../src/services/tallyline/report.ts';
import { openFilledStore } from './queries/filled-store.ts';
import { DAYS, START_MS } from './queries/line-items.ts';
import { inTurn, percentile } from './queries/timing.ts';

/** Of Linux's clock for processes. */
const MS_PER_TICK = 10;
const RUNS = Number(process.env.BENCH_RUNS ?? 21);
const ACCOUNT = '111111111111';
const END_MS = START_MS + DAYS * DAY_MS;
const TEAM: CostAllocationTag = {
  ...{ key: 'iamPrincipal/team', status: 'Active', lastUsedAtMs: START_MS, discoveredAtMs: START_MS },
  activeIntervals: [{ fromMs: START_MS - DAY_MS }],
};
/** Switched on in the middle of a day. */
const PROJECT: CostAllocationTag = {
  ...TEAM,
  ...{ key: 'iamPrincipal/project', activeIntervals: [{ fromMs: START_MS + 45 * DAY_MS + 1_234_567 }] },
};

/** What the Explorer draws and lists. */
const MEASURES = ['COST', 'REQUESTS', 'INPUT_TOKENS', 'OUTPUT_TOKENS', 'CACHE_READ_TOKENS', 'CACHE_WRITE_TOKENS'];
const SUMS = `sum(cost) AS cost_, sum(requests) AS calls, sumIf(quantity, meter = 'input') AS input,
  sumIf(quantity, meter = 'output') AS output, sumIf(quantity, meter = 'cache_read') AS cache_read`;

const key = (dimension: string) => ({ Type: 'DIMENSION', Key: dimension });
const tag = (name: string) => ({ Type: 'TAG', Key: name });

interface Question {
  readonly name: string;
  readonly days: number;
  readonly input: object;
  /** Of the same numbers. */
  readonly sql: string;
}

/** The last days of the data. */
function range(days: number) {
  return { Start: new Date(END_MS - days * DAY_MS), End: new Date(END_MS), Measures: MEASURES };
}

function byHand(days: number, keys: string, { where = '1', bucket = 'toDate(bucket_start)' } = {}): string {
  return `SELECT ${bucket} AS bucket, ${keys}, ${SUMS} FROM line_item
WHERE bucket_start >= ${(END_MS - days * DAY_MS) / 1_000} AND bucket_start < ${END_MS / 1_000} AND ${where}
GROUP BY ALL ORDER BY ALL`;
}

/** By hand, with a second look for who is on top. */
function topByHand(days: number, column: string): string {
  const within = `bucket_start >= ${(END_MS - days * DAY_MS) / 1_000} AND bucket_start < ${END_MS / 1_000}`;
  return `WITH top AS (SELECT ${column} FROM line_item WHERE ${within} GROUP BY ${column} ORDER BY sum(cost) DESC LIMIT 10)
SELECT toDate(bucket_start) AS bucket, if(${column} IN top, toString(${column}), 'other') AS shown, ${SUMS}
FROM line_item WHERE ${within} GROUP BY ALL ORDER BY ALL`;
}

const PERSON = "extract(principal_arn, '[^/:]+$')";
const DAILY = { Granularity: 'DAILY' };
const TOP = { ...DAILY, TopN: 10 };
const IN_FILTER = { and: [{ key: { dimension: 'region' }, equalsAny: ['us-east-1', 'eu-west-1'] }] };
const OF_A_TEAM = { key: { tag: TEAM.key }, equalsAny: ['team-3', 'team-7'] };
const IS_OF_A_TEAM = "principal_tags['team'] IN ('team-3', 'team-7')";

const QUESTIONS: readonly Question[] = [30, 90].flatMap((days): Question[] => [
  { name: 'total by day', days, input: { ...DAILY }, sql: byHand(days, "''") },
  { name: 'model x day', days, input: { ...TOP, GroupBy: [key('model')] }, sql: topByHand(days, 'model_id') },
  {
    name: 'principal x day',
    days,
    input: { ...TOP, GroupBy: [key('principal')] },
    sql: topByHand(days, 'principal_arn'),
  },
  { name: 'person x day', days, input: { ...TOP, GroupBy: [key('person')] }, sql: topByHand(days, PERSON) },
  {
    name: 'team x day',
    days,
    input: { ...TOP, GroupBy: [tag(TEAM.key)] },
    sql: topByHand(days, "principal_tags['team']"),
  },
  {
    ...{ name: 'tag switched on half-way x day', days, input: { ...TOP, GroupBy: [tag(PROJECT.key)] } },
    sql: topByHand(days, "principal_tags['project']"),
  },
  {
    ...{ name: 'model x day, two regions', days, input: { ...TOP, GroupBy: [key('model')], Filter: IN_FILTER } },
    sql: byHand(days, 'model_id', { where: "region IN ('us-east-1', 'eu-west-1')" }),
  },
  {
    ...{ name: 'person x day, two teams', days, input: { ...TOP, GroupBy: [key('person')], Filter: OF_A_TEAM } },
    sql: byHand(days, PERSON, { where: IS_OF_A_TEAM }),
  },
  {
    ...{ name: 'team x model x direction', days },
    input: { Granularity: 'TOTAL', TopN: 50, GroupBy: [tag(TEAM.key), key('model'), key('direction')] },
    sql: byHand(days, "principal_tags['team'], model_id, meter", { bucket: "''" }),
  },
  {
    ...{ name: 'team x model x region x day', days },
    input: { ...TOP, GroupBy: [tag(TEAM.key), key('model'), key('region')] },
    sql: byHand(days, "principal_tags['team'], model_id, region"),
  },
]);

const OTHERS: readonly Question[] = [
  {
    ...{ name: 'model x hour', days: 7, input: { Granularity: 'HOURLY', TopN: 10, GroupBy: [key('model')] } },
    sql: byHand(7, 'model_id', { bucket: 'toStartOfHour(bucket_start)' }),
  },
  {
    ...{ name: 'team x day in Berlin', days: 30 },
    input: { ...TOP, TimeZone: 'Europe/Berlin', GroupBy: [tag(TEAM.key)] },
    sql: byHand(30, "principal_tags['team']", { bucket: "toDate(bucket_start, 'Europe/Berlin')" }),
  },
];

function operationsOn(store: CostStore) {
  const tags = new Map([TEAM, PROJECT].map((one) => [one.key, one]));
  const catalog: CostCatalog = { tags, categories: new Map(), accountNames: new Map(), models: new Map() };
  const { GetReport, SearchReportValues } = reportOperations({
    ...{ store, costCatalog: () => catalog, managementAccountId: ACCOUNT, teamTagKey: 'team' },
    usageCompleteToMs: (nowMs) => nowMs,
  });
  const caller = {
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:user/finops`,
    tags: new Map(),
  } as unknown as Caller;
  const request = { client: new ClientPresence() };
  const callOf = (input: object) =>
    ({ input, caller, request, nowMs: END_MS + HOUR_MS }) as unknown as OperationCall<never>;
  return {
    ask: async (input: object) => await GetReport!.run(callOf(input)),
    search: async (input: object) => await SearchReportValues!.run(callOf(input)),
  };
}

/** Processor time of the engine, which says on a machine with other work what the clock does not. */
function engineCpuMs(): number {
  const fields = readFileSync(`/proc/${engine.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** The same, adding what it costs the engine. */
function metered(run: () => Promise<unknown>) {
  const used = { cpuMs: 0, runs: 0 };
  const meteredRun = async () => {
    const before = engineCpuMs();
    await run();
    used.cpuMs += engineCpuMs() - before;
    used.runs += 1;
  };
  return { run: meteredRun, cpuMs: () => used.cpuMs / used.runs };
}

async function measure(name: string, asked: () => Promise<unknown>, byHand: () => Promise<unknown>): Promise<string> {
  const [ours, hand] = [metered(asked), metered(byHand)];
  const times = await inTurn(ours.run, hand.run, RUNS);
  const numbers = [0.5, 0.95].flatMap((share) => [percentile(times.ours, share), percentile(times.hand, share)]);
  const cells = [...numbers, ours.cpuMs(), hand.cpuMs()].map((ms) => ms.toFixed(0).padStart(10));
  return `${name.padEnd(48)}${cells.join('')}${(numbers[0]! / numbers[1]!).toFixed(2).padStart(8)}`;
}

const events = Number(process.argv[2] ?? 5_000_000);
const { engine, store, close } = await openFilledStore(events);
try {
  const heads = ['report p50', 'hand p50', 'report p95', 'hand p95', 'CPU report', 'CPU hand'].map((head) =>
    head.padStart(10),
  );
  console.log(`${`${RUNS} runs, milliseconds`.padEnd(48)}${heads.join('')}${'ratio'.padStart(8)}`);
  const { ask, search } = operationsOn(store);
  const run = (sql: string) => () => store.query<object>({ sql, params: {} });
  for (const { name, days, input, sql } of [...QUESTIONS, ...OTHERS]) {
    console.log(await measure(`${name}, ${days} days`, () => ask({ ...range(days), ...input }), run(sql)));
  }
  // Both periods at once, as the Explorer asks when it compares.
  const halves = [END_MS - 90 * DAY_MS, END_MS - 45 * DAY_MS].map((startMs) => ({
    ...{ ...range(45), ...TOP, GroupBy: [key('model')] },
    ...{ Start: new Date(startMs), End: new Date(startMs + 45 * DAY_MS) },
  }));
  console.log(
    await measure(
      'model x day, 45 days and the 45 before',
      () => Promise.all(halves.map(ask)),
      run(topByHand(90, 'model_id')),
    ),
  );
  const found = `SELECT principal_arn, sum(cost) AS cost_ FROM line_item
WHERE bucket_start >= ${(END_MS - 30 * DAY_MS) / 1_000} AND positionCaseInsensitive(principal_arn, 'user-12') > 0
GROUP BY principal_arn ORDER BY cost_ DESC LIMIT 50`;
  const question = { ...range(30), Key: key('principal'), Text: 'user-12' };
  console.log(await measure('values of principal that hold a text, 30 days', () => search(question), run(found)));
} finally {
  await close();
}
