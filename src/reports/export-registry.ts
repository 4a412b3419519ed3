import { BucketOwners } from '../kernel/bucket-owners.ts';
import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, RecordConflict, type RecordStore, type StoredRecord } from '../kernel/record-store.ts';
import type { ExportDefinition } from './export-definition.ts';
import type { DeliveredFile } from './export-delivery/file-meter.ts';
import { latestManifestKey, objectUri } from './export-layout.ts';
import { exportTable } from './export-tables.ts';

export interface ExportRecord {
  readonly arn: string;
  readonly accountId: string;
  readonly definition: ExportDefinition;
  /** The table that the query reads; never changes. */
  readonly table: string;
  readonly createdAtMs: number;
  /** When the definition last changed. */
  readonly updatedAtMs: number;
  readonly tags: readonly (readonly [string, string])[];
}

export type ExecutionStatus =
  | 'INITIATION_IN_PROCESS'
  | 'QUERY_QUEUED'
  | 'QUERY_IN_PROCESS'
  | 'DELIVERY_IN_PROCESS'
  | 'DELIVERY_SUCCESS'
  | FailureStatus;

export type FailureStatus = 'QUERY_FAILURE' | 'DELIVERY_FAILURE';

/** One refresh of an export. */
export interface ExecutionRecord {
  readonly executionId: string;
  readonly exportArn: string;
  /** The definition that was carried out. */
  readonly definition: ExportDefinition;
  readonly status: ExecutionStatus;
  /** Failures only. */
  readonly statusReason?: 'INSUFFICIENT_PERMISSION' | 'INTERNAL_FAILURE';
  /** Failures only: what went wrong, for the operator. */
  readonly detail?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly completedAtMs?: number;
}

/** The last delivery of one billing period of an export. */
export interface DeliveredPeriod {
  /** Of what was delivered: `export-delivery/fingerprint.ts`. */
  readonly fingerprint: string;
  /** URIs. */
  readonly dataFiles: readonly string[];
  /** The same with what is known of each. Absent: delivered before that was kept. */
  readonly files?: readonly DeliveredFile[];
  readonly executionId?: string;
  /** When the execution began. */
  readonly deliveredAtMs?: number;
}

const EXPORT = 'export';
const EXECUTION = 'exportExecution';
const PERIOD = 'exportPeriod';
const EXPORT_ARN = /^arn:aws:bcm-data-exports:us-east-1:(\d{12}):export\/([0-9A-Za-z_-]+)-[0-9a-f-]{36}$/;

/** Executions kept per export, besides the last success: two weeks at three a day. */
const MAX_EXECUTIONS = 50;

const INTERRUPTED = 'the process stopped before the delivery was complete';

/** Exports and their executions, on the record store. Each export is known to its own account alone. */
export class ExportRegistry {
  readonly #records: RecordStore;
  readonly owners: BucketOwners;
  /** Executions by export and id. */
  readonly #executions = new Map<string, Map<string, ExecutionRecord>>();
  #creation: Promise<void> = Promise.resolve();

  constructor(records: RecordStore, owners = new BucketOwners(records)) {
    this.#records = records;
    this.owners = owners;
    for (const { key, body } of records.all<ExecutionRecord>(EXECUTION)) this.#index(key, body);
    records.watch((changes) => {
      for (const { kind, key, body } of changes) {
        if (kind === EXECUTION) this.#index(key, body as ExecutionRecord | undefined);
      }
    });
  }

  /** Throws ValidationException for a taken name or bucket, ServiceQuotaExceededException for one export too many. */
  create(record: ExportRecord, maxExports: number): Promise<void> {
    // One after another: two at once could both be the last that the quota allows.
    const created = this.#creation.then(() => this.#create(record, maxExports));
    this.#creation = created.catch(() => {});
    return created;
  }

