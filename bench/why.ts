// `why` over a store of many calls, against SQL that a person would write to find out as much, on the same store in one run.
//
//   npm run bench:why                          (or: node bench/why.ts [usage events] ...)
//   npm run bench:why -- 1000000 50000000      how it grows: one store after the other
//
// Default: 1,000,000 usage events of 2,000 principals over 90 days, and one nightly job whose prompts stop hitting the cache three
// nights before the end. `why` is ExplainSpend from its input to its answer, with its thread, as in a server; `hand` is what a
// person asks one after the other: the sums of both periods by principal, model and meter, the hours of the top one, and its costliest
// calls. `pause` is the longest that the thread which answers requests was held up while `why` ran. BENCH_RUNS: runs.

import type { ChdbEngine } from '../src/adapters/chdb-engine.ts';
import { WhyThread } from '../src/app/why-thread-handle.ts';
import { ClientPresence } from '../src/kernel/client-presence.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/kernel/time.ts';
import type { OperationCall } from '../src/paths/operation-handler.ts';
import { itemize } from '../src/rating/itemize.ts';
import { PriceBook } from '../src/rating/price-book.ts';
import type { CostCatalog } from '../src/reports/cost-catalog.ts';
import type { CostStore } from '../src/reports/cost-store.ts';
import { explainSpend } from '../src/services/tallyline/explain-spend.ts';
import { usageEvent } from '../test/rating/usage-event.ts';
import { peakBytes } from './import/process-figures.ts';
import { DATABASE, openFilledStore } from './queries/filled-store.ts';
import { DAYS, START_MS } from './queries/line-items.ts';
import { inTurn, percentile } from './queries/timing.ts';
import { fillUsageEvents } from './queries/usage-events.ts';

const RUNS = Number(process.env.BENCH_RUNS ?? 11);
const END_MS = START_MS + DAYS * DAY_MS;
const ACCOUNT = '111111111111';
const NIGHTLY = `arn:aws:sts::${ACCOUNT}:assumed-role/app-7/nightly`;
const MODEL = 'vendor.model-1';
const SINCE_MS = END_MS - 3 * DAY_MS + 2 * HOUR_MS;
const TEAM = {
  ...{ key: 'iamPrincipal/team', status: 'Active' as const, lastUsedAtMs: START_MS, discoveredAtMs: START_MS },
  activeIntervals: [{ fromMs: START_MS - DAY_MS }],
};

/** Those that line items are filled with. */
const OVERRIDES = Array.from({ length: 29 }, (_, number) => `vendor.model-${number}`).flatMap((modelId) => [
  { modelId, meter: 'input', usdPerMillionTokens: '3.3' } as const,
  { modelId, meter: 'output', usdPerMillionTokens: '16.5' } as const,
  { modelId, meter: 'cache_read', usdPerMillionTokens: '0.33' } as const,
]);
const PRICES = new PriceBook({ models: [], sheet: { sources: {}, entries: [] }, overrides: OVERRIDES });

/** Six times ten minutes a night; enough tokens to stand out among so many calls. */
async function plantNightlyJob(store: CostStore, events: number): Promise<void> {
  const tokens = Math.max(100_000, Math.round(events / 2));
  const usageEvents = [];
  for (let dayMs = START_MS; dayMs < END_MS; dayMs += DAY_MS) {
    for (let call = 0; call < 6; call += 1) {
      const admittedAtMs = dayMs + 2 * HOUR_MS + call * 10 * MINUTE_MS;
      const cached = { inputTokens: tokens / 10, cacheReadInputTokens: (tokens * 9) / 10, outputTokens: 500 };
      const uncached = { inputTokens: tokens, cacheReadInputTokens: 0, outputTokens: 500 };
      usageEvents.push(
        usageEvent({
          ...{
            requestId: crypto.randomUUID(),
            accountId: ACCOUNT,
            principalArn: NIGHTLY,
            modelId: MODEL,
            admittedAtMs,
          },
          ...{
            route: 'in_region',
            principalTags: [['team', 'team-7']],
            usage: admittedAtMs < SINCE_MS ? cached : uncached,
          },
        }),
      );
    }
  }
  await store.insert({ token: 'nightly', usageEvents, lineItems: itemize(usageEvents, PRICES, []) });
}

interface Answer {
  readonly Sentence: string;
}

function threadOn(engine: ChdbEngine): WhyThread {
  const settings = { overrides: OVERRIDES, privateRates: [], percentages: [], models: [], sellers: [] };
  const connection = () => engine.connection();
  return new WhyThread({ database: DATABASE, connection, close: () => engine.close() }, settings, console.error);
}

