// A bill against the ledger, line by line, on the embedded engine, beside what a person would ask to find out that they differ.
//
//   npm run bench:reconcile             (or: node bench/reconcile.ts [lines])
//
// Default: 200,000 lines on either side, of 2,000 callers, 12 models, 4 token classes and 744 hours. Three in a hundred differ: dropped,
// around the gateway, at another price, in another quantity, an hour late, without tags or under the gateway's role. `LINES` in the
// environment says how many, too. `hand` is one statement: both sides summed by caller, model, token class and hour, and joined, with
// the same threads and as much memory as it likes; it says how many differ and by how much, and not why. Peaks are those of the
// engine's process from the beginning of each on.
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { formatUsd, parsePicoUsd } from '../src/kernel/money.ts';
import { reconcile } from '../src/paths/reconcile-path.ts';
import { embeddedEngine } from '../test/store/embedded-engine.ts';
import { cpuSeconds, peakBytes, resetPeak } from './import/process-figures.ts';
import { progress } from './queries/progress.ts';

const lines = Number(process.argv[2] ?? process.env.LINES ?? 200_000);
const START = '2026-05-01 00:00:00';
const AT_ONCE = 500_000;
const TIMEOUT_MS = 3_600_000;

await using engine = await embeddedEngine();
const { pid } = engine.engine;
const store = engine.store({ queryTimeoutMs: TIMEOUT_MS, queryMemoryBytes: 2 ** 31 });
await store.prepare();
const client = createClient({
  ...(await engine.engine.connection()),
  ...{ database: 'tallyline', request_timeout: TIMEOUT_MS, log: { level: ClickHouseLogLevel.OFF } },
});
const say = progress('filling', lines, 'lines');
for (let from = 0; from < lines; from += AT_ONCE) {
  await fill(from, Math.min(AT_ONCE, lines - from));
  say(Math.min(from + AT_ONCE, lines));
}

const result = await measured('reconcile', () =>
  reconcile(
    { sourceId: 'bench', period: '2026-05' },
    { store, clock: () => Date.UTC(2026, 6, 1), upstreams: ['aws'], sentTagKeys: 'all' },
  ),
);
const difference = parsePicoUsd(result.billUsd) - parsePicoUsd(result.ledgerUsd);
console.log(
  `${lines.toLocaleString('en')} lines on either side: bill ${result.billUsd} USD, ledger ${result.ledgerUsd} USD`,
);
for (const { code, rows, differenceUsd } of result.codes) {
  if (rows > 0) console.log(`  ${code.padEnd(22)}${rows.toLocaleString('en').padStart(10)} rows  ${differenceUsd} USD`);
}
console.log(`their sum is the difference of ${formatUsd(difference)} USD, to the last digit`);
await measured('hand', byHand);
await client.close();

async function measured<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  resetPeak(pid);
  const [began, cpuBefore, held] = [performance.now(), cpuSeconds(pid), peakBytes(pid)];
  const answer = await work();
  const seconds = (performance.now() - began) / 1_000;
  const rate = Math.round((2 * lines) / seconds).toLocaleString('en');
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  console.log(
    `${name}: ${seconds.toFixed(1)} s, ${(cpuSeconds(pid) - cpuBefore).toFixed(1)} s of processors, ${rate} lines/s; peak of the engine ${megabytes(peakBytes(pid))}, ${megabytes(held)} before`,
  );
  return answer;
}

/** Names of callers are looked up in their calls, as a person would who knows that they do not change. */
async function byHand(): Promise<void> {
  const keys = 'hour, who, model_id, meter';
  const query = `SELECT multiIf(ledger.rows = 0, 'bill alone', bill.rows = 0, 'ledger alone', bill.cost != ledger.cost, 'differs', 'equal') AS found,
    count() AS rows, sum(bill.cost) - sum(ledger.cost) AS difference
FROM (
  SELECT toStartOfHour(bucket_start) AS hour, toString(principal_arn) AS who, model_id, meter, count() AS rows, sum(net_cost) AS cost
  FROM bill_line GROUP BY ${keys}
) AS bill
FULL OUTER JOIN (
  SELECT toStartOfHour(bucket_start) AS hour, names.billed AS who, model_id, meter, count() AS rows, sum(net_cost) AS cost
  FROM line_item LEFT JOIN (
    SELECT principal_arn AS caller, toString(any(upstream_principal_arn)) AS billed FROM usage_event GROUP BY caller
  ) AS names ON line_item.principal_arn = names.caller
  GROUP BY ${keys}
) AS ledger USING (${keys})
GROUP BY found ORDER BY found`;
  const settings = { max_threads: 2, compile_expressions: 0, wait_end_of_query: 1 } as const;
  const answer = await client.query({ query, format: 'TabSeparated', clickhouse_settings: settings });
  console.log((await answer.text()).trimEnd().replaceAll(/^/gm, '  '));
}

