import { Fault } from '../kernel/fault.ts';
import type { ObjectStoreOf } from '../kernel/object-store.ts';
import { type Clock, HOUR_MS, MINUTE_MS } from '../kernel/time.ts';
import type { CostStore } from './cost-store.ts';
import { billOf } from './export-definition.ts';
import { deliverExport, isOutdated, QueryFailed } from './export-delivery.ts';
import {
  type ExecutionRecord,
  type ExportRecord,
  type ExportRegistry,
  failed,
  failureDuring,
  isFinal,
} from './export-registry.ts';
import type { BillFacts } from './export-table.ts';

/** "Up to three times a day" (AWS Data Exports User Guide, checked 2026-11). */
const REFRESH_MS = 8 * HOUR_MS;
/** From then on this is how often is looked whether anything has changed. */
const LOOK_MS = HOUR_MS;
/** A failed refresh is tried again soon, but not in a tight loop. */
const RETRY_MS = 15 * MINUTE_MS;

/** Longest failure text that is kept, in characters. */
const MAX_DETAIL = 500;

/** How a run ended. */
export interface Execution extends ExecutionRecord {
  /** URIs of the export's data files, delivered now or before. Empty after a failure. */
  readonly dataFiles: readonly string[];
}

export interface ExportRunnerParts {
  readonly registry: ExportRegistry;
  readonly store: CostStore;
  readonly destination: ObjectStoreOf;
  readonly lineItemsPerFile: number;
  /** Read once per execution. */
  readonly bill: () => BillFacts;
  /** From the creation of an export to its first delivery; also makes changes of an export wait for its next refresh. */
  readonly firstDeliveryDelayMs: number;
  readonly clock: Clock;
  /** A new UUID for every execution. */
  readonly newId: () => string;
  /** Told of every failed execution, and of what could not even be recorded. */
  readonly onFailure: (exportArn: string, error: unknown) => void;
}

/**
 * Carries out exports: one at a time, so that deliveries never interleave and never take more than one query's share of
 * the store. A request for an export that already waits joins it; one for the export that is running waits for the next
 * turn, because the running one may have begun with the old definition.
 */
export class ExportRunner {
  readonly #parts: ExportRunnerParts;
  readonly #waiting = new Map<string, Promise<Execution>>();
  /** Exports that wait for a look, and when others were looked at. */
  readonly #refreshing = new Set<string>();
  readonly #lookedAtMs = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();
  #running: { readonly exportArn: string; readonly stop: AbortController } | undefined;
  #isClosed = false;

  constructor(parts: ExportRunnerParts) {
    this.#parts = parts;
  }

  /** Runs an export; resolves with how it ended, also when it failed. Rejects when there is no such export. */
  run(exportArn: string): Promise<Execution> {
    const waiting = this.#waiting.get(exportArn);
    if (waiting) return waiting;
    const previous = this.#turn;
    const done = this.#takeTurn(exportArn, previous);
    this.#waiting.set(exportArn, done);
    this.#turn = Promise.allSettled([previous, done]);
    return done;
  }

