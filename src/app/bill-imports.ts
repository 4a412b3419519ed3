import { randomBytes } from 'node:crypto';
import { FolderBillUploads } from '../adapters/folder-bill-uploads.ts';
import { unpackedBytes } from '../adapters/unpacked-bytes.ts';
import type { Config } from '../config.ts';
import type { Account } from '../identity/account.ts';
import type { BillStore } from '../imports/bill-store.ts';
import type { BillUploads } from '../imports/bill-uploads.ts';
import { changed, findDeliveries } from '../imports/delivery-finder.ts';
import { ImportLedger } from '../imports/import-ledger.ts';
import type { BillImport, BillSource, ImportedPeriod } from '../imports/import-records.ts';
import { ImportRefused } from '../imports/import-refused.ts';
import { findLog } from '../imports/log-layout.ts';
import { uploadedName } from '../imports/upload-location.ts';
import { Fault } from '../kernel/fault.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { type Clock, MINUTE_MS } from '../kernel/time.ts';
import { Turns } from '../kernel/turns.ts';
import { type CheckedPlace, checkPlace, type ImportProgress, runImport } from '../paths/import-path.ts';
import { checkLog, hasLogNews } from '../paths/log-path.ts';
import { hasOwnUsage } from '../paths/own-usage.ts';
import type { BilledModel } from '../rating/billed-model.ts';
import { ModelNames } from '../rating/billed-usage.ts';
import type { CostCatalog } from '../reports/cost-catalog.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { ImportLocations } from './import-locations.ts';
import { isLog, type LogImports } from './log-imports.ts';

export interface BillImportsParts {
  readonly config: Config;
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly records: RecordStore;
  readonly bills: BillStore;
  readonly models: () => Iterable<BilledModel>;
  readonly store: Pick<CostStore, 'query'>;
  readonly logs: Pick<LogImports, 'run' | 'settle' | 'remove'>;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** What follows an import: `reconcile` compares the periods with the ledger. */
export interface Imported {
  readonly sourceId: string;
  readonly periods: readonly string[];
  /** When the first call was made of those that came into the ledger. Absent: none did. */
  readonly callsFromMs?: number;
}

/** A caller waits for it; the command line for a minute. */
const CHECK_TIMEOUT_MS = 50_000;

interface BeginOptions {
  readonly createdBy: string;
  /** Absent, as the next: as it was; at first false. */
  readonly allServices?: boolean;
  readonly isWatched?: boolean;
}

interface Running {
  readonly importId: string;
  readonly progress: ImportProgress;
  readonly cancelled: AbortController;
  readonly done: Promise<void>;
}

/** Runs imports one after another, in the order in which they were asked for. */
export class BillImports {
  readonly ledger: ImportLedger;
  readonly locations: ImportLocations;
  readonly uploads: BillUploads;
  /** False: another node imports. */
  isHere = false;
  readonly #parts: BillImportsParts;
  readonly #listeners: ((imported: Imported) => void)[] = [];
  #running: Running | undefined;
  #isStarted = false;
  #isLooking = false;
  #takenUp: Promise<void> | undefined;
  /** Calls of logs that earlier imports have left in the journal are in the store. */
  #settled: Promise<void> = Promise.resolve();
  readonly #turns = new Turns();
  #watch: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: BillImportsParts) {
    this.#parts = parts;
    this.ledger = new ImportLedger(parts.records);
    this.locations = new ImportLocations(parts);
    this.uploads = new FolderBillUploads({
      folder: this.locations.uploadFolder,
      bytesMax: parts.config.import.uploadGib * 2 ** 30,
      clock: parts.clock,
    });
    parts.records.watch(() => {
      this.#stopEnded();
      this.#runNext();
    });
    void this.#settleLogs();
  }

