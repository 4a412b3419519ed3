import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChdbEngine, type ChdbEngineOptions } from '../../src/adapters/chdb-engine.ts';
import type { QueryLimits } from '../../src/adapters/clickhouse-cost-store/query-limits.ts';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';

/** An engine on a folder of its own that is gone when the test is over. */
export interface EmbeddedEngine extends AsyncDisposable {
  readonly folder: string;
  readonly engine: ChdbEngine;
  store(limits?: Partial<QueryLimits>): ClickHouseCostStore;
}

export async function embeddedEngine(options: Omit<ChdbEngineOptions, 'folder'> = {}): Promise<EmbeddedEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'tallyline-store-'));
  const engine = await ChdbEngine.start({ folder, ...options });
  return {
    folder,
    engine,
    store: (limits = {}) =>
      new ClickHouseCostStore({ connection: () => engine.connection(), database: 'tallyline', limits }),
    async [Symbol.asyncDispose]() {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves as soon as the condition holds; fails the test when it does not for ten seconds. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
