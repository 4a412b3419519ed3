import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileJournal } from '../adapters/file-journal.ts';
import type { Config } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { TallylineServiceParts } from '../services/tallyline.ts';
import type { CostThread } from './cost-thread-handle.ts';
import type { Records } from './records.ts';

export interface SystemStatusParts {
  readonly config: Config;
  readonly dataFolder: string;
  readonly journal: FileJournal;
  readonly store: CostStore;
  readonly costThread: CostThread;
  readonly records: Pick<Records, 'nodeId' | 'liveNodes' | 'leadership'>;
}

type SystemStatus = Awaited<ReturnType<TallylineServiceParts['systemStatus']>>;

interface StoredTable {
  readonly name: string;
  readonly rows: string;
  readonly bytes: string;
}

/** Looks at this node and its store. A store that is down is told of, and does not fail the look. */
export async function systemStatus(parts: SystemStatusParts): Promise<SystemStatus> {
  const { config, dataFolder, journal, store, costThread, records } = parts;
  const { bavail, bsize } = statfsSync(dataFolder);
  const { tables, trouble = costThread.trouble } = await tablesOf(store);
  const nodeIds = await records.liveNodes?.();
  return {
    nodeId: records.nodeId,
    ...(nodeIds && { nodeIds }),
    isLeader: records.leadership.isLeader,
    startedAtMs: Math.round(performance.timeOrigin),
    memoryBytes: process.memoryUsage.rss(),
    diskFreeBytes: bavail * bsize,
    journal: {
      durability: config.durability,
      bytes: bytesIn(join(dataFolder, 'journal')),
      requestsInFlight: journal.openRequests,
    },
    store: {
      place: config.costStore?.url ?? 'embedded',
      ...(trouble !== undefined && { trouble }),
      tables,
    },
  };
}

async function tablesOf(store: CostStore): Promise<{ tables: readonly StoredTable[]; trouble?: string }> {
  const sql = `SELECT table AS name, toString(sum(rows)) AS rows, toString(sum(bytes_on_disk)) AS bytes
FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table`;
  try {
    return { tables: await store.query<StoredTable>({ sql, params: {} }) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { tables: [], trouble: error.message };
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
