import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { getCompileCacheDir } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fault } from '../kernel/fault.ts';
import type { EngineLimits } from './chdb-engine/engine.ts';
import type { ChildMessage, CloseMessage, OpenMessage, StartFailure } from './chdb-engine/messages.ts';

export interface ChdbEngineOptions {
  /** Made when it does not exist; owned by one process at a time. */
  readonly folder: string;
  /** Default: a quarter of the machine's memory, from 1 to 8 GiB, and half of its processors for one query. */
  readonly limits?: Partial<EngineLimits>;
  /** Told why, whenever the engine's process has died and is started again. */
  readonly onRestart?: (reason: string) => void;
}

interface EngineConnection {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** An engine process that listens. */
interface Running {
  readonly connection: EngineConnection;
  readonly child: ChildProcess;
  /** Resolves with the reason when the process has ended. */
  readonly ended: Promise<string>;
}

const GIB = 2 ** 30;
const USERNAME = 'tallyline';
/** Opening a large folder after a crash takes seconds, not minutes. */
const START_TIMEOUT_MS = 60_000;
/** How long a request waits for an engine that is being started again. */
const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
const FIRST_RESTART_MS = 100;
/** A start costs some 0.3 s of processor time. */
const LONGEST_RESTART_MS = 3_000;
/** A process that lived this long did not die of its start: the next wait is a short one again. */
const STABLE_MS = 60_000;
/** Kept of what the engine writes to its standard error. */
const LAST_WORDS_CHARACTERS = 2_000;
/** Of libuv in the engine's process: each running statement holds one, and killing one takes another. */
const THREAD_POOL_SIZE = 16;

/**
 * ClickHouse without a server: chDB in a child process that owns the data folder and speaks the ClickHouse HTTP protocol
 * on a loopback port. A crash or a long query there never touches this process; the child is started again, on another
 * port and with another secret.
 */
export class ChdbEngine {
  readonly #folder: string;
  readonly #limits: EngineLimits;
  readonly #onRestart: (reason: string) => void;
  readonly #closing = new AbortController();
  readonly #supervision: Promise<void>;
  #running: Running;
  /** Pending while there is no engine to talk to. */
  #connection = Promise.withResolvers<EngineConnection>();

  /**
   * Throws DataFolderInUse while another process has the folder, DataFolderUnusable when it cannot be opened, and
   * ConfigInvalid where chDB is not installed.
   */
  static async start(options: ChdbEngineOptions): Promise<ChdbEngine> {
    const folder = resolve(options.folder);
    if (/[*?{}]/.test(folder)) {
      throw new Fault(
        'DataFolderUnusable',
        `\`${folder}\` has one of \`*?{}\` in its path; choose another data folder`,
      );
    }
    const limits = { ...defaultLimits(), ...options.limits };
    return new ChdbEngine(folder, limits, options.onRestart ?? (() => {}), await launch(folder, limits));
  }

  private constructor(folder: string, limits: EngineLimits, onRestart: (reason: string) => void, running: Running) {
    this.#folder = folder;
    this.#limits = limits;
    this.#onRestart = onRestart;
    this.#running = running;
    this.#connection.resolve(running.connection);
    this.#supervision = this.#supervise();
  }

