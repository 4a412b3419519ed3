import { randomUUID } from 'node:crypto';
import type { ExportsConfig } from '../config.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { type Clock, MINUTE_MS } from '../kernel/time.ts';
import type { OperationTable } from '../paths/operation-handler.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { ExportRegistry } from '../reports/export-registry.ts';
import { ExportRunner } from '../reports/export-run.ts';
import { type ExportSample, exportSample, type SampleQuestion } from '../reports/export-sample.ts';
import type { BillFacts } from '../reports/export-table.ts';
import { dataExportsOperations } from '../services/data-exports.ts';
import type { ObjectStores } from './object-stores.ts';

const LOOK_EVERY_MS = MINUTE_MS;

export interface ExportsParts {
  readonly config: ExportsConfig;
  readonly objects: ObjectStores;
  readonly records: RecordStore;
  readonly store: CostStore;
  readonly bill: () => BillFacts;
  readonly firstDeliveryDelayMs: number;
  readonly clock: Clock;
  readonly onFailure: (exportArn: string, error: unknown) => void;
}

/** Data Exports: what is on record, who delivers it, and the operations on both. Starts exports whose time has come. */
export class Exports {
  readonly registry: ExportRegistry;
  readonly runner: ExportRunner;
  readonly operations: OperationTable;
  /** Rows that a query would deliver, of an export or before there is one. */
  readonly sample: (question: SampleQuestion, signal: AbortSignal) => Promise<ExportSample>;
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | undefined;

  static open(parts: ExportsParts): Exports {
    const { config, objects, records, store, bill, firstDeliveryDelayMs, clock, onFailure } = parts;
    const { lineItemsPerFile } = config;
    const destination = objects.storeOf;
    const registry = new ExportRegistry(records, objects.owners);
    const runner = new ExportRunner({
      ...{ registry, store, destination, lineItemsPerFile, firstDeliveryDelayMs, bill, clock, onFailure },
      newId: randomUUID,
    });
    const operations = dataExportsOperations({ registry, runner, destination, newId: randomUUID });
    const sample: Exports['sample'] = (question, signal) => exportSample(question, { store, bill: bill() }, signal);
    return new Exports({ registry, runner, operations, sample }, clock);
  }

  private constructor(made: Pick<Exports, 'registry' | 'runner' | 'operations' | 'sample'>, clock: Clock) {
    this.registry = made.registry;
    this.runner = made.runner;
    this.operations = made.operations;
    this.sample = made.sample;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    await this.registry.failInterrupted(this.#clock());
    const look = () => {
      for (const exportArn of this.runner.dueExports(this.#clock())) void this.runner.refresh(exportArn);
    };
    look();
    this.#timer = setInterval(look, LOOK_EVERY_MS).unref();
  }

  /** Stops the running delivery, which ends as failed, and starts no other. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.runner.close();
  }
}
