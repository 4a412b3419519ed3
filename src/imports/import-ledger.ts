import { anewOnConflict, type RecordChange, type RecordStore } from '../kernel/record-store.ts';
import type { Book, Books } from '../reports/book.ts';
import type { BillImport, BillSource, ImportedPeriod } from './import-records.ts';
import type { LogSource } from './log-source.ts';
import { NOTHING_READ } from './log-tally.ts';

const SOURCE = 'billSource';
const IMPORT = 'billImport';
/** Records of what is imported of each billing period: whoever watches records knows by it that one is gone. */
export const BILL_PERIOD = 'billPeriod';
const LOG = 'logSource';
const PRIMARY = 'primaryBook';

/** Imports that have ended and are remembered, for each source. */
const KEPT_IMPORTS = 100;

/** Which book is the primary one, and who said so. */
interface PrimaryBook {
  readonly book: Book;
  readonly changedAtMs: number;
  readonly changedBy: string;
}

interface AddedImport {
  readonly source: BillSource;
  readonly one: BillImport;
}

/** Sources, imports and what is imported, on the record store. */
export class ImportLedger {
  readonly #records: RecordStore;
  #books: Books | undefined;

  constructor(records: RecordStore) {
    this.#records = records;
    records.watch((changes) => {
      if (changes.some(({ kind }) => [BILL_PERIOD, PRIMARY, LOG].includes(kind))) this.#books = undefined;
    });
  }

  /** The books as reports need to know them. */
  get books(): Books {
    this.#books ??= this.#readBooks();
    return this.#books;
  }