  async #create(record: ExportRecord, maxExports: number): Promise<void> {
    const { accountId, definition, table } = record;
    if (this.#records.get(EXPORT, exportKey(accountId, definition.name))) throw nameTaken(definition.name);
    const ofTable = this.list(accountId).filter((other) => other.table === table);
    if (ofTable.length >= maxExports) throw quotaExceeded(table, maxExports);
    try {
      await this.#records.write([
        { kind: EXPORT, key: exportKey(accountId, definition.name), body: record, expectedVersion: 0 },
        ...this.owners.claim(accountId, definition.destination.bucket),
      ]);
    } catch (error) {
      throw error instanceof RecordConflict ? nameTaken(definition.name) : error;
    }
  }

  /** Lays changed members over an export. Throws ResourceNotFoundException. */
  async change(accountId: string, arn: string, change: (record: ExportRecord) => Partial<ExportRecord>): Promise<void> {
    await anewOnConflict(() => {
      const { key, version, body } = this.#stored(accountId, arn);
      const changed = { ...body, ...change(body) };
      return this.#records.write([
        { kind: EXPORT, key, body: changed, expectedVersion: version },
        ...this.owners.claim(accountId, changed.definition.destination.bucket),
      ]);
    });
  }

  /** Removes an export and its executions; what was delivered stays. Throws ResourceNotFoundException. */
  async delete(accountId: string, arn: string): Promise<void> {
    const { key } = this.#stored(accountId, arn);
    await this.#records.write([
      { kind: EXPORT, key },
      ...this.executions(arn).map((execution) => ({ kind: EXECUTION, key: executionKey(execution) })),
      ...[...this.delivered(arn).keys()].map((period) => ({ kind: PERIOD, key: `${arn}/${period}` })),
    ]);
  }

  /** An account's export. Throws ResourceNotFoundException, also for the export of another account. */
  get(accountId: string, arn: string): ExportRecord {
    return this.#stored(accountId, arn).body;
  }

  /** Undefined when there is no such export (any more). */
  find(arn: string): ExportRecord | undefined {
    const [, accountId, name] = EXPORT_ARN.exec(arn) ?? [];
    const record = accountId && name ? this.#export(accountId, name)?.body : undefined;
    return record?.arn === arn ? record : undefined;
  }

  all(): ExportRecord[] {
    return [...this.#records.all<ExportRecord>(EXPORT)].map(({ body }) => body);
  }

  /** An account's exports in the order of their names. */
  list(accountId: string): ExportRecord[] {
    const own = this.all().filter((record) => record.accountId === accountId);
    return own.sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  }

  /** An export's executions, newest first. */
  executions(arn: string): ExecutionRecord[] {
    const own = [...(this.#executions.get(arn)?.values() ?? [])];
    return own.sort((a, b) => (executionOrder(a) > executionOrder(b) ? -1 : 1));
  }

  /** Notes a new execution and forgets the oldest ones. */
  async begin(execution: ExecutionRecord): Promise<void> {
    const past = this.executions(execution.exportArn);
    const lastSuccess = past.find(({ status }) => status === 'DELIVERY_SUCCESS');
    const forgotten = past.slice(MAX_EXECUTIONS - 1).filter((old) => old !== lastSuccess);
    await this.#records.write([
      { kind: EXECUTION, key: executionKey(execution), body: execution, expectedVersion: 0 },
      ...forgotten.map((old) => ({ kind: EXECUTION, key: executionKey(old) })),
    ]);
  }

  /** The last deliveries of an export by billing period. */
  delivered(arn: string): ReadonlyMap<string, DeliveredPeriod> {
    const own = [...this.#records.all<DeliveredPeriod>(PERIOD)].filter(({ key }) => key.startsWith(`${arn}/`));
    return new Map(own.map(({ key, body }) => [key.slice(arn.length + 1), body]));
  }

  /** Notes the delivery of a period; nothing when its export has been deleted meanwhile. */
  async noteDelivered(arn: string, period: string, delivered: DeliveredPeriod): Promise<void> {
    if (this.find(arn)) await this.#records.write([{ kind: PERIOD, key: `${arn}/${period}`, body: delivered }]);
  }

  /** Writes an execution's new state; nothing when its export has been deleted meanwhile. */
  async advance(execution: ExecutionRecord): Promise<void> {
    const stored = this.#records.get<ExecutionRecord>(EXECUTION, executionKey(execution));
    if (!stored) return;
    const change = { kind: EXECUTION, key: stored.key, body: execution, expectedVersion: stored.version };
    await this.#records.write([change]).catch((error: unknown) => {
      if (!(error instanceof RecordConflict)) throw error;
    });
  }

  /** Marks what a process left unfinished as failed. Call once at start, before anything runs. */
  async failInterrupted(nowMs: number): Promise<void> {
    const unfinished = [...this.#records.all<ExecutionRecord>(EXECUTION)].filter(({ body }) => !isFinal(body.status));
    await this.#records.write(
      unfinished.map(({ key, body }) => ({
        kind: EXECUTION,
        key,
        body: { ...body, ...failed(failureDuring(body.status), 'INTERNAL_FAILURE', INTERRUPTED, nowMs) },
      })),
    );
  }

  #index(key: string, execution: ExecutionRecord | undefined): void {
    const [arn, id] = [key.slice(0, key.lastIndexOf('/')), key.slice(key.lastIndexOf('/') + 1)];
    const own = this.#executions.get(arn) ?? new Map<string, ExecutionRecord>();
    if (execution) own.set(id, execution);
    else own.delete(id);
    if (own.size > 0) this.#executions.set(arn, own);
    else this.#executions.delete(arn);
  }

  #export(accountId: string, name: string): StoredRecord<ExportRecord> | undefined {
    return this.#records.get<ExportRecord>(EXPORT, exportKey(accountId, name));
  }

  #stored(accountId: string, arn: string): StoredRecord<ExportRecord> {
    const name = EXPORT_ARN.exec(arn)?.[2];
    const stored = name === undefined ? undefined : this.#export(accountId, name);
    if (stored?.body.arn === arn) return stored;
    throw new Fault('ResourceNotFoundException', `The export ${arn} does not exist`, {
      ResourceId: arn,
      ResourceType: 'Export',
    });
  }
}