  /** Called after every import that has replaced something. */
  onImported(listener: (imported: Imported) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes up what is queued, and what was cut off. On one node alone. */
  start(): void {
    this.isHere = true;
    this.#takenUp = this.#takeUp();
  }

  async #takeUp(): Promise<void> {
    const open = this.ledger.imports().filter(({ endedAtMs }) => endedAtMs === undefined);
    // Before any import runs: the staging of one that begins meanwhile is none of a killed one.
    await this.#parts.bills
      .closeOthers(open.map(({ id }) => id))
      .catch((error: Error) => this.#parts.onTrouble(String(error)));
    if (this.#isStopped) return;
    this.#isStarted = true;
    this.#runNext();
    void this.#lookAtWatched();
    this.#watch = setInterval(() => void this.#lookAtWatched(), this.#parts.config.import.watchMinutes * MINUTE_MS);
  }

  /** Imports what is new at the sources that are watched. */
  async #lookAtWatched(): Promise<void> {
    // A bucket may take longer to list than it is until the next look.
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const { id, location } of this.ledger.sources().filter(({ isWatched }) => isWatched)) {
      if (this.#isStopped) break;
      if (this.ledger.isBusy(id)) continue;
      try {
        if (await this.#hasNews(id, location)) await this.#addWatched(id);
      } catch (error) {
        this.#parts.onTrouble(`cannot look at \`${location}\`: ${wordsOf(error)}`);
      }
    }
    this.#isLooking = false;
  }

  /** Unless somebody has removed the source, ended the watching or asked for an import meanwhile. */
  #addWatched(sourceId: string): Promise<BillImport | undefined> {
    return this.ledger.addImport(() => {
      const source = this.ledger.source(sourceId);
      if (!source?.isWatched || this.ledger.isBusy(sourceId) || this.#isStopped) return undefined;
      return { source, one: this.#newImport(sourceId, 'watch', source.createdBy) };
    });
  }

  async #hasNews(sourceId: string, location: string): Promise<boolean> {
    const { ledger } = this;
    const files = await this.locations.open(location);
    const log = ledger.log(sourceId);
    if (log) return hasLogNews(location, log, files);
    return changed((await findDeliveries(files)).deliveries, ledger.periods(sourceId)).length > 0;
  }

  /** Calls of logs that an import has left in the journal are in the store afterwards. Never rejects. */
  #settleLogs(): Promise<void> {
    const { logs, onTrouble } = this.#parts;
    this.#settled = this.#settled
      .then(() => logs.settle(this.ledger))
      .catch((error: Error) => onTrouble(`imports: ${error.message}`));
    return this.#settled;
  }

  /** Stops at the next file; the next start goes on there, here or on another node. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#takenUp;
    clearInterval(this.#watch);
    this.#running?.cancelled.abort(new Stopped());
    await this.#running?.done;
    await this.#settleLogs();
  }

  /** What an import of a place would find, and would be refused for. Changes nothing. */
  async check(location: string): Promise<CheckedPlace> {
    const files = await this.locations.open(location);
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    try {
      const log = await checkLog(location, files, signal);
      return log ?? (await checkPlace({ files, unpack: unpackedBytes, signal }));
    } catch (error) {
      if (!signal.aborted) throw error;
      const text = `\`${location}\` has more files than can be looked at in 50 s; give the folder of one billing period`;
      throw new Fault('ValidationException', text);
    }
  }

  /** Queues an import of a place. A place that is known is the source that it was. */
  async begin(location: string, options: BeginOptions): Promise<BillImport> {
    await this.locations.open(location);
    // One after another: two that begin with one place have one source.
    return this.#turns.take(() => this.#begin(location, options));
  }

  async #begin(location: string, { allServices, isWatched, createdBy }: BeginOptions): Promise<BillImport> {
    const added = await this.ledger.addImport(() => {
      const known = this.ledger.sources().find((source) => source.location === location);
      const source: BillSource = {
        ...(known ?? { id: `src${newId()}`, location, createdAtMs: this.#parts.clock(), createdBy }),
        allServices: allServices ?? known?.allServices ?? false,
        isWatched: isWatched ?? known?.isWatched ?? false,
      };
      return { source, one: this.#newImport(source.id, 'asked', createdBy) };
    });
    return added!;
  }

  #newImport(sourceId: string, cause: BillImport['cause'], createdBy: string): BillImport {
    return {
      ...{ id: `imp${newId()}`, sourceId, state: 'queued', createdAtMs: this.#parts.clock(), createdBy, cause },
      ...{ deliveries: [], ignored: [], problems: [], periods: [] },
    };
  }

  /** Ends an import, unless it is over by then. Throws ResourceNotFoundException for one that is not there or has ended. */
  async cancel(importId: string): Promise<void> {
    const found = this.ledger.import(importId);
    if (!found || found.endedAtMs !== undefined) {
      throw new Fault('ResourceNotFoundException', `there is no import \`${importId}\` that is under way`);
    }
    if (this.#running?.importId === importId) {
      this.#running.cancelled.abort(new Stopped());
      await this.#running.done;
    } else await this.#end(importId, { state: 'cancelled' });
  }

  /** Forgets a source and removes its lines. Throws ConflictException while one of its imports is under way. */
  async removeSource(sourceId: string): Promise<void> {
    const { ledger } = this;
    const source = ledger.source(sourceId);
    if (!source) throw new Fault('ResourceNotFoundException', `there is no source \`${sourceId}\``);
    await this.#settled;
    if (ledger.log(sourceId) && !ledger.isBusy(sourceId)) await this.#parts.logs.remove(sourceId);
    // First from the reports, then from the store.
    const periods = await ledger.removeSource(sourceId);
    if (!periods) throw new Fault('ValidationException', `an import of \`${sourceId}\` is under way; cancel it first`);
    for (const { period } of periods) await this.#parts.bills.remove(sourceId, period);
    const uploaded = uploadedName(source.location);
    if (uploaded !== undefined) await this.uploads.remove(uploaded);
  }

  /** What imports add to the catalog of reports. */
  catalog(accounts: Iterable<Account>): Pick<CostCatalog, 'books' | 'accountNames'> {
    const { ledger } = this;
    const ofBills = ledger.periods().flatMap((period) => Object.entries(period.accountNames));
    const own = Array.from(accounts, ({ id, name }) => [id, name] as const);
    return { books: ledger.books, accountNames: new Map([...ofBills, ...own]) };
  }

  /** Of the import that runs now. */
  progressOf(importId: string): ImportProgress | undefined {
    return this.#running?.importId === importId ? this.#running.progress : undefined;
  }

  #runNext(): void {
    if (this.#running || !this.#isStarted || this.#isStopped) return;
    const open = this.ledger.imports().filter(({ endedAtMs }) => endedAtMs === undefined);
    const next = open.findLast(({ sourceId }) => this.ledger.source(sourceId) !== undefined);
    const source = next && this.ledger.source(next.sourceId);
    if (!next || !source) return;
    const cancelled = new AbortController();
    const progress: ImportProgress = {
      ...{ step: 'looking', filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0, rowsDone: 0 },
      ...{ periodsDone: 0, periodsTotal: 0 },
    };
    const ended = Promise.withResolvers<void>();
    // First, for what it writes calls back here.
    this.#running = { importId: next.id, progress, cancelled, done: ended.promise };
    void this.#run(next, source, progress, cancelled.signal).finally(() => {
      this.#running = undefined;
      ended.resolve();
      this.#runNext();
    });
  }

  /** What runs here may be cancelled at another node, or while it began. */
  #stopEnded(): void {
    const running = this.#running;
    if (running && this.ledger.import(running.importId)?.endedAtMs !== undefined)
      running.cancelled.abort(new Stopped());
  }

