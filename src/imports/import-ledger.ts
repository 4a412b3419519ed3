import { anewOnConflict, type RecordStore } from '../kernel/record-store.ts';
import type { Book, Books } from '../reports/book.ts';
import type { BillImport, BillSource, ImportedPeriod } from './import-records.ts';

const SOURCE = 'billSource';
const IMPORT = 'billImport';
const PERIOD = 'billPeriod';
const PRIMARY = 'primaryBook';

/** Imports that have ended and are remembered, for each source. */
const KEPT_IMPORTS = 100;

/** Which book is the primary one, and who said so. */
interface PrimaryBook {
  readonly book: Book;
  readonly changedAtMs: number;
  readonly changedBy: string;
}

/** Sources, imports and what is imported, on the record store. */
export class ImportLedger {
  readonly #records: RecordStore;
  #books: Books | undefined;

  constructor(records: RecordStore) {
    this.#records = records;
    records.watch((changes) => {
      if (changes.some(({ kind }) => kind === PERIOD || kind === PRIMARY)) this.#books = undefined;
    });
  }

  /** The books as reports need to know them. */
  get books(): Books {
    this.#books ??= {
      primary: this.primary?.book ?? 'ledger',
      billSources: [...new Set(this.periods().map(({ sourceId }) => sourceId))].sort(),
      billTagKeys: [...new Set(this.periods().flatMap(({ tagKeys }) => tagKeys))].sort(),
    };
    return this.#books;
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

  async putSource(source: BillSource): Promise<void> {
    await this.#records.write([{ kind: SOURCE, key: source.id, body: source }]);
  }

  /** Forgets a source, its imports and periods. Their rows are removed first. */
  async removeSource(id: string): Promise<void> {
    await this.#records.write([
      ...this.imports(id).map((one) => ({ kind: IMPORT, key: one.id })),
      ...this.periods(id).map(({ period }) => ({ kind: PERIOD, key: periodKey(id, period) })),
      { kind: SOURCE, key: id },
    ]);
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

  async addImport(one: BillImport): Promise<void> {
    const ended = this.imports(one.sourceId).filter(({ endedAtMs }) => endedAtMs !== undefined);
    await this.#records.write([
      { kind: IMPORT, key: one.id, body: one, expectedVersion: 0 },
      ...ended.slice(KEPT_IMPORTS).map(({ id }) => ({ kind: IMPORT, key: id })),
    ]);
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
    return this.#all<ImportedPeriod>(PERIOD)
      .filter((one) => sourceId === undefined || one.sourceId === sourceId)
      .sort((a, b) => (periodKey(a.period, a.sourceId) < periodKey(b.period, b.sourceId) ? -1 : 1));
  }

  async putPeriod(period: ImportedPeriod): Promise<void> {
    const key = periodKey(period.sourceId, period.period);
    await this.#records.write([{ kind: PERIOD, key, body: period }]);
  }

  #all<Body>(kind: string): Body[] {
    return Array.from(this.#records.all<Body>(kind), ({ body }) => body);
  }
}

function periodKey(sourceId: string, period: string): string {
  return `${sourceId}/${period}`;
}
