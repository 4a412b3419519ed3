import { engineError } from './engine-error.ts';
import type { ChdbNative, NativeConnection } from './native.ts';
import type { FormattedStatement } from './statement.ts';

/** As `http_zlib_compression_level` of a ClickHouse server. */
const GZIP_LEVEL = 3;

/** A string literal of ClickHouse. */
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
    const pairs = [...settings].map(([name, value]) => `${name} = ${quoted(value)}`);
    await this.#run(`SET ${pairs.join(', ')}`);
  }

  /** The name must be checked. */
  async use(database: string): Promise<void> {
    await this.#run(`USE \`${database}\``);
  }

  /** The whole result. */
  async query(sql: string, format: string): Promise<Uint8Array> {
    await this.#assertOneStatement(sql);
    return (await this.#run(sql, format)).bytes;
  }

  /** The result into a file that does not exist yet. */
  async queryInto(file: string, { sql, format, compression }: FormattedStatement): Promise<void> {
    await this.#assertOneStatement(sql);
    const packed = compression === 'gzip' ? `'gzip' LEVEL ${GZIP_LEVEL}` : "'none'";
    await this.#run(`${sql}\nINTO OUTFILE ${quoted(file)} COMPRESSION ${packed} FORMAT ${format}`);
  }

  /** Inserts the rows of a file, in whose path the engine looks for `*`, `?` and `{}`, and answers how many they were. */
  async insertFrom(file: string, { sql, format }: FormattedStatement): Promise<number> {
    const { rowsRead } = await this.#run(`${sql}\nFROM INFILE ${quoted(file)} COMPRESSION 'none' FORMAT ${format}`);
    return rowsRead;
  }

  close(): void {
    this.#native.CloseConnection(this.#connection);
  }

  /** chDB would run them all. */
  async #assertOneStatement(sql: string): Promise<void> {
    const { statementCount } = await this.#native.DurableClassifyAsync(this.#connection, sql, 'default');
    if (statementCount > 1) throw engineError('SYNTAX_ERROR', 'Multi-statements are not allowed');
  }

  #run(sql: string, format = 'Null'): ReturnType<ChdbNative['QueryAsyncConnection']> {
    return this.#native.QueryAsyncConnection(this.#connection, sql, format);
  }
}
