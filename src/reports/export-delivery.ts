import { TAG_PREFIX } from '../kernel/billing-tag-key.ts';
import type { ObjectStore } from '../kernel/object-store.ts';
import { billingPeriodOf } from '../kernel/time.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CompiledQuery, CostStore } from './cost-store.ts';
import { type Chunk, type CountedChunk, chunksOf, fuseChunks, type LimitedChunk } from './export-chunks.ts';
import { bucketOf, type ExportPlan, planExport } from './export-definition.ts';
import { FileMeter } from './export-delivery/file-meter.ts';
import { periodFingerprints } from './export-delivery/fingerprint.ts';
import { lastDelivery } from './export-delivery/last-delivery.ts';
import { replacePeriod } from './export-delivery/period.ts';
import { hoursOf } from './export-hours.ts';
import { type Delivery, objectUri, outputFileKey } from './export-layout.ts';
import { outputFiles } from './export-output-files.ts';
import type { DeliveredPeriod, ExportRecord } from './export-registry.ts';
import { compileCount, compileStatement, type FileFormat } from './export-sql/compile.ts';
import type { Ask, BillFacts } from './export-table.ts';

export interface DeliveryTask {
  readonly store: CostStore;
  readonly destination: ObjectStore;
  readonly record: ExportRecord;
  readonly bill: BillFacts;
  /** A larger period is split into several files. */
  readonly lineItemsPerFile: number;
  readonly executionId: string;
  readonly startedAtMs: number;
  readonly signal: AbortSignal;
  /** The deliveries before this one, by period. */
  readonly delivered: ReadonlyMap<string, DeliveredPeriod>;
  /** True: somebody asked, and gets the present period anew, changed or not. */
  readonly isAsked: boolean;
  /** Called before anything is written; again before each further period. */
  readonly onWrite: () => Promise<void>;
  /** Called after each period that was delivered. */
  readonly onDelivered: (period: string, delivered: DeliveredPeriod) => Promise<void>;
}

/** What is needed to know whether an export's deliveries are up to date. */
type OutdatedQuestion = Pick<DeliveryTask, 'store' | 'record' | 'bill' | 'startedAtMs' | 'signal' | 'delivered'>;

/** One billing period of a delivery. */
interface PeriodTask {
  readonly task: DeliveryTask;
  readonly plan: ExportPlan;
  readonly period: string;
  /** Asks each question about the period once, however many files it has. */
  readonly ask: Ask;
}

/** The store could not answer; anything else that fails a delivery is the destination or a bug. */
export class QueryFailed extends Error {
  override readonly name = 'QueryFailed';
}

/** Names of the store's output formats. */
const STORE_FORMATS: Readonly<Record<FileFormat, string>> = { PARQUET: 'Parquet', TEXT_OR_CSV: 'CSVWithNames' };

/**
 * Delivers every billing period that has usage or had it at its last delivery, and the present one, oldest first, unless it was
 * delivered as it is and the delivery is still there. Answers the URIs of all data files, those that stay included.
 */
export async function deliverExport(task: DeliveryTask): Promise<string[]> {
  const { definition, accountId, arn } = task.record;
  const plan = planExport(definition, accountId);
  const dataFiles: string[] = [];
  let outputFileKeys: readonly string[] | undefined;
  for (const [period, fingerprint] of await fingerprintsOf(task)) {
    task.signal.throwIfAborted();
    const delivery: Delivery = {
      ...{ definition, partitionName: plan.table.partitionName, period },
      ...{ executionId: task.executionId, startedAtMs: task.startedAtMs },
    };
    const before = task.delivered.get(period);
    if (before?.fingerprint === fingerprint && (await stays(task, delivery, before))) {
      dataFiles.push(...before.dataFiles);
      continue;
    }
    const ofPeriod: PeriodTask = { task, plan, period, ask: rememberingAsk(task) };
    const chunks = await chunksOfPeriod(ofPeriod);
    await task.onWrite();
    outputFileKeys ??= await putOutputFiles(task, plan);
    const meters = chunks.map(() => new FileMeter());
    const keys = await replacePeriod(task.destination, delivery, {
      exportArn: arn,
      columns: plan.statement.outputs,
      files: chunks.map((chunk, index) => meters[index]!.count(fileOf(ofPeriod, chunk))),
      outputFileKeys,
    });
    const files = keys.map((key, index) => meters[index]!.file(objectUri(definition, key)));
    const { executionId, startedAtMs } = task;
    const delivered = {
      fingerprint,
      dataFiles: files.map(({ uri }) => uri),
      files,
      executionId,
      deliveredAtMs: startedAtMs,
    };
    await task.onDelivered(period, delivered);
    dataFiles.push(...delivered.dataFiles);
  }
  return dataFiles;
}

/** Whether a period's unchanged delivery may stay. */
async function stays(task: DeliveryTask, delivery: Delivery, { dataFiles }: DeliveredPeriod): Promise<boolean> {
  if (task.isAsked && delivery.period === billingPeriodOf(task.startedAtMs)) return false;
  const last = await lastDelivery(task.destination, bucketOf(delivery.definition), delivery);
  return JSON.stringify(last?.dataKeys.map((key) => objectUri(delivery.definition, key))) === JSON.stringify(dataFiles);
}

/** Whether anything has changed since it was delivered. */
export async function isOutdated(task: OutdatedQuestion): Promise<boolean> {
  const fingerprints = await fingerprintsOf(task);
  return [...fingerprints].some(([period, fingerprint]) => task.delivered.get(period)?.fingerprint !== fingerprint);
}

