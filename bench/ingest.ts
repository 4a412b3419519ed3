/**
 * From a cost batch to rows that can be queried, on the embedded engine: batches of 20,000 calls with some 44,000 line
 * items, one after another, beside the same rows sent as JSON by the stock client. `node bench/ingest.ts [batches]`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { ChdbEngine } from '../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../src/adapters/clickhouse-cost-store.ts';
import { formatUsd, parsePicoUsd } from '../src/kernel/money.ts';
import type { CostBatch } from '../src/reports/cost-store.ts';
import { nextBatch, sampleUsage } from '../test/store/sample-usage.ts';

const EVENTS_PER_BATCH = 20_000;
const DATABASE = 'tallyline';

interface Cost {
  readonly wallMs: number;
  readonly ourCpuMs: number;
  readonly engineCpuMs: number;
}

const batchCount = Number(process.argv[2] ?? 25);
const folder = mkdtempSync(join(tmpdir(), 'tallyline-bench-'));
const engine = await ChdbEngine.start({ folder });
const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: DATABASE });
await store.prepare();
const idleBytes = memoryBytes();

const usage = sampleUsage({ seed: 1, startMs: Date.UTC(2026, 8, 1), stepMs: 1_555 });
const costs: Cost[] = [];
let costPicoUsd = 0n;
for (let index = 0; index < batchCount; index++) {
  const batch = nextBatch(usage, `batch-${index}`, EVENTS_PER_BATCH);
  for (const item of batch.lineItems) costPicoUsd += item.costPicoUsd;
  costs.push(await measured(() => store.insert(batch)));
}
const [stored] = await store.query<{ cost: string; requests: string }>({
  sql: 'SELECT sum(cost) AS cost, sum(requests) AS requests FROM line_item',
  params: {},
});
if (parsePicoUsd(stored!.cost) !== costPicoUsd || Number(stored!.requests) !== batchCount * EVENTS_PER_BATCH) {
  throw new Error(`stored ${stored!.cost} USD of ${formatUsd(costPicoUsd)} and ${stored!.requests} calls`);
}
const loadedBytes = memoryBytes();

const json = await jsonBaseline(nextBatch(usage, 'json', EVENTS_PER_BATCH));
report('this store', costs);
report('stock client, JSONEachRow', [json]);
const ratio = json.wallMs / (total(costs, 'wallMs') / batchCount);
console.log(`${ratio.toFixed(1)} times as fast as the stock client with JSONEachRow`);
console.log(`engine memory: idle ${megabytes(idleBytes)}, after the load ${megabytes(loadedBytes)}`);
await store.close();
await engine.close();
rmSync(folder, { recursive: true, force: true });

async function measured(work: () => Promise<unknown>): Promise<Cost> {
  const [startMs, ours, engines] = [performance.now(), process.cpuUsage(), engineCpuMs()];
  await work();
  const { user, system } = process.cpuUsage(ours);
  return {
    wallMs: performance.now() - startMs,
    ourCpuMs: (user + system) / 1000,
    engineCpuMs: engineCpuMs() - engines,
  };
}

/** The same rows as somebody would write them without further thought; into tables of the same form. */
async function jsonBaseline({ usageEvents, lineItems }: CostBatch): Promise<Cost> {
  const client = createClient({ ...(await engine.connection()), database: DATABASE });
  for (const table of ['usage_event', 'line_item'])
    await client.command({ query: `CREATE TABLE json_${table} AS ${table}` });
  const cost = await measured(() =>
    Promise.all([
      client.insert({ table: 'json_usage_event', format: 'JSONEachRow', values: usageEvents.map(usageEventRow) }),
      client.insert({ table: 'json_line_item', format: 'JSONEachRow', values: lineItems.map(lineItemRow) }),
    ]),
  );
  await client.close();
  return cost;
}

function usageEventRow(event: CostBatch['usageEvents'][number]) {
  return {
    request_id: event.requestId,
    admitted_at: dateTime(event.admittedAtMs),
    ended_at: dateTime(event.endedAtMs),
    first_token_ms: event.firstTokenMs,
    account_id: event.accountId,
    principal_arn: event.principalArn,
    principal_id: event.principalId,
    access_key_id: event.accessKeyId,
    source_identity: event.sourceIdentity,
    principal_tags: Object.fromEntries(event.principalTags),
    operation: event.operation,
    requested_model_id: event.requestedModelId,
    model_id: event.modelId,
    resource_arn: event.resourceArn,
    region: event.region,
    route: event.route,
    tier: event.tier,
    upstream: event.upstream,
    source_ip: event.sourceIp,
    user_agent: event.userAgent,
    request_metadata: Object.fromEntries(event.requestMetadata),
    input_tokens_estimate: event.inputTokensEstimate,
    status: event.status,
    error_code: event.errorCode,
    client_gone: event.clientGone,
    input_tokens: event.usage.inputTokens,
    output_tokens: event.usage.outputTokens,
    cache_read_input_tokens: event.usage.cacheReadInputTokens,
    cache_write_5m_input_tokens: event.usage.cacheWrite5mInputTokens,
    cache_write_1h_input_tokens: event.usage.cacheWrite1hInputTokens,
    usage_is_estimated: event.usage.isEstimated,
    usage_raw: event.usage.raw,
  };
}

function lineItemRow(item: CostBatch['lineItems'][number], index: number) {
  return {
    line_item_key: `${index}`,
    bucket_start: item.bucketStartMs / 1000,
    slice_start: dateTime(item.sliceStartMs),
    account_id: item.accountId,
    principal_arn: item.principalArn,
    principal_tags: Object.fromEntries(item.principalTags),
    model_id: item.modelId,
    resource_arn: item.resourceArn,
    region: item.region,
    route: item.route,
    tier: item.tier,
    context: item.context,
    operation: item.operation,
    upstream: item.upstream,
    meter: item.meter,
    usage_type: item.usageType,
    product_code: item.productCode,
    price: formatUsd(item.pricePicoUsd ?? 0n),
    price_id: item.priceId,
    is_unpriced: item.isUnpriced,
    is_estimated: item.isEstimated,
    quantity: `${item.quantity}`,
    requests: `${item.requests}`,
    cost: formatUsd(item.costPicoUsd),
  };
}

/** `2026-09-01 00:00:00.979`. */
function dateTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 23).replace('T', ' ');
}

function report(name: string, of: readonly Cost[]): void {
  const events = of.length * EVENTS_PER_BATCH;
  const median = of.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!;
  const cpuMs = total(of, 'ourCpuMs') + total(of, 'engineCpuMs');
  console.log(
    [
      `${name}: ${rate(events, total(of, 'wallMs'))}`,
      `median batch ${median.toFixed(0)} ms (${rate(EVENTS_PER_BATCH, median)})`,
      `processor time a batch ${(total(of, 'ourCpuMs') / of.length).toFixed(0)} ms here`,
      `${(total(of, 'engineCpuMs') / of.length).toFixed(0)} ms in the engine, merges included (${rate(events, cpuMs)} a core)`,
    ].join('; '),
  );
}

function total(of: readonly Cost[], member: keyof Cost): number {
  return of.reduce((sum, cost) => sum + cost[member], 0);
}

function rate(events: number, ms: number): string {
  return `${((events / ms) * 1000).toFixed(0)} events/s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** Resident memory of the engine's process; Linux only, as is the next. */
function memoryBytes(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${engine.pid}/status`, 'utf8'))![1]) * 1024;
}

/** User and system time of the engine's process, which the kernel counts in ticks of 10 ms. */
function engineCpuMs(): number {
  const fields = readFileSync(`/proc/${engine.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
