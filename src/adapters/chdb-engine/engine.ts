import { setTimeout as delay } from 'node:timers/promises';
import { engineError } from './engine-error.ts';
import { EngineSession, quoted } from './engine-session.ts';
import type { ChdbNative, NativeConnection } from './native.ts';
import type { Statement } from './statement.ts';

export interface EngineLimits {
  /** Memory of the whole engine; a query that would exceed it fails. */
  readonly memoryBytes: number;
  /** Threads of one query. */
  readonly queryThreads: number;
}

/** What a statement answers with. */
export interface StatementResult {
  /** Pieces of the result; empty for statements without one. */
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly writtenRows: number;
}

/** Every running statement holds one of libuv's 16 threads (UV_THREADPOOL_SIZE); the rest is left to `KILL QUERY`. */
const MAX_RUNNING = 12;

/** How often a statement that should end is told so: it may not have been listed at the first try. */
const KILL_INTERVAL_MS = 50;

const MIB = 2 ** 20;

/** chDB on one data folder. */
export class Engine {
  readonly #native: ChdbNative;
  readonly #folder: string;
  readonly #defaults: ReadonlyMap<string, string>;
  /** Holds the folder open while no request runs. */
  readonly #keeper: NativeConnection;
  readonly #running = new Set<string>();
  #counter = 0;
  #isClosing = false;

  /** Throws when the folder cannot be used, or another process has it. */
  constructor(native: ChdbNative, folder: string, { memoryBytes, queryThreads }: EngineLimits) {
    this.#native = native;
    this.#folder = folder;
    this.#defaults = new Map([['max_threads', `${queryThreads}`]]);
    this.#keeper = native.CreateConnection(folder, engineArguments(memoryBytes));
  }

  /**
   * Runs one statement in a session of its own and passes its result to `use`; the session lasts as long as `use`.
   * Aborting the signal stops the statement in the engine.
   */
  async run<T>(statement: Statement, signal: AbortSignal, use: (result: StatementResult) => Promise<T>): Promise<T> {
    if (this.#isClosing) throw engineError('ABORTED', 'The engine is shutting down');
    if (this.#running.size >= MAX_RUNNING) throw engineError('TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries');
    const mark = `${++this.#counter}:${statement.queryId}`;
    this.#running.add(mark);
    const stop = () => void this.#killUntilGone(mark);
    const session = new EngineSession(this.#native, this.#folder);
    try {
      await session.set(this.#settingsOf(statement, mark));
      if (statement.database !== undefined) await session.use(statement.database);
      signal.throwIfAborted();
      signal.addEventListener('abort', stop, { once: true });
      return await use(await this.#start(session, statement));
    } finally {
      signal.removeEventListener('abort', stop);
      session.close();
      this.#running.delete(mark);
    }
  }

  /** Stops what runs and lets go of the folder. False when something still ran after `graceMs`. */
  async close(graceMs: number): Promise<boolean> {
    this.#isClosing = true;
    const deadline = performance.now() + graceMs;
    while (this.#running.size > 0) {
      if (performance.now() > deadline) return false;
      for (const mark of this.#running) await this.#kill(mark);
      await delay(KILL_INTERVAL_MS);
    }
    this.#native.CloseConnection(this.#keeper);
    return true;
  }

  async #start(session: EngineSession, { sql, rows, format, isBuffered }: Statement): Promise<StatementResult> {
    if (rows) return { pieces: noPieces(), writtenRows: await session.insert(rows.target, rows.file) };
    if (isBuffered || !isStreamable(sql)) return { pieces: onePiece(await session.query(sql, format)), writtenRows: 0 };
    return { pieces: session.stream(sql, format), writtenRows: 0 };
  }

  #settingsOf({ settings, isBuffered }: Statement, mark: string): Map<string, string> {
    const all = new Map([...this.#defaults, ...settings]);
    // By this mark the statement is found in system.processes: chDB gives query ids of its own.
    all.set('log_comment', mark);
    // A streamed query is planned on the event loop. Filling an IN-set of a subquery is left to its execution, which is not.
    if (!isBuffered) all.set('use_index_for_in_with_subqueries', '0');
    return all;
  }

  async #killUntilGone(mark: string): Promise<void> {
    while (this.#running.has(mark)) {
      await this.#kill(mark);
      await delay(KILL_INTERVAL_MS);
    }
  }

  /** From another session, since a session takes one statement at a time. */
  async #kill(mark: string): Promise<void> {
    const session = new EngineSession(this.#native, this.#folder);
    try {
      await session.query(`KILL QUERY WHERE Settings['log_comment'] = ${quoted(mark)} ASYNC`, 'Null');
    } finally {
      session.close();
    }
  }
}

/** Caches are small, because the machine is shared with inference; merges may use one thread fewer than a server's. */
function engineArguments(memoryBytes: number): string[] {
  return [
    `--max_server_memory_usage=${memoryBytes}`,
    `--mark_cache_size=${64 * MIB}`,
    `--index_mark_cache_size=${16 * MIB}`,
    `--query_condition_cache_size=${16 * MIB}`,
    '--background_pool_size=2',
  ];
}

/** Other statements (`SHOW`, `EXISTS`, DDL) have small results, and chDB does not stream them. */
function isStreamable(sql: string): boolean {
  return /^[\s(]*(SELECT|WITH|FROM)\b/i.test(sql);
}

async function* noPieces(): AsyncIterable<Uint8Array> {}

async function* onePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
