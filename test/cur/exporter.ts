import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { FolderObjectStore } from '../../src/adapters/folder-object-store.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import type { CostAllocationTag } from '../../src/allocation/cost-allocation-tag.ts';
import type { CategoryCatalog } from '../../src/allocation/cost-category.ts';
import type { Charge } from '../../src/billing/charge.ts';
import type { ObjectStore } from '../../src/kernel/object-store.ts';
import type { CostStore } from '../../src/reports/cost-store.ts';
import type { ExportDefinition, ExportTarget } from '../../src/reports/export-definition.ts';
import { ExportRegistry, exportArn } from '../../src/reports/export-registry.ts';
import { type Execution, ExportRunner } from '../../src/reports/export-run.ts';
import { shippedBook } from '../rating/shipped-prices.ts';

export const PAYER = '123456789012';
export const MEMBER = '210987654321';

/** Exports of one store into a temporary folder, at a time of the test's choosing. */
export class Exporter {
  readonly folder = mkdtempSync(join(tmpdir(), 'tallyline-exports-'));
  readonly registry: ExportRegistry;
  readonly runner: ExportRunner;
  readonly destination: ObjectStore;
  readonly failures: unknown[] = [];
  tags: ReadonlyMap<string, CostAllocationTag> = new Map();
  readonly charges = new Map<string, Charge>();
  categories: CategoryCatalog = new Map();
  readonly finalPeriods = new Set<string>();
  accountNames: ReadonlyMap<string, string> = new Map([[PAYER, 'Acme']]);
  nowMs = Date.parse('2026-05-20T00:00:00Z');
  #ids = 0;

  /** Line items that a file is made of, at most. */
  constructor(
    store: CostStore,
    over?: (destination: ObjectStore) => ObjectStore,
    lineItemsPerFile = 250_000,
    firstDeliveryDelayMs = 0,
  ) {
    const folder = new FolderObjectStore(this.folder);
    this.destination = over ? over(folder) : folder;
    this.registry = new ExportRegistry(new SqliteRecordStore(':memory:', () => this.nowMs));
    const prices = shippedBook();
    this.runner = new ExportRunner({
      registry: this.registry,
      store,
      destination: () => this.destination,
      lineItemsPerFile,
      firstDeliveryDelayMs,
      bill: () => ({
        payerAccountId: PAYER,
        accountNames: this.accountNames,
        models: new Map(),
        tags: this.tags,
        categories: this.categories,
        chargeOf: (chargeId) => this.charges.get(chargeId),
        invoiceIdOf: (period) => (this.finalPeriods.has(period) ? `invoice-${period}` : ''),
        modelOf: (modelId) => prices.model(modelId),
      }),
      clock: () => this.nowMs,
      newId: () => this.newId(),
      onFailure: (_arn, error) => this.failures.push(error),
    });
  }

  newId(): string {
    this.#ids += 1;
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
  }

  activate(...keys: readonly string[]): void {
    const always = { lastUsedAtMs: 0, discoveredAtMs: 0, activeIntervals: [{ fromMs: 0 }] };
    this.tags = new Map(keys.map((key) => [key, { key, status: 'Active', ...always }]));
  }

  /** Makes an export and answers its ARN; nothing runs yet. */
  async create(definition: ExportDefinition, accountId = PAYER): Promise<string> {
    const arn = exportArn(accountId, definition.name, this.newId());
    const at = { createdAtMs: this.nowMs, updatedAtMs: this.nowMs };
    await this.registry.create({ arn, accountId, definition, table: 'COST_AND_USAGE_REPORT', tags: [], ...at }, 1_000);
    return arn;
  }

  /** Makes an export, runs it, and answers how that ended. */
  async deliver(definition: ExportDefinition, accountId = PAYER): Promise<Execution> {
    return this.runner.run(await this.create(definition, accountId));
  }

  /** Bytes of a delivered object. */
  read(uri: string): Buffer {
    return readFileSync(join(this.folder, uri.replace('s3://', '')));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An export named after its query's properties; hourly and with principals unless told otherwise. */
export function definition(
  name: string,
  queryStatement: string,
  properties: Readonly<Record<string, string>> = { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' },
  target: Partial<ExportTarget> = {},
): ExportDefinition {
  return {
    name,
    queryStatement,
    tableConfigurations: { COST_AND_USAGE_REPORT: properties },
    destination: {
      ...{ bucket: 'bills', prefix: 'cur2', region: 'us-east-1', outputType: 'CUSTOM' },
      ...{ format: 'PARQUET', compression: 'PARQUET', overwrite: 'OVERWRITE_REPORT' },
      ...target,
    },
    refreshFrequency: 'SYNCHRONOUS',
  };
}

export const CSV: Partial<ExportTarget> = { format: 'TEXT_OR_CSV', compression: 'GZIP' };

export function readParquet(bytes: Buffer): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: arrayBuffer(bytes), compressors });
}

export function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** Records of a gzip CSV file (RFC 4180), the header first. An empty field without quotes is null. */
export function readCsv(bytes: Buffer): (string | null)[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/y;
  const text = gunzipSync(bytes).toString('utf8');
  const records: (string | null)[][] = [[]];
  while (field.lastIndex < text.length) {
    const [, quoted, plain, end] = field.exec(text)!;
    records.at(-1)!.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === '\n' && field.lastIndex < text.length) records.push([]);
  }
  return records;
}