/** Both sides of some lines, and one call of each caller and hour that says whose name is whose. */
async function fill(from: number, count: number): Promise<void> {
  // Every line has keys of its own: caller, model and meter turn fastest, hours last.
  const keys = `number AS i, i % 2000 AS person, intDiv(i, 2000) % 12 AS kind, intDiv(i, 24000) % 4 AS class,
    toDateTime('${START}', 'UTC') + INTERVAL (cityHash64(i, 'hour') % 744) HOUR AS hour,
    concat('vendor.model-', toString(kind)) AS model, ['input', 'output', 'cache_read', 'cache_write_5m'][class + 1] AS meter,
    1000 + cityHash64(i, 'tokens') % 100000 AS tokens, toDecimal128(0.000001, 12) * (kind + 1) AS price, cityHash64(i, 'fate') % 1000 AS fate,
    concat('team-', toString(person % 40)) AS team`;
  const shared = `'standard' AS tier, 'default' AS context, 'us-east-1' AS region, 0 AS is_batch, 'Usage' AS record_type`;
  const rows = `FROM numbers(${from}, ${count})`;
  const run = (query: string) =>
    client.command({ query, clickhouse_settings: { insert_deduplicate: 0, optimize_on_insert: 0 } });
  await run(`INSERT INTO line_item (bucket_start, slice_start, account_id, principal_arn, principal_tags, model_id, meter, tier, context, region,
      is_batch, record_type, route, upstream, usage_type, quantity, requests, cost, net_cost, list_cost)
    WITH ${keys}
    SELECT hour, hour, '111122223333', concat('arn:aws:iam::111122223333:user/', toString(person)), map('team', team), model, meter, ${shared},
      'geo', 'aws', concat('USE1-', model, '-', meter), tokens, 1, tokens * price AS amount, amount, amount ${rows} WHERE fate != 0`);
  await run(`INSERT INTO usage_event (request_id, admitted_at, ended_at, principal_arn, upstream, upstream_principal_arn, model_id, input_tokens)
    WITH ${keys}
    SELECT generateUUIDv4(), hour, hour, concat('arn:aws:iam::111122223333:user/', toString(person)), 'aws',
      concat('arn:aws:sts::123456789012:assumed-role/BedrockRole/', toString(person)), model, tokens ${rows}`);
  await run(`INSERT INTO bill_line (source_id, period, line_id, bucket_start, slice_start, usage_end, account_id, principal_arn, principal_tags, model_id,
      meter, tier, context, region, is_batch, record_type, route, usage_type, channel, is_recognised, quantity, cost, net_cost, list_cost)
    WITH ${keys}
    SELECT 'bench', 202605, toString(i), hour + INTERVAL (fate = 25) HOUR AS billed, billed, billed + INTERVAL 1 HOUR, '123456789012',
      concat('arn:aws:sts::123456789012:assumed-role/', if(fate = 27, 'GatewayExecution/gateway-1', concat('BedrockRole/', toString(person)))),
      if(fate = 26, map(), map('team', team)), model, meter, ${shared}, 'in_region', concat('USE1-', model, '-', meter), 'first-party', 1,
      tokens + (fate BETWEEN 15 AND 24) * 500 AS pieces, pieces * price * toDecimal128(if(fate BETWEEN 8 AND 14, 1.1, 1), 1) AS amount, amount, amount
    ${rows} WHERE fate NOT BETWEEN 1 AND 7`);
}
