import { randomUUID } from 'node:crypto';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Budget } from '../budgets/budget.ts';
import { BudgetOutlooks } from '../budgets/budget-forecast.ts';
import { BudgetRegistry } from '../budgets/budget-registry.ts';
import type { Directory } from '../identity/directory.ts';
import type { NoticeOutbox } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { type BudgetPathParts, lookAtBudget } from '../paths/budget-path.ts';
import type { OperationTable } from '../paths/operation-handler.ts';
import type { ReportDeps } from '../paths/report-path.ts';
import type { ForecastBeside } from '../reports/forecast.ts';
import { budgetsOperations } from '../services/budgets.ts';
import { BudgetSchedule } from './budget-schedule.ts';

export interface BudgetsParts extends ReportDeps {
  readonly records: RecordStore;
  readonly outbox: NoticeOutbox;
  readonly directory: Directory;
  readonly auditLog: AuditLog;
  readonly managementAccountId: string;
  readonly forecast: ForecastBeside;
  readonly refreshSeconds: number;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** The store answers in milliseconds; a question that it never answers must not hold up the other budgets. */
const ANSWER_MS = MINUTE_MS;
/** A budget whose action is undone, stands by and is set off again at the start of a period is looked at this often. */
const MAX_LOOKS = 6;

/** Budgets: their wire API, and what looks at them beside the requests. */
export class Budgets {
  readonly registry: BudgetRegistry;
  readonly operations: OperationTable;
  readonly #schedule: BudgetSchedule;
  readonly #path: BudgetPathParts;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();

  constructor({ records, refreshSeconds, forecast, onTrouble, clock, ...shared }: BudgetsParts) {
    const registry = new BudgetRegistry(records);
    this.registry = registry;
    this.#clock = clock;
    this.#path = {
      ...shared,
      registry,
      outlooks: new BudgetOutlooks(forecast),
      newSignal: () => AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ANSWER_MS)]),
      newId: randomUUID,
    };
    this.#schedule = new BudgetSchedule({
      all: () => registry.all(),
      look: (named) => this.#look(named),
      refreshMs: refreshSeconds * SECOND_MS,
      onTrouble,
    });
    this.operations = budgetsOperations({
      ...shared,
      registry,
      newId: randomUUID,
      onChange: (named) => this.#schedule.soon(named),
    });
  }

  start(): void {
    this.#schedule.start();
  }

  async stop(): Promise<void> {
    const stopped = this.#schedule.stop();
    this.#stopped.abort();
    await stopped;
  }

  async #look(named: Pick<Budget, 'accountId' | 'name'>): Promise<void> {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      if (!(await lookAtBudget(named, this.#path, this.#clock()))) return;
    }
  }
}
