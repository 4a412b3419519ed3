import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';

/** Nothing but line items. */
export const NO_CATALOG: CostCatalog = {
  tags: new Map(),
  categories: new Map(),
  accountNames: new Map(),
  models: new Map(),
};

export interface ReportStore {
  readonly store: ClickHouseCostStore;
  /** Merges all parts of line items. */
  readonly merge: () => Promise<void>;
  /** Any statement of the store. */
  readonly command: (statement: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The embedded cost store on a folder of its own. */
export async function openReportStore(): Promise<ReportStore> {
  const folder = mkdtempSync(join(tmpdir(), 'tallyline-reports-'));
  const engine = await ChdbEngine.start({ folder: join(folder, 'engine') });
  const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: 'tallyline' });
  await store.prepare();
  const command = async (query: string) => {
    const client = createClient({ ...(await engine.connection()), database: 'tallyline' });
    await client.command({ query });
    await client.close();
  };
  return {
    store,
    merge: () => command('OPTIMIZE TABLE line_item FINAL'),
    command,
    close: async () => {
      await store.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
