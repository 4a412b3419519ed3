import { chmodSync, closeSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Fault } from '../kernel/fault.ts';
import { type RecordChange, RecordConflict, type RecordStore, type StoredRecord } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import { Turns } from '../kernel/turns.ts';

/** Layout of the file, kept in `PRAGMA user_version`. A file of another layout is refused, never guessed at. */
const LAYOUT_VERSION = 1;

const LAYOUT = `
  CREATE TABLE record (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID`;

/** Pages (4 KB) in the write-ahead file before SQLite carries them over, with the process waiting for the disk: rarely. */
const CHECKPOINT_PAGES = 10_000;

interface RecordRow {
  readonly kind: string;
  readonly key: string;
  readonly version: number;
  readonly body: string;
}

/**
 * Control-plane records in one SQLite file that one process owns. Everything is read into memory at the start; a write
 * is one transaction, on disk before it is seen. SQLite leaves the last step to us (WAL, synchronous NORMAL): it would hold up
 * every request of the process until the disk has answered, the thread pool does not.
 */
export class SqliteRecordStore implements RecordStore {
  readonly #file: string;
  readonly #database: DatabaseSync;
  #walFile: FileHandle | undefined;
  /** Each is judged by what the one before it left. */
  readonly #writes = new Turns();
  #failure: Error | undefined;
  readonly #clock: Clock;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #records = new Map<string, Map<string, StoredRecord<unknown>>>();
  readonly #watchers: ((changes: readonly RecordChange[]) => void)[] = [];
  /** One counter for all records, so that a record made anew never repeats a version that somebody may still hold. */
  #lastVersion = 0;

  /** `:memory:` keeps nothing. Throws DataFolderInUse while another process has the file, else DataFolderUnusable. */
  constructor(file: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#database = openOwned(file);
    this.#put = this.#database.prepare(
      'INSERT OR REPLACE INTO record (kind, key, version, body, updated_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#delete = this.#database.prepare('DELETE FROM record WHERE kind = ? AND key = ?');
    const rows = this.#database.prepare('SELECT kind, key, version, body FROM record').iterate();
    for (const row of rows as Iterable<unknown> as Iterable<RecordRow>) {
      this.#ofKind(row.kind).set(row.key, { key: row.key, version: row.version, body: JSON.parse(row.body) });
      this.#lastVersion = Math.max(this.#lastVersion, row.version);
    }
  }

  all<Body>(kind: string): Iterable<StoredRecord<Body>> {
    return this.#ofKind(kind).values() as Iterable<StoredRecord<Body>>;
  }

  get<Body>(kind: string, key: string): StoredRecord<Body> | undefined {
    return this.#records.get(kind)?.get(key) as StoredRecord<Body> | undefined;
  }

  write(changes: readonly RecordChange[]): Promise<void> {
    return this.#writes.take(() => this.#write(changes));
  }

  async #write(changes: readonly RecordChange[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    for (const { kind, key, expectedVersion } of changes) {
      const version = this.get(kind, key)?.version ?? 0;
      if (expectedVersion !== undefined && expectedVersion !== version) {
        throw new RecordConflict(`${kind} \`${key}\` has version ${version}, expected ${expectedVersion}`);
      }
    }
    const written = this.#commit(changes);
    await this.#sync();
    for (const { kind, key, record } of written) {
      if (record) this.#ofKind(kind).set(key, record);
      else this.#records.get(kind)?.delete(key);
    }
    for (const onChange of this.#watchers) onChange(changes);
  }

  watch(onChange: (changes: readonly RecordChange[]) => void): void {
    this.#watchers.push(onChange);
  }

  async close(): Promise<void> {
    await this.#writes.ended();
    await this.#walFile?.close();
    this.#database.close();
  }

  /** Until then power loss could take the last transactions back: what synchronous FULL would wait for. */
  async #sync(): Promise<void> {
    if (this.#file === ':memory:') return;
    try {
      this.#walFile ??= await open(`${this.#file}-wal`);
      await this.#walFile.datasync();
    } catch (error) {
      // It is committed, and whether it will last is not known: memory must not go on from what the file has not.
      this.#failure = error as Error;
      throw error;
    }
  }

  #ofKind(kind: string): Map<string, StoredRecord<unknown>> {
    let records = this.#records.get(kind);
    if (!records) {
      records = new Map();
      this.#records.set(kind, records);
    }
    return records;
  }

  /** What memory has to show once the transaction is on disk; bodies as they would be read back after a restart. */
  #commit(changes: readonly RecordChange[]): { kind: string; key: string; record?: StoredRecord<unknown> }[] {
    const updatedAt = this.#clock();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const written = changes.map(({ kind, key, body }) => {
        if (body === undefined) {
          this.#delete.run(kind, key);
          return { kind, key };
        }
        const version = ++this.#lastVersion;
        const text = JSON.stringify(body);
        this.#put.run(kind, key, version, text, updatedAt);
        return { kind, key, record: { key, version, body: JSON.parse(text) } };
      });
      this.#database.exec('COMMIT');
      return written;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Opens or creates the file, readable by its owner alone, and takes it for this process until `close`. */
function openOwned(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // Made before SQLite sees it: the write-ahead file copies the mode of the main file.
    if (file !== ':memory:') {
      closeSync(openSync(file, 'a', 0o600));
      chmodSync(file, 0o600);
    }
    database = new DatabaseSync(file);
    // Memory is the only reader, so a second process that writes would go unseen: the lock is held from here on.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.exec('BEGIN EXCLUSIVE');
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version === 0) database.exec(`${LAYOUT}; PRAGMA user_version = ${LAYOUT_VERSION}`);
    database.exec('COMMIT');
    if (version !== 0 && version !== LAYOUT_VERSION) {
      throw new Fault(
        'DataFolderUnusable',
        `\`${file}\` has layout ${version} and this version of tallyline reads layout ${LAYOUT_VERSION}; run the version that wrote it`,
      );
    }
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof Fault ? error : unusable(file, error as Error & { errcode?: number });
  }
}

/** `SQLITE_BUSY`: somebody else has the file locked. */
const SQLITE_BUSY = 5;

function unusable(file: string, error: Error & { errcode?: number }): Fault {
  return error.errcode === SQLITE_BUSY
    ? new Fault('DataFolderInUse', `\`${file}\` is in use by another process; stop it or choose another data folder`)
    : new Fault('DataFolderUnusable', `\`${file}\` cannot be opened as a database: ${error.message}`);
}
