import pg from 'pg';
import { Fault } from '../kernel/fault.ts';
import { type RecordChange, RecordConflict, type RecordStore, type StoredRecord } from '../kernel/record-store.ts';
import { type Clock, DAY_MS } from '../kernel/time.ts';
import { Turns } from '../kernel/turns.ts';
import { databaseFault } from './postgres-record-store/database-fault.ts';
import { Follower } from './postgres-record-store/follower.ts';
import { prepareLayout } from './postgres-record-store/layout.ts';
import {
  purgeDeleted,
  type RecordRow,
  recordsAfter,
  type WrittenRecord,
  writeRecords,
} from './postgres-record-store/record-table.ts';
import { StartLock } from './postgres-record-store/start-lock.ts';

export interface PostgresRecordStoreOptions {
  /** `postgres://user@host:5432/database`. */
  readonly url: string;
  /** Absent: the URL's, or none. */
  readonly password?: string;
  /** Certificate authorities in PEM; absent: those of Node, where the URL asks for TLS. */
  readonly certificateAuthorities?: string;
  /** PostgreSQL's schema of the tables. */
  readonly schema: string;
  /** Tells this node from others. */
  readonly nodeId: string;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** Writes wait for each other, so more would be idle; the leader's and the follower's questions go beside them. */
const CONNECTIONS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** So long every node has to see that a record was deleted. */
const DELETED_KEPT_MS = DAY_MS;

/**
 * Control-plane records in PostgreSQL, for any number of nodes: each has everything in memory, writes in transactions that
 * go one after the other, and follows what the others wrote (LISTEN, and asking). While the database is away, reads go on
 * from memory and writes throw StoreUnavailable.
 */
export class PostgresRecordStore implements RecordStore {
  readonly #pool: pg.Pool;
  readonly #follower: Follower;
  readonly #start: StartLock;
  readonly #options: PostgresRecordStoreOptions;
  readonly #records = new Map<string, Map<string, StoredRecord<unknown>>>();
  readonly #watchers: ((changes: readonly RecordChange[]) => void)[] = [];
  /** Everything up to here is in memory. */
  #seenVersion = 0;
  /** Writes and catching up, one after the other: memory changes in the order of the versions. */
  readonly #turns = new Turns();

  private constructor(options: PostgresRecordStoreOptions, settings: pg.ClientConfig) {
    this.#options = options;
    this.#pool = new pg.Pool({ ...settings, max: CONNECTIONS });
    // An idle connection that breaks: the next question opens another one.
    this.#pool.on('error', () => {});
    // One that breaks while it works: the work fails and says so.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    this.#start = new StartLock(settings);
    this.#follower = new Follower({ settings, onNews: () => this.#catchUp(), onTrouble: options.onTrouble });
  }

  /**
   * Waits until no other node is between `open` and `letOthersStart`. Throws StoreUnavailable when there is no such
   * database, DataFolderUnusable for tables of another layout.
   */
  static async open(options: PostgresRecordStoreOptions): Promise<PostgresRecordStore> {
    const store = new PostgresRecordStore(options, clientSettings(options));
    try {
      await store.#start.take();
      await store.#prepare();
      await store.#catchUp();
      await store.#follower.start();
      return store;
    } catch (error) {
      await store.close();
      throw unusable(options, error);
    }
  }

  all<Body>(kind: string): Iterable<StoredRecord<Body>> {
    return this.#ofKind(kind).values() as Iterable<StoredRecord<Body>>;
  }

  get<Body>(kind: string, key: string): StoredRecord<Body> | undefined {
    return this.#records.get(kind)?.get(key) as StoredRecord<Body> | undefined;
  }