function whyOn(thread: WhyThread): (input: object) => Promise<Answer> {
  const catalog: CostCatalog = {
    ...{ tags: new Map([[TEAM.key, TEAM]]), categories: new Map(), accountNames: new Map(), models: new Map() },
  };
  const { run } = explainSpend({
    store: undefined as never,
    ...{ costCatalog: () => catalog, prices: PRICES, managementAccountId: ACCOUNT, teamTagKey: 'team' },
    explain: thread.explain,
    anomalies: {} as never,
  });
  const caller = { accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/finops`, tags: new Map() };
  const request = { client: new ClientPresence() };
  return async (input) =>
    (await run({ input, caller, request, nowMs: END_MS + HOUR_MS } as unknown as OperationCall<never>)) as Answer;
}

/** As a person would, one statement after the other. */
function byHand(store: CostStore, days: number): () => Promise<void> {
  const [startMs, middleMs] = [END_MS - 2 * days * DAY_MS, END_MS - days * DAY_MS];
  const seconds = (atMs: number) => atMs / 1_000;
  const isAfter = `bucket_start >= ${seconds(middleMs)}`;
  const within = `bucket_start >= ${seconds(startMs)} AND bucket_start < ${seconds(END_MS)}`;
  const sums = ['requests', 'quantity', 'cost'].flatMap((name) => [
    `sumIf(${name}, NOT (${isAfter})) AS ${name}_before`,
    `sumIf(${name}, ${isAfter}) AS ${name}_after`,
  ]);
  const statements = [
    `SELECT principal_arn, principal_tags['team'] AS team, model_id, region, meter, ${sums.join(', ')}
FROM line_item_day WHERE ${within} GROUP BY ALL ORDER BY abs(cost_after - cost_before) DESC`,
    `SELECT bucket_start, sum(cost) AS cost_ FROM line_item WHERE ${within} AND principal_arn = '${NIGHTLY}' GROUP BY bucket_start ORDER BY bucket_start`,
    `SELECT request_id, admitted_at, input_tokens, output_tokens, cache_read_input_tokens FROM usage_event
WHERE admitted_at >= ${seconds(SINCE_MS)} AND admitted_at < ${seconds(SINCE_MS + DAY_MS)} AND principal_arn = '${NIGHTLY}'
ORDER BY input_tokens * 3.3 + output_tokens * 16.5 + ifNull(cache_read_input_tokens, 0) * 0.33 DESC LIMIT 5`,
  ];
  return async () => {
    for (const sql of statements) await store.query<object>({ sql, params: {} });
  };
}

const spanOf = (days: number) => ({ After: { Start: new Date(END_MS - days * DAY_MS), End: new Date(END_MS) } });
const key = (dimension: string) => ({ Type: 'DIMENSION', Key: dimension });

const QUESTIONS: readonly { readonly name: string; readonly days: number; readonly input: object }[] = [
  { name: 'last day and the day before', days: 1, input: spanOf(1) },
  { name: 'last 7 days and the 7 before', days: 7, input: spanOf(7) },
  { name: 'last 30 days and the 30 before', days: 30, input: spanOf(30) },
  {
    ...{ name: 'last 7 days, one team', days: 7 },
    input: { ...spanOf(7), Filter: { key: { tag: TEAM.key }, equalsAny: ['team-7'] } },
  },
  {
    ...{ name: 'last 7 days by account, role, person, region', days: 7 },
    input: { ...spanOf(7), Dimensions: ['account', 'role', 'person', 'region', 'model'].map(key) },
  },
];

/** How long this thread was held up at most, beyond the millisecond between two looks, until the work was done. */
async function longestPauseMs(work: Promise<unknown>): Promise<number> {
  let [isDone, longestMs, lastMs] = [false, 0, performance.now()];
  const look = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - 1);
    lastMs = nowMs;
    if (!isDone) setTimeout(look, 1);
  };
  look();
  await work;
  isDone = true;
  return longestMs;
}

/** Prints a table; answers with the p50 of each question in milliseconds. */
async function measure(events: number): Promise<number[]> {
  const { engine, store, close } = await openFilledStore(events, fillUsageEvents);
  const thread = threadOn(engine);
  try {
    await plantNightlyJob(store, events);
    const why = whyOn(thread);
    // The thread begins with its first question.
    await why(spanOf(1));
    const heads = ['why p50', 'hand p50', 'why p95', 'hand p95', 'pause'].map((head) => head.padStart(10));
    console.log(`${`${RUNS} runs, milliseconds`.padEnd(48)}${heads.join('')}${'ratio'.padStart(8)}`);
    const medians: number[] = [];
    for (const { name, days, input } of QUESTIONS) {
      let pauseMs = 0;
      const watched = async () => {
        pauseMs = Math.max(pauseMs, await longestPauseMs(why(input)));
      };
      const times = await inTurn(watched, byHand(store, days), RUNS);
      const numbers = [0.5, 0.95].flatMap((share) => [percentile(times.ours, share), percentile(times.hand, share)]);
      const cells = [...numbers, pauseMs].map((ms) => ms.toFixed(0).padStart(10)).join('');
      console.log(`${name.padEnd(48)}${cells}${(numbers[0]! / numbers[1]!).toFixed(2).padStart(8)}`);
      medians.push(numbers[0]!);
    }
    console.log(`\n${(await why(spanOf(7))).Sentence}`);
    console.log(`peak of the engine, filling included: ${Math.round(peakBytes(engine.pid) / 2 ** 20)} MB\n`);
    return medians;
  } finally {
    await thread.close();
    await close();
  }
}

const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [Number(process.env.BENCH_EVENTS ?? 1_000_000)];
const medians: number[][] = [];
for (const events of counts) medians.push(await measure(events));
const [first, last] = [medians[0]!, medians.at(-1)!];
for (const [index, { name }] of counts.length > 1 ? QUESTIONS.entries() : []) {
  const times = (counts.at(-1)! / counts[0]!).toFixed(0);
  console.log(`${name}: ${(last[index]! / first[index]!).toFixed(1)} times as long with ${times} times as many calls`);
}
