import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ChdbEngine } from '../../src/adapters/chdb-engine.ts';

/** Of a machine that does something else as well. */
const INSERT_TIMEOUT_MS = 600_000;

/** Fills tables by INSERT ... SELECT. */
export interface Filler extends AsyncDisposable {
  readonly insert: (statement: string) => Promise<void>;
  /** The first row of an answer. */
  readonly row: <Row>(statement: string) => Promise<Row>;
}

/**
 * Rows are written as they are selected: nothing is looked for that merges could add up, and nothing is merged. Parts are of
 * different days, so that questions read the same rows of them as of merged ones; merging tens of millions of rows would take
 * many times as long as making them.
 */
export async function fillerOf(engine: ChdbEngine, database: string, tables: readonly string[]): Promise<Filler> {
  const { url, username, password } = await engine.connection();
  const client = createClient({
    ...{ url, username, password, database, request_timeout: INSERT_TIMEOUT_MS },
    log: { level: ClickHouseLogLevel.OFF },
  });
  for (const table of tables) await client.command({ query: `SYSTEM STOP MERGES ${table}` });
  return {
    insert: async (query) => {
      await client.command({ query, clickhouse_settings: { optimize_on_insert: 0, insert_deduplicate: 0 } });
    },
    row: async <Row>(query: string) => {
      const [row] = await (await client.query({ query, format: 'JSONEachRow' })).json<Row>();
      return row!;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
