import { Fault } from '../../kernel/fault.ts';
import { CREATE_SCHEMA_VERSION, MIGRATIONS, SCHEMA_VERSION_TABLE, TABLES } from './cost-tables.ts';
import type { TableStore } from './day-items.ts';

/** Makes the tables, or brings them up to this version. Throws DataFolderUnusable when a later one wrote them. */
export async function prepareTables(store: TableStore): Promise<void> {
  await store.command(CREATE_SCHEMA_VERSION);
  const [latest] = await store.query<{ version: number }>({
    sql: `SELECT max(version) AS version FROM ${SCHEMA_VERSION_TABLE}`,
    params: {},
  });
  const found = latest!.version;
  if (found > MIGRATIONS.length) {
    throw new Fault(
      'DataFolderUnusable',
      `the cost store has schema ${found} and this version of tallyline knows ${MIGRATIONS.length}; run the version that wrote it`,
    );
  }
  if (found === 0 && (await isEmpty(store))) {
    for (const statement of TABLES) await store.command(statement);
    await note(
      MIGRATIONS.map((_, index) => index + 1),
      store,
    );
    return;
  }
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < found) continue;
    for (const statement of statements) await store.command(statement);
    await note([index + 1], store);
  }
}

/** Without tables but the one of versions. A store whose first start died in the middle has some, and is migrated. */
async function isEmpty(store: TableStore): Promise<boolean> {
  const sql = 'SELECT count() AS tables FROM system.tables WHERE database = currentDatabase()';
  const [found] = await store.query<{ tables: string }>({ sql, params: {} });
  return found!.tables === '1';
}

function note(versions: readonly number[], store: TableStore): Promise<void> {
  const values = versions.map((version) => `(${version})`).join(', ');
  return store.command(`INSERT INTO ${SCHEMA_VERSION_TABLE} (version) VALUES ${values}`);
}
