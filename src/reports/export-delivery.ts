import { billingPeriodOf } from '../kernel/time.ts';
import { Parameters } from './compile-sql/parameters.ts';
import { LINE_ITEM_TABLE } from './cost-schema.ts';
import type { CompiledQuery, CostStore } from './cost-store.ts';
import { type ExportPlan, planExport } from './export-definition.ts';
import type { ExportDestination } from './export-destination.ts';
import { type Delivery, dataKey, manifest, manifestKeys, objectUri, outputFileKey } from './export-layout.ts';
import { outputFiles } from './export-output-files.ts';
import type { ExportRecord } from './export-registry.ts';
import { compileStatement, type FileFormat } from './export-sql/compile.ts';
import type { BillFacts } from './export-table.ts';

export interface DeliveryTask {
  readonly store: CostStore;
  readonly destination: ExportDestination;
  readonly record: ExportRecord;
  readonly bill: BillFacts;
  readonly executionId: string;
  readonly startedAtMs: number;
  readonly signal: AbortSignal;
  /** Called before anything is written; again before each further period. */
  readonly onWrite: () => Promise<void>;
}

/** The store could not answer; anything else that fails a delivery is the destination or a bug. */
export class QueryFailed extends Error {
  override readonly name = 'QueryFailed';
}

/** Names of the store's output formats. */
const STORE_FORMATS: Readonly<Record<FileFormat, string>> = { PARQUET: 'Parquet', TEXT_OR_CSV: 'CSVWithNames' };

/** The first file of a period. AWS splits large periods into numbered chunks; here a period is one. */
const CHUNK = 1;

/**
 * Delivers every billing period that has usage, and the present one, oldest first: data, then its manifest, which is what
 * tells consumers that the data is complete. Answers the URIs of the data files.
 */
export async function deliverExport(task: DeliveryTask): Promise<string[]> {
  const { definition, accountId } = task.record;
  const plan = planExport(definition, accountId);
  const onlyAccountId = accountId === task.bill.payerAccountId ? undefined : accountId;
  const dataFiles: string[] = [];
  for (const period of await periodsOf(task, onlyAccountId)) {
    task.signal.throwIfAborted();
    const parameters = new Parameters();
    const request = {
      period,
      configuration: plan.configuration,
      bill: task.bill,
      ...(onlyAccountId && { onlyAccountId }),
    };
    const rows = await plan.table.rows(request, parameters, (query) => ask(task, query));
    const query = compileStatement(plan.statement, plan.table, definition.destination.format, rows, parameters);
    await task.onWrite();
    dataFiles.push(await deliverPeriod(task, plan, period, query));
  }
  return dataFiles;
}

async function periodsOf(task: DeliveryTask, onlyAccountId: string | undefined): Promise<string[]> {
  const parameters = new Parameters();
  const where = onlyAccountId === undefined ? '' : `WHERE account_id = ${parameters.add('String', onlyAccountId)}`;
  const sql = `SELECT DISTINCT formatDateTime(bucket_start, '%Y-%m') AS period FROM ${LINE_ITEM_TABLE} ${where}`;
  const found = await ask<{ period: string }>(task, { sql, params: parameters.values });
  return [...new Set([...found.map(({ period }) => period), billingPeriodOf(task.startedAtMs)])].sort();
}

async function deliverPeriod(
  task: DeliveryTask,
  plan: ExportPlan,
  period: string,
  query: CompiledQuery,
): Promise<string> {
  const { destination, record, executionId, startedAtMs } = task;
  const { bucket, format } = record.definition.destination;
  const { partitionName } = plan.table;
  const delivery: Delivery = { definition: record.definition, partitionName, period, executionId, startedAtMs };
  const data = dataKey(delivery, CHUNK);
  const rows = queriedRows(task, query, STORE_FORMATS[format]);
  await destination.put(bucket, data, format === 'TEXT_OR_CSV' ? gzip(rows) : rows);
  const outputKeys: string[] = [];
  for (const file of outputFiles({ definition: record.definition, plan, tagKeys: activeTagKeys(task.bill) })) {
    const key = outputFileKey(delivery, file.path);
    await destination.put(bucket, key, once(file.content));
    outputKeys.push(key);
  }
  const text = manifest(delivery, record.arn, plan.statement.outputs, [data], outputKeys);
  for (const key of manifestKeys(delivery)) await destination.put(bucket, key, once(text));
  return objectUri(delivery, data);
}

function activeTagKeys({ tags }: BillFacts): readonly string[] {
  return [...tags.values()]
    .filter(({ activeIntervals }) => activeIntervals.length > 0)
    .map(({ key }) => key)
    .sort();
}

async function ask<Row>({ store, signal }: DeliveryTask, query: CompiledQuery): Promise<Row[]> {
  try {
    return await store.query<Row>(query, signal);
  } catch (error) {
    throw queryFailed(error);
  }
}

async function* queriedRows(
  { store, signal }: DeliveryTask,
  query: CompiledQuery,
  format: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* store.stream(query, format, signal);
  } catch (error) {
    throw queryFailed(error);
  }
}

function queryFailed(error: unknown): QueryFailed {
  return new QueryFailed(error instanceof Error ? error.message : String(error), { cause: error });
}

/**
 * Compressed as it comes. The runtime's own stream, so that a stage needs no module of the platform; nothing is asked of
 * the store before somebody reads.
 */
async function* gzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* ReadableStream.from(bytes).pipeThrough(new CompressionStream('gzip'));
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
