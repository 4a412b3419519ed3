import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

declare const opaque: unique symbol;
export interface NativeConnection {
  readonly [opaque]: 'connection';
}

/**
 * What we use of chDB's native part (chdb 3.4.0). Its JavaScript part is passed over, because it keeps every closed
 * session open until all queries of the process have ended. Its two ways to stream are passed over as well: the raw insert
 * takes what follows an empty line in the data for the next statement, and the result stream plans the query on the
 * calling thread and makes a file of its own of every piece of a Parquet result. Bytes go through files instead.
 */
export interface ChdbNative {
  /** `args` count at the first connection alone: they configure the engine of the process. */
  CreateConnection(folder: string, args?: readonly string[]): NativeConnection;
  /** Not before the last operation on the connection has settled, or the engine aborts. */
  CloseConnection(connection: NativeConnection): void;
  /** Runs all statements of the text, on a thread of libuv's pool. One operation at a time on a connection. */
  QueryAsyncConnection(connection: NativeConnection, sql: string, format: string): Promise<NativeResult>;
  DurableClassifyAsync(
    connection: NativeConnection,
    sql: string,
    database: string,
  ): Promise<{ readonly statementCount: number }>;
}

interface NativeResult {
  readonly bytes: Uint8Array;
  /** For an insert, the rows it took in. */
  readonly rowsRead: number;
}

/** Throws when the optional package `chdb` or its library for this platform is not installed. */
export function loadChdb(): ChdbNative {
  const require = createRequire(import.meta.url);
  const { loadNative } = require(join(dirname(require.resolve('chdb/package.json')), 'dist', 'loader.js')) as {
    loadNative: () => ChdbNative;
  };
  return loadNative();
}
