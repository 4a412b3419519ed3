import { randomBytes } from 'node:crypto';
import type { UpstreamConfig } from '../config/upstream-config.ts';
import type { Config } from '../config.ts';
import { logUpstream } from '../imports/log-source.ts';
import { Fault } from '../kernel/fault.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import type { NoticeOutbox } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import { reconcile } from '../paths/reconcile-path.ts';
import type { Reconciliation } from '../reconciliation/reconciliation.ts';
import { reconciliationNotices } from '../reconciliation/reconciliation-alert.ts';
import { type DoneReconciliation, ReconciliationLedger } from '../reconciliation/reconciliation-ledger.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { ReconciledPeriod } from '../reports/reconciled-period.ts';
import type { TallylineServiceParts } from '../services/tallyline.ts';

export interface ReconciliationsParts {
  readonly records: RecordStore;
  readonly store: CostStore;
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly config: Pick<Config, 'reconciliation' | 'upstreams'>;
  /** What is imported now, in order of time. */
  readonly importedPeriods: () => readonly ImportedBill[];
  readonly importedLogs: () => readonly { readonly sourceId: string }[];
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

interface ImportedBill {
  readonly sourceId: string;
  /** `2026-05` */
  readonly period: string;
  readonly executionId: string;
}

/** Compares bills with the ledger, one after another, beside the requests: what is on record as waiting. */
export class Reconciliations {
  readonly ledger: ReconciliationLedger;
  readonly #parts: ReconciliationsParts;
  readonly #bedrock: readonly Extract<UpstreamConfig, { readonly type: 'bedrock' }>[];
  readonly #stop = new AbortController();
  #isStarted = false;
  #round: Promise<void> | undefined;

  constructor(parts: ReconciliationsParts) {
    this.#parts = parts;
    this.ledger = new ReconciliationLedger(parts.records);
    this.#bedrock = (parts.config.upstreams ?? []).filter((one) => one.type === 'bedrock');
    parts.records.watch(() => this.#look());
  }

  /** What of the ledger is compared with a bill that is still imported. */
  reconciled(): readonly ReconciledPeriod[] {
    const imported = new Set(
      this.#parts.importedPeriods().map(({ sourceId, period }) => `${sourceId} ${period.replace('-', '')}`),
    );
    return this.ledger.reconciled().filter(({ sourceId, period }) => imported.has(`${sourceId} ${period}`));
  }

  /** What operations need. */
  get control(): Pick<TallylineServiceParts, 'reconciliations' | 'importedPeriods' | 'startReconciliation'> {
    return {
      reconciliations: this.ledger,
      importedPeriods: this.#parts.importedPeriods,
      startReconciliation: (sourceId, period) => this.ask(sourceId, period),
    };
  }

  /** Puts a comparison on record; whichever node leads makes it. Throws ResourceNotFoundException for what was not imported. */
  async ask(sourceId: string, period: string): Promise<Reconciliation> {
    const bill = this.#parts.importedPeriods().find((one) => one.sourceId === sourceId && one.period === period);
    if (!bill) {
      throw new Fault('ResourceNotFoundException', `no bill of \`${sourceId}\` for \`${period}\` was imported`);
    }
    const id = `rec${randomBytes(8).toString('hex')}`;
    return await this.ledger.ask({
      id,
      sourceId,
      period,
      executionId: bill.executionId,
      askedAtMs: this.#parts.clock(),
    });
  }

  /** A delivery was imported. Where nothing goes to Bedrock through here, there is no ledger to compare it with. */
  async onImported({
    sourceId,
    periods,
  }: {
    readonly sourceId: string;
    readonly periods: readonly string[];
  }): Promise<void> {
    if (this.#upstreams().length === 0) return;
    try {
      for (const period of periods) await this.ask(sourceId, period);
    } catch (error) {
      this.#parts.onTrouble(`reconciliation: ${(error as Error).message}`);
    }
  }

  /** On one node alone. */
  async start(): Promise<void> {
    await this.ledger.resume().catch((error: Error) => this.#parts.onTrouble(`reconciliation: ${error.message}`));
    this.#isStarted = true;
    this.#look();
  }

  /** What is under way is left, to be made anew. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#round;
  }

  #look(): void {
    if (!this.#isStarted || this.#round || this.#stop.signal.aborted || !this.ledger.next()) return;
    this.#round = this.#makeAll()
      .catch((error: Error) => this.#parts.onTrouble(`reconciliation: ${error.message}`))
      .finally(() => {
        this.#round = undefined;
        this.#look();
      });
  }

  async #makeAll(): Promise<void> {
    for (let next = this.ledger.next(); next && !this.#stop.signal.aborted; next = this.ledger.next())
      await this.#make(next);
  }

  async #make(one: Reconciliation): Promise<void> {
    const { store, clock, outbox, onTrouble } = this.#parts;
    await this.ledger.change(one.id, { state: 'running' });
    try {
      const result = await reconcile(one, {
        ...{ store, clock, signal: this.#stop.signal, sentTagKeys: this.#sentTagKeys() },
        upstreams: this.#upstreams(),
      });
      const done: DoneReconciliation = { ...one, state: 'done', finishedAtMs: clock(), result };
      await this.ledger.change(one.id, done);
      await outbox.post(reconciliationNotices(done, this.#alert()));
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const reason = (error as Error).message;
      await this.ledger.change(one.id, { state: 'failed', finishedAtMs: clock(), reason });
      onTrouble(`reconciliation of ${one.sourceId} for ${one.period}: ${reason}`);
    }
  }

  /** Whose usage AWS bills: what went to Bedrock through here, and what its logs say of the rest. */
  #upstreams(): readonly string[] {
    const logs = this.#parts.importedLogs().map(({ sourceId }) => logUpstream(sourceId));
    return [...this.#bedrock.map(({ name }) => name), ...logs];
  }

  /** Keys that every upstream sends as the callers carry them. */
  #sentTagKeys(): 'all' | readonly string[] {
    const chosen = this.#bedrock.flatMap(({ session }) => (session && session.tags !== 'all' ? [session.tags] : []));
    if (chosen.length === 0) return 'all';
    const isSentBy = (tags: Readonly<Record<string, string>>, key: string) => tags[key] === `{tags.${key}}`;
    return Object.keys(chosen[0]!).filter((key) => chosen.every((tags) => isSentBy(tags, key)));
  }

  #alert() {
    const { config, managementAccountId } = this.#parts;
    const { openUsd, openPercent, bypassUsd, subscribers } = config.reconciliation.alert;
    const limits = {
      ...(openUsd !== undefined && { openPicoUsd: parsePicoUsd(openUsd) }),
      ...(openPercent !== undefined && { openBasisPoints: openPercent * 100 }),
      ...(bypassUsd !== undefined && { bypassPicoUsd: parsePicoUsd(bypassUsd) }),
    };
    return { limits, subscribers, managementAccountId };
  }
}
