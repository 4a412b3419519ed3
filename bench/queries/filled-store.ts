import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { fillLineItems } from './line-items.ts';

export const DATABASE = 'tallyline';

/** A store of its own with the line items of so many usage events, printing how long they took. `close` removes it. */
export async function openFilledStore(events: number) {
  const folder = mkdtempSync(join(tmpdir(), 'tallyline-bench-'));
  const engine = await ChdbEngine.start({ folder: join(folder, 'engine') });
  const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: DATABASE });
  const close = async () => {
    await store.close();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await store.prepare();
    console.log(await fillLineItems(engine, DATABASE, events));
  } catch (error) {
    await close();
    throw error;
  }
  return { engine, store, close };
}