  /** Where the engine listens now. Waits for one that is being started again, then throws StoreUnavailable. */
  async connection(): Promise<EngineConnection> {
    const waiting = new AbortController();
    const tooLong = delay(CONNECT_TIMEOUT_MS, undefined, { signal: waiting.signal }).then(() => {
      throw new Fault('StoreUnavailable', 'the embedded cost store is not running; it is being started again');
    });
    tooLong.catch(() => {});
    try {
      return await Promise.race([this.#connection.promise, tooLong]);
    } finally {
      waiting.abort();
    }
  }

  /** The engine's process, for measurements. */
  get pid(): number {
    return this.#running.child.pid!;
  }

  /** Stops running queries, then the process. */
  async close(): Promise<void> {
    this.#closing.abort();
    await terminate(this.#running);
    await this.#supervision;
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#closing;
    let restartInMs = FIRST_RESTART_MS;
    for (;;) {
      const startedAtMs = performance.now();
      let reason = await this.#running.ended;
      if (performance.now() - startedAtMs > STABLE_MS) restartInMs = FIRST_RESTART_MS;
      this.#connection = Promise.withResolvers();
      for (let next: Running | undefined; !next; restartInMs = Math.min(restartInMs * 2, LONGEST_RESTART_MS)) {
        if (signal.aborted) return;
        this.#onRestart(reason);
        await delay(restartInMs, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        try {
          next = await launch(this.#folder, this.#limits);
          this.#running = next;
        } catch (error) {
          reason = error instanceof Error ? error.message : String(error);
        }
      }
      if (signal.aborted) await terminate(this.#running);
      this.#connection.resolve(this.#running.connection);
    }
  }
}

function defaultLimits(): EngineLimits {
  return {
    memoryBytes: Math.min(Math.max(Math.floor(totalmem() / 4), GIB), 8 * GIB),
    queryThreads: Math.max(1, Math.floor(availableParallelism() / 2)),
  };
}

/** Starts the process and waits until it listens. The environment is not handed on: credentials in it are not its business. */
async function launch(folder: string, limits: EngineLimits): Promise<Running> {
  const password = randomBytes(32).toString('base64url');
  const entry = fileURLToPath(new URL('./chdb-engine/main.ts', import.meta.url));
  const cacheOfVersion = getCompileCacheDir();
  const cache = cacheOfVersion === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cacheOfVersion) };
  // Its warning of `node:sqlite` would be among the last words of an engine that died.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
    // What Node compiled is kept for its next start, where this process keeps it: half of the processor time until it opens.
    env: { UV_THREADPOOL_SIZE: `${THREAD_POOL_SIZE}`, TZ: 'UTC', ...cache },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const ended = endOf(child);
  const open: OpenMessage = { type: 'open', folder, username: USERNAME, password, limits };
  child.send(open);
  const waiting = new AbortController();
  const answer = await Promise.race([
    new Promise<ChildMessage>((settle) => child.once('message', settle)),
    ended.then(() => undefined),
    delay(START_TIMEOUT_MS, undefined, { signal: waiting.signal }),
  ]);
  waiting.abort();
  if (answer?.type === 'ready') {
    return { connection: { url: `http://127.0.0.1:${answer.port}`, username: USERNAME, password }, child, ended };
  }
  child.kill('SIGKILL');
  throw startFault(folder, answer?.failure, await ended);
}

function startFault(folder: string, failure: StartFailure | undefined, reason: string): Fault {
  if (failure === 'notInstalled') {
    const platform = `${process.platform}-${process.arch}`;
    return new Fault(
      'ConfigInvalid',
      `the embedded cost store needs the package \`chdb\`, which is not installed for \`${platform}\`; give the URL of a ClickHouse server as \`costStore.url\` instead`,
    );
  }
  return failure === 'folderInUse'
    ? new Fault('DataFolderInUse', `\`${folder}\` is in use by another process; stop it or choose another data folder`)
    : new Fault('DataFolderUnusable', `\`${folder}\` cannot be opened by the embedded cost store: ${reason}`);
}

/** Resolves when the process has ended, with how, and the end of what it said. */
function endOf(child: ChildProcess): Promise<string> {
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_CHARACTERS);
  });
  return new Promise((settle) => {
    child.on('error', (error) => settle(`the engine's process failed: ${error.message}`));
    child.once('close', (exitCode, signal) =>
      settle(
        `the engine's process ended with ${signal ?? `exit code ${exitCode}`}${lastWords && `: ${lastWords.trim()}`}`,
      ),
    );
  });
}

async function terminate({ child, ended }: Running): Promise<void> {
  const message: CloseMessage = { type: 'close' };
  if (child.connected) child.send(message);
  const waiting = new AbortController();
  const kill = delay(CLOSE_TIMEOUT_MS, undefined, { signal: waiting.signal }).then(() => child.kill('SIGKILL'));
  kill.catch(() => {});
  await ended;
  waiting.abort();
}