  /** Delivers an export that was created or changed, in the background, unless that has to wait. */
  start(exportArn: string): void {
    if (this.#parts.firstDeliveryDelayMs > 0) return;
    this.run(exportArn).catch((error: unknown) => this.#parts.onFailure(exportArn, error));
  }

  /** Delivers an export if anything has changed since its last delivery, or that has failed. Never rejects. */
  refresh(exportArn: string): Promise<void> {
    if (this.#waiting.has(exportArn) || this.#refreshing.has(exportArn)) return Promise.resolve();
    this.#refreshing.add(exportArn);
    const done = this.#turn.then(() => this.#refresh(exportArn));
    const settled = done.catch((error: unknown) => this.#parts.onFailure(exportArn, error));
    this.#turn = settled;
    return settled;
  }

  /** Does what replaces line items while no delivery is under way: it must not come between two files of a month. */
  between<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Stops the delivery of a deleted export; what was delivered before stays. */
  cancel(exportArn: string): void {
    this.#lookedAtMs.delete(exportArn);
    if (this.#running?.exportArn === exportArn) this.#running.stop.abort();
  }

  /** Exports that may be refreshed: never delivered, delivered eight hours ago, or failed a quarter of an hour ago. */
  dueExports(nowMs: number): readonly string[] {
    const { registry, firstDeliveryDelayMs } = this.#parts;
    return registry.all().flatMap(({ arn, createdAtMs }) => {
      const [latest] = registry.executions(arn);
      if (!latest) return nowMs - createdAtMs >= firstDeliveryDelayMs ? [arn] : [];
      if (!isFinal(latest.status)) return [];
      const isDelivered = latest.status === 'DELIVERY_SUCCESS';
      if (nowMs - latest.createdAtMs < (isDelivered ? REFRESH_MS : RETRY_MS)) return [];
      return isDelivered && nowMs - (this.#lookedAtMs.get(arn) ?? 0) < LOOK_MS ? [] : [arn];
    });
  }

  /** Stops the running delivery, which ends as failed, and starts no other. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#running?.stop.abort();
    await this.#turn;
  }

  async #takeTurn(exportArn: string, previous: Promise<unknown>): Promise<Execution> {
    let execution: ExecutionRecord;
    try {
      execution = await this.#begin(exportArn, this.#running ? 'QUERY_QUEUED' : 'INITIATION_IN_PROCESS');
      await previous;
    } finally {
      this.#waiting.delete(exportArn);
    }
    return this.#execute(execution, true);
  }

  async #refresh(exportArn: string): Promise<void> {
    this.#refreshing.delete(exportArn);
    const record = this.#parts.registry.find(exportArn);
    if (!record || this.#isClosed) return;
    this.#lookedAtMs.set(exportArn, this.#parts.clock());
    const [latest] = this.#parts.registry.executions(exportArn);
    if (latest?.status === 'DELIVERY_SUCCESS' && !(await this.#isOutdated(record))) return;
    await this.#execute(await this.#begin(exportArn, 'INITIATION_IN_PROCESS'), false);
  }

  /** Also when the store cannot say, so that the failure is on record. */
  async #isOutdated(record: ExportRecord): Promise<boolean> {
    const { registry, store, bill, clock } = this.#parts;
    const stop = new AbortController();
    this.#running = { exportArn: record.arn, stop };
    try {
      const delivered = registry.delivered(record.arn);
      const ofRecord = billOf(record.definition, record.accountId, bill());
      return await isOutdated({ store, record, bill: ofRecord, startedAtMs: clock(), signal: stop.signal, delivered });
    } catch {
      return !stop.signal.aborted;
    } finally {
      this.#running = undefined;
    }
  }

  async #begin(exportArn: string, status: ExecutionRecord['status']): Promise<ExecutionRecord> {
    const { registry, clock, newId } = this.#parts;
    const { definition } = existing(registry, exportArn);
    const nowMs = clock();
    const execution: ExecutionRecord = {
      ...{ executionId: newId(), exportArn, definition, status },
      ...{ createdAtMs: nowMs, updatedAtMs: nowMs },
    };
    await registry.begin(execution);
    return execution;
  }

  async #execute(queued: ExecutionRecord, isAsked: boolean): Promise<Execution> {
    const { registry, store, destination, lineItemsPerFile, bill, clock, onFailure } = this.#parts;
    const { exportArn, executionId } = queued;
    const stop = new AbortController();
    if (this.#isClosed) stop.abort();
    this.#running = { exportArn, stop };
    let execution = queued;
    let dataFiles: readonly string[] = [];
    const advance = async (change: Partial<ExecutionRecord>): Promise<void> => {
      execution = { ...execution, ...change, updatedAtMs: clock() };
      await registry.advance(execution);
    };
    try {
      const record = existing(registry, exportArn);
      await advance({ status: 'QUERY_IN_PROCESS', definition: record.definition });
      dataFiles = await deliverExport({
        ...{ store, lineItemsPerFile, record, executionId, isAsked },
        destination: destination(record.definition.destination.bucket),
        bill: billOf(record.definition, record.accountId, bill()),
        ...{ startedAtMs: clock(), signal: stop.signal, delivered: registry.delivered(exportArn) },
        onDelivered: (period, delivered) => registry.noteDelivered(exportArn, period, delivered),
        onWrite: async () => {
          if (execution.status !== 'DELIVERY_IN_PROCESS') await advance({ status: 'DELIVERY_IN_PROCESS' });
        },
      });
      await advance({ status: 'DELIVERY_SUCCESS', completedAtMs: clock() });
    } catch (error) {
      onFailure(exportArn, error);
      await advance(failure(execution, error, clock()));
    } finally {
      this.#running = undefined;
    }
    return { ...execution, dataFiles };
  }
}

function existing(registry: ExportRegistry, exportArn: string): ExportRecord {
  const record = registry.find(exportArn);
  if (!record) throw new Fault('NotFound', `no export \`${exportArn}\``);
  return record;
}

function failure(execution: ExecutionRecord, error: unknown, nowMs: number): Partial<ExecutionRecord> {
  const isRefused = error instanceof Fault && error.code === 'AccessDeniedException';
  const message = error instanceof Error ? error.message : String(error);
  return failed(
    error instanceof QueryFailed ? 'QUERY_FAILURE' : failureDuring(execution.status),
    isRefused ? 'INSUFFICIENT_PERMISSION' : 'INTERNAL_FAILURE',
    message.slice(0, MAX_DETAIL),
    nowMs,
  );
}
