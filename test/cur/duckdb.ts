import { DuckDBInstance } from '@duckdb/node-api';

/** DuckDB in memory. Instants come out as dates, maps as objects and integers as numbers, as hyparquet reads them. */
export interface DuckDb {
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
  /** Runs statements without answers. */
  readonly run: (sql: string) => Promise<void>;
  readonly close: () => void;
}

export async function openDuckDb(): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    query: async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      const isMap = new Map(
        reader.columnNames().map((name, index) => [name, /^MAP/.test(String(reader.columnType(index)))]),
      );
      return reader.getRowObjectsJS().map((row) => {
        return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value, isMap.get(name)!)]));
      });
    },
    run: async (sql) => {
      await connection.run(sql);
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function plain(value: unknown, isMap: boolean): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (!isMap || value === null) return value;
  return Object.fromEntries((value as { key: string; value: unknown }[]).map((entry) => [entry.key, entry.value]));
}
