import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { engineError } from './engine-error.ts';
import { EngineSession, quoted } from './engine-session.ts';
import type { ChdbNative, NativeConnection } from './native.ts';
import type { Spool } from './spool.ts';
import type { Statement } from './statement.ts';

export interface EngineLimits {
  /** Memory of the whole engine; a query that would exceed it fails. */
  readonly memoryBytes: number;
  /** Threads of one query. */
  readonly queryThreads: number;
}

/** What a statement answers with, when it has run to its end. */
export interface StatementResult {
  /** Empty for statements without a result. */
  readonly bytes: Uint8Array | Readable;
  readonly writtenRows: number;
}

/** Every running statement holds one of libuv's 16 threads (UV_THREADPOOL_SIZE); the rest is left to files and KILL QUERY. */
const MAX_RUNNING = 12;

/** How often a statement that should end is told so: it may not have been listed at the first try. */
const KILL_INTERVAL_MS = 50;

const NO_BYTES = new Uint8Array();
const MIB = 2 ** 20;

/** chDB on one data folder. */
export class Engine {
  readonly #native: ChdbNative;
  readonly #folder: string;
  readonly #spool: Spool;
  readonly #queryThreads: number;
  /** Holds the folder open while no request runs. */
  readonly #keeper: NativeConnection;
  readonly #running = new Set<string>();
  #counter = 0;
  #isClosing = false;

  /** Throws when the folder cannot be used, or another process has it. */
  constructor(native: ChdbNative, folder: string, spool: Spool, { memoryBytes, queryThreads }: EngineLimits) {
    this.#native = native;
    this.#folder = folder;
    this.#spool = spool;
    this.#queryThreads = queryThreads;
    this.#keeper = native.CreateConnection(folder, engineArguments(memoryBytes));
  }

  /**
   * Runs a statement to its end in a session of its own and passes the result to `use`; `rows` are read when it is an
   * insert. Aborting the signal stops the statement in the engine.
   */
  async run(
    statement: Statement,
    rows: Readable,
    signal: AbortSignal,
    use: (result: StatementResult) => Promise<void>,
  ): Promise<void> {
    const { kind, sql, format } = statement;
    if (kind === 'insert') {
      await this.#spool.hold(rows, async (file) => {
        const writtenRows = await this.#inSession(statement, signal, (session) => session.insertFrom(file, statement));
        await use({ bytes: NO_BYTES, writtenRows });
      });
    } else if (kind === 'select') {
      await this.#spool.lend(async (file) => {
        await this.#inSession(statement, signal, (session) => session.queryInto(file, statement));
        await use({ bytes: createReadStream(file), writtenRows: 0 });
      });
    } else {
      const bytes = await this.#inSession(statement, signal, (session) => session.query(sql, format));
      await use({ bytes, writtenRows: 0 });
    }
  }

  /** Stops what runs and lets go of the folder. False when something still ran after `graceMs`. */
  async close(graceMs: number): Promise<boolean> {
    this.#isClosing = true;
    const deadline = performance.now() + graceMs;
    while (this.#running.size > 0) {
      if (performance.now() > deadline) return false;
      for (const mark of this.#running) await this.#kill(mark).catch(() => {});
      await delay(KILL_INTERVAL_MS);
    }
    this.#native.CloseConnection(this.#keeper);
    return true;
  }

  async #inSession<T>(
    statement: Statement,
    signal: AbortSignal,
    work: (session: EngineSession) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosing) throw engineError('ABORTED', 'The engine is shutting down');
    if (this.#running.size >= MAX_RUNNING)
      throw engineError('TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries');
    const mark = `${++this.#counter}:${statement.queryId}`;
    this.#running.add(mark);
    const stop = () => void this.#killUntilGone(mark);
    const session = new EngineSession(this.#native, this.#folder);
    try {
      await session.set(this.#settingsOf(statement, mark));
      if (statement.database !== undefined) await session.use(statement.database);
      signal.throwIfAborted();
      signal.addEventListener('abort', stop, { once: true });
      return await work(session);
    } finally {
      signal.removeEventListener('abort', stop);
      session.close();
      this.#running.delete(mark);
    }
  }

  /** The mark is how a statement is found in system.processes: chDB gives query ids of its own. */
  #settingsOf({ settings }: Statement, mark: string): Map<string, string> {
    return new Map([['max_threads', `${this.#queryThreads}`], ...settings, ['log_comment', mark]]);
  }

  async #killUntilGone(mark: string): Promise<void> {
    while (this.#running.has(mark)) {
      await this.#kill(mark).catch(() => {});
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

/** Caches are small and merges few, because the machine is shared with inference. */
function engineArguments(memoryBytes: number): string[] {
  return [
    `--max_server_memory_usage=${memoryBytes}`,
    `--mark_cache_size=${64 * MIB}`,
    `--index_mark_cache_size=${16 * MIB}`,
    `--query_condition_cache_size=${16 * MIB}`,
    '--background_pool_size=2',
  ];
}
