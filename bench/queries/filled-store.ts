import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { fillLineItems } from './line-items.ts';

export const DATABASE = 'tallyline';

/** Fills more tables, for as many usage events. */
export type FillBeside = (engine: ChdbEngine, database: string, events: number) => Promise<void>;

/**
 * A store of its own with the line items of so many usage events, printing how many they are and how long they took. What
 * `beside` fills is filled at the same time. `close` removes it.
 */
export async function openFilledStore(events: number, beside: FillBeside = async () => {}) {
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
    const began = performance.now();
    const [filled] = await Promise.all([fillLineItems(engine, DATABASE, events), beside(engine, DATABASE, events)]);
    console.log(`${filled}, filled in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  } catch (error) {
    await close();
    throw error;
  }
  return { engine, store, close };
}
