import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresRecordStore } from '../adapters/postgres-record-store.ts';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import type { Config } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import { Leadership } from './leadership.ts';
import { readCertificates } from './tls.ts';

/** Where control-plane records are, alone or with other nodes. */
export interface Records {
  readonly store: RecordStore;
  /** Tells this node from others; the same after a restart. */
  readonly nodeId: string;
  /** Called when the start is over: until then no other node starts. */
  readonly started: () => Promise<void>;
  readonly leadership: Leadership;
  /** Nodes that are alive, this one among them; undefined where there can be one alone. */
  readonly liveNodes: (() => Promise<readonly string[]>) | undefined;
  readonly close: () => Promise<void>;
}

/** A node that was not heard of for so long is taken to be gone. */
const ALIVE_MS = 30_000;

/**
 * Opens PostgreSQL where the configuration names it, else SQLite in the data folder. Throws ConfigInvalid, StoreUnavailable,
 * DataFolderInUse or DataFolderUnusable.
 */
export async function openRecords(parts: {
  readonly config: Config;
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}): Promise<Records> {
  const { config, dataFolder, environment, clock, onTrouble } = parts;
  const { directoryStore } = config;
  if (!directoryStore) {
    const store = new SqliteRecordStore(join(dataFolder, 'directory.sqlite'), clock);
    const nodeId = nodeIdIn(dataFolder);
    const leadership = new Leadership();
    return { store, nodeId, started: async () => {}, leadership, liveNodes: undefined, close: () => store.close() };
  }
  const { url, schema, passwordEnv, caFile } = directoryStore;
  const password = passwordEnv === undefined ? undefined : environment[passwordEnv];
  if (passwordEnv !== undefined && password === undefined) {
    const text = `the directory store needs the environment variable \`${passwordEnv}\`, which is not set`;
    throw new Fault('ConfigInvalid', text);
  }
  const { ca } = readCertificates(caFile);
  const nodeId = nodeIdIn(dataFolder);
  const store = await PostgresRecordStore.open({
    ...{ url, schema, nodeId, clock, onTrouble },
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { certificateAuthorities: ca }),
  });
  const leadership = new Leadership({ candidate: store, onTrouble });
  return {
    store,
    nodeId,
    started: () => store.letOthersStart(),
    leadership,
    liveNodes: () => store.nodes(ALIVE_MS),
    close: async () => {
      await leadership.end();
      await store.close();
    },
  };
}

function nodeIdIn(dataFolder: string): string {
  const file = join(dataFolder, 'node-id');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const nodeId = randomUUID();
  try {
    writeFileSync(file, `${nodeId}\n`, { mode: 0o600, flush: true });
  } catch (error) {
    throw new Fault('DataFolderUnusable', `\`${file}\` cannot be written: ${(error as Error).message}`);
  }
  return nodeId;
}