  async #run(one: BillImport, source: BillSource, progress: ImportProgress, signal: AbortSignal): Promise<void> {
    const { bills, clock, models, onTrouble } = this.#parts;
    const { ledger } = this;
    try {
      const begun = await ledger.changeImport(one.id, (before) => {
        if (before.endedAtMs !== undefined) return before;
        return { ...before, state: 'running', startedAtMs: before.startedAtMs ?? clock() };
      });
      if (begun?.endedAtMs !== undefined) throw new Stopped();
      const files = await this.locations.open(source.location);
      const shared = { ledger, files, unpack: unpackedBytes, signal, progress };
      const log = await findLog(files, source.location);
      if (isLog(source, log, ledger)) {
        await this.#settled;
        await this.#parts.logs.run(begun!, source, log, shared);
        await this.#end(one.id, { state: 'done' });
        const { fromMs: callsFromMs } = ledger.import(one.id)?.log ?? {};
        const imported = { sourceId: source.id, periods: [], ...(callsFromMs !== undefined && { callsFromMs }) };
        for (const listener of this.#listeners) listener(imported);
        return;
      }
      const published = await runImport(begun!, source, {
        ...shared,
        ...{ bills, clock, models: () => new ModelNames(models()) },
      });
      const madePrimary = await this.#makePrimary(one, published);
      await this.#end(one.id, { state: 'done', periods: published.map(({ period }) => period), madePrimary });
      const imported = { sourceId: source.id, periods: published.map(({ period }) => period) };
      for (const listener of this.#listeners) listener(imported);
    } catch (error) {
      if (this.#isStopped) return;
      void this.#settleLogs();
      const isCancelled = error instanceof Stopped || signal.reason instanceof Stopped;
      const problems = error instanceof ImportRefused ? error.problems : [{ text: wordsOf(error) }];
      if (!(isCancelled || error instanceof ImportRefused || error instanceof Fault))
        onTrouble(`import ${one.id}: ${String(error)}`);
      // Periods are put in place one after another: those that were stay.
      const periods = ledger.periods(source.id).filter(({ importId }) => importId === one.id);
      const replaced = { periods: periods.map(({ period }) => period) };
      await this.#end(
        one.id,
        isCancelled ? { state: 'cancelled', ...replaced } : { state: 'failed', problems, ...replaced },
      );
      await bills.close(one.id).catch((failure: Error) => onTrouble(`import ${one.id}: ${failure.message}`));
    }
  }

  /** The first bill becomes the book that is shown, where there is nothing else to show but what logs say of the same usage. */
  async #makePrimary({ createdBy }: BillImport, published: readonly ImportedPeriod[]): Promise<boolean> {
    if (this.ledger.primary || published.length === 0 || (await hasOwnUsage(this.#parts.store))) return false;
    await this.ledger.setPrimary({ book: 'bill', changedAtMs: this.#parts.clock(), changedBy: createdBy });
    return true;
  }

  async #end(importId: string, outcome: Pick<BillImport, 'state'> & Partial<BillImport>): Promise<void> {
    const endedAtMs = this.#parts.clock();
    await this.ledger.changeImport(importId, (before) => {
      return before.endedAtMs === undefined ? { ...before, ...outcome, endedAtMs } : before;
    });
  }
}

/** Somebody stopped it: no failure. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

function wordsOf(error: unknown): string {
  return error instanceof Fault
    ? error.message
    : "it failed for a reason that is no fault of the bill; see the server's log";
}

function newId(): string {
  return randomBytes(6).toString('hex');
}