/** The ARN of a new export. */
export function exportArn(accountId: string, name: string, uuid: string): string {
  return `arn:aws:bcm-data-exports:us-east-1:${accountId}:export/${name}-${uuid}`;
}

/** Where the last delivery of a billing period is described. */
export function manifestUri({ definition, table }: ExportRecord, period: string): string {
  const { partitionName } = exportTable(table)!;
  return objectUri(
    definition,
    latestManifestKey({ definition, partitionName, period, executionId: '', startedAtMs: 0 }),
  );
}

export function isFinal(status: ExecutionStatus): boolean {
  return status === 'DELIVERY_SUCCESS' || status === 'QUERY_FAILURE' || status === 'DELIVERY_FAILURE';
}

/** What an execution that fails in a state has failed at. */
export function failureDuring(status: ExecutionStatus): FailureStatus {
  return status === 'DELIVERY_IN_PROCESS' ? 'DELIVERY_FAILURE' : 'QUERY_FAILURE';
}

/** How a failed execution ends. */
export function failed(
  status: FailureStatus,
  statusReason: NonNullable<ExecutionRecord['statusReason']>,
  detail: string,
  nowMs: number,
): Partial<ExecutionRecord> {
  return { status, statusReason, detail, updatedAtMs: nowMs, completedAtMs: nowMs };
}

/** Text that sorts as executions came about; the id decides between those of one millisecond. */
export function executionOrder({ createdAtMs, executionId }: ExecutionRecord): string {
  return `${new Date(createdAtMs).toISOString()} ${executionId}`;
}

function exportKey(accountId: string, name: string): string {
  return `${accountId}/${name}`;
}

function executionKey({ exportArn, executionId }: ExecutionRecord): string {
  return `${exportArn}/${executionId}`;
}

function nameTaken(name: string): Fault {
  const message = `An export with the name ${name} already exists`;
  return new Fault('ValidationException', message, {
    Reason: 'fieldValidationFailed',
    Fields: [{ Name: 'Name', Message: message }],
  });
}

function quotaExceeded(table: string, maxExports: number): Fault {
  return new Fault('ServiceQuotaExceededException', `An account can have ${maxExports} exports of ${table}`, {
    ResourceType: 'Export',
    ServiceCode: 'bcm-data-exports',
    // AWS's codes for these quotas are not published; the table names the quota.
    QuotaCode: table,
  });
}
