import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { NoticeOutbox } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import type { OperationTable } from '../paths/operation-handler.ts';
import type { ReportDeps } from '../paths/report-path.ts';
import type { RepeatsOf } from '../paths/watched-usage.ts';
import { AnomalyRegistry } from '../reports/anomaly-registry.ts';
import { anomalyDetectionOperations } from '../services/cost-explorer.ts';
import { AnomalySchedule } from './anomaly-schedule.ts';
import { BillDetection, type ImportedBills } from './bill-detection.ts';
import { Detection } from './detection.ts';

export interface AnomaliesParts extends ReportDeps {
  readonly config: Pick<Config, 'detection'>;
  readonly records: RecordStore;
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly accountName: (accountId: string) => string | undefined;
  /** When usage last reached the store. */
  readonly usageArrivedAtMs: () => number;
  /** How often callers repeat a prompt. */
  readonly repeatsOf: RepeatsOf;
  readonly bills: ImportedBills;
  readonly clock: Clock;
  /** Told of a monitor that could not be evaluated, of a subscription that could not be told, and of the detection. */
  readonly onFailure: (arn: string, error: unknown) => void;
}

/** Cost Anomaly Detection: its operations, and what looks at the spend beside the requests; and our own detection. */
export class Anomalies {
  readonly registry: AnomalyRegistry;
  readonly operations: OperationTable;
  readonly detection: Detection;
  readonly #schedule: AnomalySchedule;
  readonly #billDetection: BillDetection;

  constructor({ config, records, accountName, onFailure, ...parts }: AnomaliesParts) {
    const { usageArrivedAtMs, repeatsOf, bills, ...shared } = parts;
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
    const watching = { ...shared, config: config.detection, records };
    const onTrouble = (message: string) => onFailure('detection', message);
    this.detection = new Detection({ ...watching, repeatsOf, onTrouble });
    const { registry: findings } = this.detection;
    this.#billDetection = new BillDetection({ ...watching, registry: findings, bills, onTrouble });
  }

  start(): void {
    this.#schedule.start();
    this.detection.start();
    this.#billDetection.start();
  }

  async stop(): Promise<void> {
    await this.#schedule.stop();
    await this.detection.stop();
    await this.#billDetection.stop();
  }
}