  #readBooks(): Books {
    const logged = this.logs().flatMap(({ tally }) => tally.toMs ?? []);
    return {
      primary: this.primary?.book ?? 'ledger',
      billSources: [...new Set(this.periods().map(({ sourceId }) => sourceId))].sort(),
      billTagKeys: [...new Set(this.periods().flatMap(({ tagKeys }) => tagKeys))].sort(),
      ...(logged.length > 0 && { loggedToMs: Math.max(...logged) }),
    };
  }

  /** Absent until somebody, or the first import, has chosen. */
  get primary(): PrimaryBook | undefined {
    return this.#records.get<PrimaryBook>(PRIMARY, PRIMARY)?.body;
  }

  async setPrimary(primary: PrimaryBook): Promise<void> {
    await this.#records.write([{ kind: PRIMARY, key: PRIMARY, body: primary }]);
  }

  sources(): BillSource[] {
    return this.#all<BillSource>(SOURCE).sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  source(id: string): BillSource | undefined {
    return this.#records.get<BillSource>(SOURCE, id)?.body;
  }

  /**
   * Forgets a source, its imports and periods, and says which periods those were: their rows are removed afterwards. Undefined, and
   * nothing is changed, while an import of it is open.
   */
  removeSource(id: string): Promise<readonly ImportedPeriod[] | undefined> {
    return anewOnConflict(async () => {
      const record = this.#records.get<BillSource>(SOURCE, id);
      if (!record) return [];
      if (this.isBusy(id)) return undefined;
      const periods = this.periods(id);
      await this.#records.write([
        { kind: SOURCE, key: id, expectedVersion: record.version },
        ...this.imports(id).map((one) => ({ kind: IMPORT, key: one.id })),
        ...periods.map(({ period }) => ({ kind: BILL_PERIOD, key: periodKey(id, period) })),
        ...this.#withoutLog(id),
      ]);
      return periods;
    });
  }

  #withoutLog(id: string): RecordChange[] {
    const log = this.#records.get<LogSource>(LOG, id);
    if (!log) return [];
    const isHeld = log.body.handingOverAt !== undefined;
    const body = { ...log.body, tally: NOTHING_READ, marks: {} };
    return [{ kind: LOG, key: id, expectedVersion: log.version, ...(isHeld && { body }) }];
  }

  /** Whether an import of a source waits or runs. */
  isBusy(sourceId: string): boolean {
    return this.imports(sourceId).some(({ endedAtMs }) => endedAtMs === undefined);
  }

  /** Newest first. */
  imports(sourceId?: string): BillImport[] {
    return this.#all<BillImport>(IMPORT)
      .filter((one) => sourceId === undefined || one.sourceId === sourceId)
      .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  }

  import(id: string): BillImport | undefined {
    return this.#records.get<BillImport>(IMPORT, id)?.body;
  }

  /**
   * Adds an import together with its source as it is to be, so that nobody removes the source in between. `decide` reads the ledger, and
   * is asked again when that changed before the writing; undefined: there is none to add.
   */
  addImport(decide: () => AddedImport | undefined): Promise<BillImport | undefined> {
    return anewOnConflict(async () => {
      const added = decide();
      if (!added) return undefined;
      const { source, one } = added;
      const known = this.#records.get<BillSource>(SOURCE, source.id);
      const ended = this.imports(source.id).filter(({ endedAtMs }) => endedAtMs !== undefined);
      await this.#records.write([
        { kind: SOURCE, key: source.id, body: source, expectedVersion: known?.version ?? 0 },
        { kind: IMPORT, key: one.id, body: one, expectedVersion: 0 },
        ...ended.slice(KEPT_IMPORTS).map(({ id }) => ({ kind: IMPORT, key: id })),
      ]);
      return one;
    });
  }

  /** Undefined when there is no such import. */
  changeImport(id: string, change: (before: BillImport) => BillImport): Promise<BillImport | undefined> {
    return anewOnConflict(async () => {
      const record = this.#records.get<BillImport>(IMPORT, id);
      if (!record) return undefined;
      const body = change(record.body);
      if (body !== record.body) {
        await this.#records.write([{ kind: IMPORT, key: id, body, expectedVersion: record.version }]);
      }
      return body;
    });
  }

  /** In order of time. */
  periods(sourceId?: string): ImportedPeriod[] {
    return this.#all<ImportedPeriod>(BILL_PERIOD)
      .filter((one) => sourceId === undefined || one.sourceId === sourceId)
      .sort((a, b) => (periodKey(a.period, a.sourceId) < periodKey(b.period, b.sourceId) ? -1 : 1));
  }

  async putPeriod(period: ImportedPeriod): Promise<void> {
    const key = periodKey(period.sourceId, period.period);
    await this.#records.write([{ kind: BILL_PERIOD, key, body: period }]);
  }

  /** What is on record of the log that a source holds; undefined before anything was read. */
  log(sourceId: string): LogSource | undefined {
    return this.#records.get<LogSource>(LOG, sourceId)?.body;
  }

  logs(): LogSource[] {
    return this.#all<LogSource>(LOG).filter(({ sourceId }) => this.source(sourceId) !== undefined);
  }

  /** Ids of sources, also of removed ones, with calls that may be in the journal of a node. */
  handingOver(nodeId: string): string[] {
    const all = this.#all<LogSource>(LOG);
    return all.filter(({ handingOverAt }) => handingOverAt === nodeId).map(({ sourceId }) => sourceId);
  }

  /** Writes what is to be on record of a log. `decide` is asked again when that changed before the writing. */
  takeLog(sourceId: string, decide: (before: LogSource | undefined) => LogSource): Promise<LogSource> {
    return anewOnConflict(async () => {
      const record = this.#records.get<LogSource>(LOG, sourceId);
      const body = decide(record?.body);
      await this.#records.write([{ kind: LOG, key: sourceId, body, expectedVersion: record?.version ?? 0 }]);
      return body;
    });
  }

  /** No journal has calls of it any more. False, and nothing is changed, where its source was removed. */
  settleLog(sourceId: string): Promise<boolean> {
    return anewOnConflict(async () => {
      const record = this.#records.get<LogSource>(LOG, sourceId);
      if (!record || !this.source(sourceId)) return false;
      const { handingOverAt: _, ...body } = record.body;
      await this.#records.write([{ kind: LOG, key: sourceId, body, expectedVersion: record.version }]);
      return true;
    });
  }

  async forgetLog(sourceId: string): Promise<void> {
    await this.#records.write([{ kind: LOG, key: sourceId }]);
  }

  async putLog(log: LogSource): Promise<void> {
    await this.#records.write([{ kind: LOG, key: log.sourceId, body: log }]);
  }

  #all<Body>(kind: string): Body[] {
    return Array.from(this.#records.all<Body>(kind), ({ body }) => body);
  }
}

function periodKey(sourceId: string, period: string): string {
  return `${sourceId}/${period}`;
}
