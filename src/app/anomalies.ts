import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { NoticeOutbox } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import type { OperationTable } from '../paths/operation-handler.ts';
import type { ReportDeps } from '../paths/report-path.ts';
import { AnomalyRegistry } from '../reports/anomaly-registry.ts';
import { anomalyDetectionOperations } from '../services/cost-explorer.ts';
import { AnomalySchedule } from './anomaly-schedule.ts';

export interface AnomaliesParts extends ReportDeps {
  readonly records: RecordStore;
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly accountName: (accountId: string) => string | undefined;
  /** When usage last reached the store. */
  readonly usageArrivedAtMs: () => number;
  readonly clock: Clock;
  /** Told of a monitor that could not be evaluated, and of a subscription that could not be told. */
  readonly onFailure: (arn: string, error: unknown) => void;
}

/** Cost Anomaly Detection: its operations, and what looks at the spend beside the requests. */
export class Anomalies {
  readonly registry: AnomalyRegistry;
  readonly operations: OperationTable;
  readonly #schedule: AnomalySchedule;

  constructor({ records, accountName, usageArrivedAtMs, onFailure, ...shared }: AnomaliesParts) {
    const registry = new AnomalyRegistry(records);
    const schedule = new AnomalySchedule({
      deps: { ...shared, registry, giveWay: () => setImmediate() },
      ...{ usageArrivedAtMs, onFailure },
    });
    this.registry = registry;
    this.operations = anomalyDetectionOperations({
      ...{ registry, accountName, newId: randomUUID },
      onChange: () => schedule.look(),
    });
    this.#schedule = schedule;
  }

  start(): void {
    this.#schedule.start();
  }

  async stop(): Promise<void> {
    await this.#schedule.stop();
  }
}