/** A text for each billing period of the export, oldest first, that changes when what would be delivered changes. */
function fingerprintsOf(task: OutdatedQuestion): Promise<ReadonlyMap<string, string>> {
  const { record, bill, startedAtMs, delivered } = task;
  const onlyAccountId = onlyAccountOf(task);
  const request = {
    ...{ definition: record.definition, bill, presentPeriod: billingPeriodOf(startedAtMs) },
    deliveredPeriods: delivered.keys(),
  };
  return periodFingerprints({ ...request, ...(onlyAccountId && { onlyAccountId }) }, (query) => ask(task, query));
}

/** Written before any data, so that between new data, their manifest and the end of the old data there is little time. */
async function putOutputFiles(
  { destination, record, bill }: DeliveryTask,
  plan: ExportPlan,
): Promise<readonly string[]> {
  const { definition } = record;
  const keys: string[] = [];
  for (const { path, content } of outputFiles({ definition, plan, tagKeys: activeTagKeys(bill) })) {
    const key = outputFileKey(definition, path);
    await destination.put(bucketOf(definition), key, content);
    keys.push(key);
  }
  return keys;
}

/** The queries of a period's files: each is bounded, whatever the period holds. */
async function chunksOfPeriod(ofPeriod: PeriodTask): Promise<readonly LimitedChunk[]> {
  const { task, plan, period } = ofPeriod;
  const { lineItemsPerFile } = task;
  const { where, limit } = plan.statement;
  const chunks = chunksOf(
    period,
    plan.configuration.get('TIME_GRANULARITY'),
    await hoursOf(period, onlyAccountOf(task), task.bill, (query) => ask(task, query)),
    lineItemsPerFile,
  );
  if (chunks.length === 1) return [{ ...chunks[0]!, ...(limit !== undefined && { limit }) }];
  if (!where && limit === undefined) return chunks;
  const counted: CountedChunk[] = [];
  for (let left = limit ?? Number.POSITIVE_INFINITY; left > 0 && counted.length < chunks.length; ) {
    const chunk = chunks[counted.length]!;
    const rowCount = await countRows(ofPeriod, chunk);
    counted.push({ chunk, rowCount });
    left -= rowCount;
  }
  const fused = fuseChunks(counted, lineItemsPerFile, limit);
  return fused.length > 0 ? fused : [{ ...chunks[0]!, limit: 0 }];
}

async function countRows(ofPeriod: PeriodTask, chunk: Chunk): Promise<number> {
  const parameters = new Parameters();
  const rows = await rowsOf(ofPeriod, chunk, parameters);
  const { statement, table } = ofPeriod.plan;
  const [counted] = await ofPeriod.ask<{ rowCount: string }>(compileCount(statement, table, rows, parameters));
  return Number(counted!.rowCount);
}

/** The bytes of one file. Nothing is asked of the store before somebody reads. */
async function* fileOf(ofPeriod: PeriodTask, { limit, ...chunk }: LimitedChunk): AsyncGenerator<Uint8Array> {
  const { task, plan } = ofPeriod;
  const { format } = task.record.definition.destination;
  const parameters = new Parameters();
  const rows = await rowsOf(ofPeriod, chunk, parameters);
  const query = compileStatement(plan.statement, plan.table, format, rows, parameters, limit);
  const { store, signal } = task;
  try {
    yield* store.stream(query, STORE_FORMATS[format], { gzip: format === 'TEXT_OR_CSV', signal });
  } catch (error) {
    throw queryFailed(error);
  }
}

function rowsOf({ task, plan, period, ask }: PeriodTask, chunk: Chunk, parameters: Parameters): Promise<string> {
  const onlyAccountId = onlyAccountOf(task);
  const { table, configuration } = plan;
  const request = { period, chunk, configuration, bill: task.bill, ...(onlyAccountId && { onlyAccountId }) };
  return table.rows(request, parameters, ask);
}

/** Keys that `tags` can have in some period. */
function activeTagKeys({ tags, categories, books }: BillFacts): readonly string[] {
  const switched = [...tags.values()].filter(({ activeIntervals }) => activeIntervals.length > 0);
  const active = books?.primary === 'bill' ? books.billTagKeys : switched.map(({ key }) => key);
  return [...active, ...[...categories.keys()].map((name) => `${TAG_PREFIX.costCategory}${name}`)].sort();
}

/** The payer's exports are about the whole organization; others' about their own account. */
function onlyAccountOf({ record: { accountId }, bill }: OutdatedQuestion): string | undefined {
  return accountId === bill.payerAccountId ? undefined : accountId;
}

async function ask<Row>(
  { store, signal }: Pick<DeliveryTask, 'store' | 'signal'>,
  query: CompiledQuery,
): Promise<Row[]> {
  try {
    return await store.query<Row>(query, signal);
  } catch (error) {
    throw queryFailed(error);
  }
}

function rememberingAsk(task: DeliveryTask): Ask {
  const answers = new Map<string, Promise<unknown[]>>();
  return <Row>(query: CompiledQuery): Promise<Row[]> => {
    const question = JSON.stringify([query.sql, query.params]);
    const answer = answers.get(question) ?? ask(task, query);
    answers.set(question, answer);
    return answer as Promise<Row[]>;
  };
}

function queryFailed(error: unknown): QueryFailed {
  return new QueryFailed(error instanceof Error ? error.message : String(error), { cause: error });
}
