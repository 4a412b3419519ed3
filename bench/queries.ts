// Reports against SQL that a person would write for the same question, on the same store in one run.
//
//   npm run bench:queries            (or: node bench/queries.ts [usage events])
//
// Default: 5,000,000 usage events of 2,000 principals over 90 days, kept as line items. `report` is the whole report path
// (validate, compile, run over HTTP, shape), or GetCostAndUsage from the bytes of a request to the bytes of its answer; `hand`
// is the same client and the SQL by hand. Quote the ratios. `npm run bench:queries -- 50000000` needs about 15 GB of disk.
import type { CostAllocationTag } from '../src/allocation/cost-allocation-tag.ts';
import { DAY_MS } from '../src/kernel/time.ts';
import { report } from '../src/paths/report-path.ts';
import type { CostCatalog } from '../src/reports/cost-catalog.ts';
import type { CostStore } from '../src/reports/cost-store.ts';
import type { ReportQuery } from '../src/reports/report-query.ts';
import { openFilledStore } from './queries/filled-store.ts';
import { costAndUsage } from './queries/get-cost-and-usage.ts';
import { DAYS, START_MS } from './queries/line-items.ts';
import { inTurn, percentile, type Times } from './queries/timing.ts';

const MARCH_1 = '2026-03-01 00:00:00';
const MAY_30 = '2026-05-30 00:00:00';
const RUNS = 21;
const AT_ONCE = 4;

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

function catalogOf(tag: CostAllocationTag): CostCatalog {
  return { tags: new Map([[tag.key, tag]]), categories: new Map(), accountNames: new Map(), models: new Map() };
}

async function compare(store: CostStore, { query, tag, sql }: Question): Promise<Times> {
  const deps = { store, costCatalog: () => catalogOf(tag) };
  const hand = () => store.query<Record<string, unknown>>({ sql, params: {} });
  const [rows, byHand] = [await report(query, deps), await hand()];
  if (rows.length !== byHand.length) throw new Error(`${rows.length} rows against ${byHand.length} by hand`);
  return inTurn(() => report(query, deps), hand, RUNS);
}

function line(name: string, { ours, hand }: Times): string {
  const numbers = [0.5, 0.95].flatMap((share) => [percentile(ours, share), percentile(hand, share)]);
  const cells = numbers.map((ms) => ms.toFixed(1).padStart(10));
  return `${name.padEnd(42)}${cells.join('')}${(numbers[0]! / numbers[1]!).toFixed(2).padStart(8)}`;
}

const events = Number(process.argv[2] ?? 5_000_000);
const { store, close } = await openFilledStore(events);
try {
  const heads = ['report p50', 'hand p50', 'report p95', 'hand p95'].map((head) => head.padStart(10));
  console.log(`${`${RUNS} runs, milliseconds`.padEnd(42)}${heads.join('')}${'ratio'.padStart(8)}`);
  for (const question of QUESTIONS) console.log(line(question.name, await compare(store, question)));
  const ask = costAndUsage(store, catalogOf(TEAM), WHOLE.endMs);
  for (const { name, input, sql } of WIRE_QUESTIONS) {
    const hand = () => store.query<Record<string, unknown>>({ sql, params: {} });
    const four = (run: () => Promise<unknown>) => () => Promise.all(Array.from({ length: AT_ONCE }, run));
    const ours = () => ask(input);
    console.log(line(name, await inTurn(ours, hand, RUNS)));
    console.log(line(`${name}, ${AT_ONCE} at once`, await inTurn(four(ours), four(hand), Math.ceil(RUNS / 2))));
  }
} finally {
  await close();
}
