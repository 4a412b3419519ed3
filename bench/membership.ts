// What it costs to group spend by a structure of many entries, next to the principals themselves on the same store in one run.
//
//   npm run bench:membership           (or: node bench/membership.ts [usage events] [entries])
//
// Default: 5,000,000 usage events of 2,000 principals over 90 days, 10,000 entries of whole ARNs: 2,000 principals that move
// between 50 teams every three weeks or so, and others that are in no usage.

import { readMember } from '../src/allocation/member.ts';
import type { AsOf, MembershipEntry } from '../src/allocation/membership.ts';
import { DAY_MS } from '../src/kernel/time.ts';
import { report } from '../src/paths/report-path.ts';
import type { CostCatalog } from '../src/reports/cost-catalog.ts';
import type { GroupKey, ReportQuery } from '../src/reports/report-query.ts';
import { openFilledStore } from './queries/filled-store.ts';
import { DAYS, START_MS } from './queries/line-items.ts';
import { inTurn, percentile } from './queries/timing.ts';

const RUNS = Number(process.env.BENCH_RUNS ?? 11);
const PEOPLE = 2_000;
const TEAMS = 50;
const END_MS = START_MS + DAYS * DAY_MS;

const entryCount = Number(process.argv[3] ?? 10_000);
const moves = Math.max(1, Math.floor(entryCount / PEOPLE));
const stepDays = Math.floor(DAYS / moves);

function entriesOf(person: number): MembershipEntry[] {
  const account = 111_111_111_111 + (person % 5);
  const member = readMember(`arn:aws:sts::${account}:assumed-role/Role-${person % 50}/user-${person}`);
  return Array.from({ length: moves }, (_, move) => ({
    member,
    value: `Team ${(person * 7 + move * 13) % TEAMS}`,
    fromMs: START_MS + (move * stepDays + (person % stepDays)) * DAY_MS,
    ...(move < moves - 1 && { toMs: START_MS + ((move + 1) * stepDays + (person % stepDays)) * DAY_MS }),
    source: 'csv',
  }));
}

const entries = Array.from({ length: PEOPLE }, (_, person) => entriesOf(person)).flat();
const catalog: CostCatalog = {
  ...{ tags: new Map(), categories: new Map(), accountNames: new Map(), models: new Map() },
  memberships: { structures: new Map([['team', entries]]), nowMs: END_MS },
};
const events = Number(process.argv[2] ?? 5_000_000);
const { store, close } = await openFilledStore(events);
const deps = { store, costCatalog: () => catalog };
const ask = (key: GroupKey, days: number, asOf: AsOf) => {
  const range = { startMs: END_MS - days * DAY_MS, endMs: END_MS };
  const query: ReportQuery = {
    range,
    granularity: 'DAILY',
    groupBy: [key],
    asOf,
    topN: 10,
    measures: ['cost', 'requests'],
  };
  return () => report(query, deps);
};
try {
  console.log(`${entries.length} entries; ${RUNS} runs, milliseconds (p50, p95) beside those of grouping by principal`);
  for (const days of [30, 90]) {
    for (const asOf of ['was', 'is'] as const) {
      const [ours, base] = [ask({ membership: 'team' }, days, asOf), ask({ dimension: 'principal' }, days, asOf)];
      const times = await inTurn(ours, base, RUNS);
      const cells = [times.ours, times.hand].flatMap((all) => [0.5, 0.95].map((share) => percentile(all, share)));
      console.log(`as ${asOf}, by day, ${days} days`.padEnd(32), cells.map((ms) => ms.toFixed(0).padStart(7)).join(''));
    }
  }
} finally {
  await close();
}
