import { join } from 'node:path';
import { ChdbEngine } from '../adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../adapters/clickhouse-cost-store.ts';
import type { Config } from '../config.ts';
import type { BillStore } from '../imports/bill-store.ts';
import { Fault } from '../kernel/fault.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { StoreConnection } from './cost-thread-messages.ts';

/** What runs the store's SQL: the embedded engine, or a server somewhere. */
export interface CostEngine {
  readonly database: string;
  readonly connection: () => Promise<StoreConnection>;
  readonly close: () => Promise<void>;
}

const EMBEDDED_DATABASE = 'tallyline';

/** Starts the embedded engine unless the configuration names a ClickHouse server, and prepares the tables. */
export async function openEngine(
  { costStore }: Config,
  dataFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
  onTrouble: (message: string) => void,
): Promise<{ engine: CostEngine; store: CostStore; bills: BillStore }> {
  const engine = costStore ? remoteEngine(costStore, environment) : await embeddedEngine(dataFolder, onTrouble);
  const store = new ClickHouseCostStore({ connection: engine.connection, database: engine.database });
  try {
    await store.prepare();
  } catch (error) {
    await engine.close();
    if (!costStore || !(error instanceof Error)) throw error;
    const isKnown = error instanceof Fault;
    const reason = isKnown
      ? error.message
      : `it does not answer as a ClickHouse server does (\`${error.message.slice(0, 200)}\`)`;
    throw new Fault('StoreUnavailable', `the cost store at \`${costStore.url}\` cannot be used: ${reason}`);
  }
  return { engine, store, bills: store.bills };
}

async function embeddedEngine(dataFolder: string, onTrouble: (message: string) => void): Promise<CostEngine> {
  const chdb = await ChdbEngine.start({
    folder: join(dataFolder, 'store'),
    onRestart: (reason) => onTrouble(`cost store: ${reason}`),
  });
  return { database: EMBEDDED_DATABASE, connection: () => chdb.connection(), close: () => chdb.close() };
}

function remoteEngine(
  { url, database, username, passwordEnv }: NonNullable<Config['costStore']>,
  environment: Readonly<Record<string, string | undefined>>,
): CostEngine {
  const password = passwordEnv === undefined ? '' : environment[passwordEnv];
  if (password === undefined) {
    throw new Fault(
      'ConfigInvalid',
      `the cost store needs the environment variable \`${passwordEnv}\`, which is not set`,
    );
  }
  return { database, connection: async () => ({ url, username, password }), close: async () => {} };
}
