import { engineError } from './engine-error.ts';
import type { ChdbNative, NativeConnection } from './native.ts';
import type { InsertTarget } from './statement.ts';

/** `'` and `\` as ClickHouse's string literals want them; NUL would end the text early in some of its parsers. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;
}

/**
 * One connection of the engine for one request: settings and parameters end with it. Operations come one after another,
 * and `close` only after the last has settled.
 */
export class EngineSession {
  readonly #native: ChdbNative;
  readonly #connection: NativeConnection;

  constructor(native: ChdbNative, folder: string) {
    this.#native = native;
    this.#connection = native.CreateConnection(folder);
  }

  /** Settings, and parameters as `param_<name>`. The names must be checked. */
  async set(settings: ReadonlyMap<string, string>): Promise<void> {
    if (settings.size === 0) return;
    const pairs = [...settings].map(([name, value]) => `${name} = ${quoted(value)}`);
    await this.#run(`SET ${pairs.join(', ')}`, 'Null');
  }

  async use(database: string): Promise<void> {
    await this.#run(`USE \`${database}\``, 'Null');
  }

  /** The whole result. */
  async query(sql: string, format: string): Promise<Uint8Array> {
    const { statementCount } = await this.#native.DurableClassifyAsync(this.#connection, sql, 'default');
    if (statementCount > 1) throw engineError('SYNTAX_ERROR', 'Multi-statements are not allowed');
    return (await this.#run(sql, format)).bytes;
  }

  /** Inserts the rows of a file, named relative to the working folder, and answers how many they were. */
  async insert({ target, format }: InsertTarget, file: string): Promise<number> {
    return (await this.#run(`${target} FROM INFILE ${quoted(file)} COMPRESSION 'none' FORMAT ${format}`, 'Null')).rowsRead;
  }

  /** The result piece by piece, each when it is asked for. Ending early cancels the query. */
  async *stream(sql: string, format: string): AsyncGenerator<Uint8Array> {
    const stream = this.#native.StreamQuery(this.#connection, sql, format);
    let isOver = false;
    try {
      for (;;) {
        const piece = await this.#native.StreamFetch(stream).catch((error: unknown) => {
          isOver = true;
          throw error;
        });
        if (piece.done) {
          isOver = true;
          return;
        }
        yield piece.bytes;
      }
    } finally {
      if (!isOver) this.#native.StreamCancel(stream);
    }
  }

  close(): void {
    this.#native.CloseConnection(this.#connection);
  }

  #run(sql: string, format: string): ReturnType<ChdbNative['QueryAsyncConnection']> {
    return this.#native.QueryAsyncConnection(this.#connection, sql, format);
  }
}
