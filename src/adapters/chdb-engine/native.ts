import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

declare const opaque: unique symbol;
export interface NativeConnection {
  readonly [opaque]: 'connection';
}
export interface NativeStream {
  readonly [opaque]: 'stream';
}

interface NativeResult {
  readonly bytes: Uint8Array;
  /** For an insert, the rows it took in. */
  readonly rowsRead: number;
}

/**
 * What we use of chDB's native part (chdb 3.4.0). Its JavaScript part is passed over, because it keeps every closed
 * session open until all queries of the process have ended. Two rules come with that: one operation
 * at a time on a connection, and no `CloseConnection` before the operation has settled, or the engine aborts.
 */
export interface ChdbNative {
  /** `args` count at the first connection alone: they configure the engine of the process. */
  CreateConnection(folder: string, args?: readonly string[]): NativeConnection;
  CloseConnection(connection: NativeConnection): void;
  /**
   * Runs all statements of the text. Never pass data in it (`INSERT ... FORMAT x <data>`), nor to the addon's raw insert:
   * after an empty line in the data chDB takes the rest for the next statement.
   */
  QueryAsyncConnection(connection: NativeConnection, sql: string, format: string): Promise<NativeResult>;
  /** Returns when the query is planned: scalar subqueries have run by then, on the calling thread. */
  StreamQuery(connection: NativeConnection, sql: string, format: string): NativeStream;
  /** Rejects when the query failed; the stream is gone then. */
  StreamFetch(stream: NativeStream): Promise<{ readonly done: true } | { readonly done: false; readonly bytes: Uint8Array }>;
  /** Never while a fetch is under way. */
  StreamCancel(stream: NativeStream): void;
  DurableClassifyAsync(
    connection: NativeConnection,
    sql: string,
    database: string,
  ): Promise<{ readonly statementCount: number }>;
}

/** Throws when the optional package `chdb` or its library for this platform is not installed. */
export function loadChdb(): ChdbNative {
  const require = createRequire(import.meta.url);
  const { loadNative } = require(join(dirname(require.resolve('chdb/package.json')), 'dist', 'loader.js')) as {
    loadNative: () => ChdbNative;
  };
  return loadNative();
}