  async write(changes: readonly RecordChange[]): Promise<void> {
    if (changes.length === 0) return;
    const written = writtenRecords(changes);
    await this.#turns.take(async () => {
      let before: number;
      try {
        const updatedAtMs = this.#options.clock();
        before = await this.#transaction((client) => writeRecords(client, changes, written, updatedAtMs));
      } catch (error) {
        // Whoever decides anew has to see what the other one wrote.
        if (error instanceof RecordConflict) await this.#readNews();
        throw error;
      }
      if (before !== this.#seenVersion) {
        await this.#readNews();
        return;
      }
      this.#apply(
        written.map(({ kind, key, text }, index) => ({ kind, key, body: text, version: String(before + index + 1) })),
      );
    });
  }

  watch(onChange: (changes: readonly RecordChange[]) => void): void {
    this.#watchers.push(onChange);
  }

  /** What must be made once, at the first start of all, is made. */
  async letOthersStart(): Promise<void> {
    await this.#start.release();
  }

  /**
   * True when this node leads for the next `leaseMs`: it does, or nobody does. What must happen once among all nodes is
   * the leader's to do. Also notes that the node is alive. Throws StoreUnavailable.
   */
  async lead(leaseMs: number): Promise<boolean> {
    const { nodeId } = this.#options;
    const seconds = leaseMs / 1_000;
    return await this.#transaction(async (client) => {
      await client.query('BEGIN');
      await client.query(
        'INSERT INTO node (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()',
        [nodeId],
      );
      const { rowCount } = await client.query(
        `INSERT INTO leader (node_id, until) VALUES ($1, now() + make_interval(secs => $2))
         ON CONFLICT (one) DO UPDATE SET node_id = excluded.node_id, until = excluded.until
         WHERE leader.node_id = excluded.node_id OR leader.until < now()`,
        [nodeId, seconds],
      );
      if (rowCount === 1) await purgeDeleted(client, this.#options.clock() - DELETED_KEPT_MS);
      await client.query('COMMIT');
      return rowCount === 1;
    });
  }

  /** Gives up leading, so that another node need not wait for the lease to end. */
  async resign(): Promise<void> {
    await this.#transaction(async (client) => {
      await client.query('DELETE FROM leader WHERE node_id = $1', [this.#options.nodeId]);
      await client.query('DELETE FROM node WHERE id = $1', [this.#options.nodeId]);
    });
  }

  /** Nodes that were alive within `withinMs`, this one among them. */
  async nodes(withinMs: number): Promise<string[]> {
    return await this.#transaction(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        'SELECT id FROM node WHERE seen_at > now() - make_interval(secs => $1) ORDER BY id',
        [withinMs / 1_000],
      );
      return rows.map(({ id }) => id);
    });
  }

  async close(): Promise<void> {
    await this.#start.release();
    await this.#follower.close();
    await this.#turns.ended();
    if (!this.#pool.ended) await this.#pool.end();
  }

  async #prepare(): Promise<void> {
    await this.#transaction((client) => prepareLayout(client, this.#options.schema));
  }

  #catchUp(): Promise<void> {
    return this.#turns.take(() => this.#readNews());
  }

  /** In one's turn only. */
  async #readNews(): Promise<void> {
    const { head, rows } = await this.#transaction(async (client) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const found = await client.query<{ version: string; purged_version: string }>(
        'SELECT version, purged_version FROM head',
      );
      const head = found.rows[0]!;
      const isBehind = Number(head.version) > this.#seenVersion;
      const hasMissed = Number(head.purged_version) > this.#seenVersion;
      const rows = isBehind ? await recordsAfter(client, hasMissed ? 0 : this.#seenVersion) : [];
      await client.query('COMMIT');
      return { head, rows: hasMissed ? [...this.#missingFrom(rows), ...rows] : rows };
    });
    this.#apply(rows);
    this.#seenVersion = Math.max(this.#seenVersion, Number(head.version));
  }

  /** What is in memory and in no row: it was deleted so long ago that the row is gone as well. */
  *#missingFrom(rows: readonly RecordRow[]): Generator<RecordRow> {
    const known = new Set(rows.map(({ kind, key }) => JSON.stringify([kind, key])));
    for (const [kind, records] of this.#records) {
      for (const { key, version } of records.values()) {
        if (!known.has(JSON.stringify([kind, key]))) yield { kind, key, version: String(version), body: null };
      }
    }
  }

  /** Puts rows into memory and tells the watchers, of what is new to it alone. */
  #apply(rows: readonly RecordRow[]): void {
    const changes: RecordChange[] = [];
    for (const { kind, key, version, body: text } of rows) {
      const known = this.get(kind, key)?.version ?? 0;
      if (text === null) {
        if (known === 0) continue;
        this.#records.get(kind)!.delete(key);
        changes.push({ kind, key });
      } else if (Number(version) > known) {
        const body: unknown = JSON.parse(text);
        this.#ofKind(kind).set(key, { key, version: Number(version), body });
        changes.push({ kind, key, body });
      }
    }
    const last = rows.at(-1);
    if (last) this.#seenVersion = Math.max(this.#seenVersion, Number(last.version));
    if (changes.length > 0) for (const onChange of this.#watchers) onChange(changes);
  }

  #ofKind(kind: string): Map<string, StoredRecord<unknown>> {
    let records = this.#records.get(kind);
    if (!records) {
      records = new Map();
      this.#records.set(kind, records);
    }
    return records;
  }

  /** A connection for one piece of work; one that failed is not used again, but for a conflict, which is taken back. */
  async #transaction<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    let client: pg.PoolClient | undefined;
    let failure: Error | undefined;
    try {
      client = await this.#pool.connect();
      return await work(client);
    } catch (error) {
      if (error instanceof RecordConflict) await client?.query('ROLLBACK').catch(() => {});
      else failure = error as Error;
      throw databaseFault(error);
    } finally {
      client?.release(failure);
    }
  }
}

function clientSettings(options: PostgresRecordStoreOptions): pg.ClientConfig {
  const { url, password, certificateAuthorities, schema, nodeId } = options;
  return {
    connectionString: url,
    ...(password !== undefined && { password }),
    ...(certificateAuthorities !== undefined && { ssl: { ca: certificateAuthorities } }),
    application_name: `tallyline ${nodeId}`,
    options: `-c search_path=${pg.escapeIdentifier(schema)}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
  };
}

/** The last change of each record; as text, before anything is written, so that what cannot be written changes nothing. */
function writtenRecords(changes: readonly RecordChange[]): WrittenRecord[] {
  const last = new Map<string, WrittenRecord>();
  for (const { kind, key, body } of changes) {
    const id = JSON.stringify([kind, key]);
    last.delete(id);
    last.set(id, { kind, key, text: body === undefined ? null : JSON.stringify(body) });
  }
  return [...last.values()];
}

/** Names the database without what may be a secret in its URL. */
function unusable({ url }: PostgresRecordStoreOptions, error: unknown): unknown {
  if (error instanceof Fault && error.code !== 'StoreUnavailable') return error;
  if (!(error instanceof Error)) return error;
  const { host, pathname } = new URL(url);
  return new Fault(
    'StoreUnavailable',
    `the directory database at \`${host}${pathname}\` cannot be used: ${error.message}`,
  );
}
