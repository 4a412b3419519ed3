import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import { readConfig } from '../config.ts';
import type { BillStore } from '../imports/bill-store.ts';
import type { BillImport } from '../imports/import-records.ts';
import { BillImports } from './bill-imports.ts';

const CALLER = { createdBy: 'arn:aws:iam::111122223333:user/alice' };

let folder: string;
let records: SqliteRecordStore;
let closed: Promise<void>;
let imports: BillImports;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-imports-'));
  records = new SqliteRecordStore(':memory:', Date.now);
  closed = Promise.resolve();
  imports = new BillImports({
    ...{ config: readConfig(), dataFolder: folder, environment: {}, records, bills: unreachable(), clock: Date.now },
    ...{ models: () => [], store: { query: () => Promise.resolve([]) }, onTrouble: () => {} },
    logs: { run: () => Promise.reject(new Error('no journal')), settle: async () => {}, remove: async () => {} },
  });
});

afterEach(async () => {
  await imports.stop();
  await records.close();
  rmSync(folder, { recursive: true });
});

/** A store that takes nothing: an import that gets as far as to read has failed. */
function unreachable(): BillStore {
  const none = () => Promise.reject(new Error('no store'));
  const nothing = () => Promise.resolve();
  return {
    ...{ open: none, land: none, skipped: none, sums: none, duplicates: none, usage: none, understand: none },
    ...{ profile: none, names: none, publish: none, close: nothing, closeOthers: () => closed, remove: nothing },
  };
}

/** A place with one file of a bill. */
function place(name: string): string {
  const path = join(folder, 'imports', name);
  mkdirSync(path, { recursive: true });
  const header = 'line_item_unblended_cost,line_item_usage_start_date,line_item_product_code';
  writeFileSync(join(path, 'bill.csv'), `${header}\n1,2026-05-01T00:00:00Z,AmazonBedrock\n`);
  return path;
}

/** Waits until no import is open. */
async function idle(): Promise<readonly BillImport[]> {
  for (;;) {
    const all = imports.ledger.imports();
    if (all.every(({ endedAtMs }) => endedAtMs !== undefined)) return all;
    await new Promise((settle) => setImmediate(settle));
  }
}

describe('imports that meet', () => {
  it('end as they were ended first: cancelled before it ran, or while it begins', async () => {
    const [first, second] = [await imports.begin(place('a'), CALLER), await imports.begin(place('b'), CALLER)];
    await imports.cancel(first.id);
    imports.start();
    await imports.cancel(second.id);
    expect(await idle()).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled' }]);
    const third = await imports.begin(place('c'), CALLER);
    await imports.cancel(third.id);
    expect((await idle())[0]).toMatchObject({ id: third.id, state: 'cancelled', periods: [] });
  });

  it('of one place that is new have one source', async () => {
    const path = place('a');
    await Promise.all([imports.begin(path, CALLER), imports.begin(path, CALLER)]);
    expect(imports.ledger.sources()).toHaveLength(1);
  });

  it('leave none behind of a source that is removed while the watch looks at it, and the next one runs', async () => {
    const watched = await imports.begin(place('a'), { ...CALLER, isWatched: true });
    await imports.cancel(watched.id);
    imports.start();
    await imports.removeSource(watched.sourceId);
    const next = await imports.begin(place('b'), CALLER);
    expect(await idle()).toMatchObject([{ id: next.id, state: 'failed' }]);
    expect(imports.ledger.sources()).toMatchObject([{ id: next.sourceId }]);
  });

  it('wait until what killed ones have left is dropped, so that it is not theirs', async () => {
    const dropped = Promise.withResolvers<void>();
    closed = dropped.promise;
    imports.start();
    const one = await imports.begin(place('a'), CALLER);
    expect(imports.ledger.import(one.id)).toMatchObject({ state: 'queued' });
    dropped.resolve();
    expect(await idle()).toMatchObject([{ id: one.id, state: 'failed' }]);
  });

  it('keep their source: it is removed when none of them is open', async () => {
    const one = await imports.begin(place('a'), CALLER);
    await expect(imports.removeSource(one.sourceId)).rejects.toThrow('is under way');
    await imports.cancel(one.id);
    await imports.removeSource(one.sourceId);
    expect([imports.ledger.sources(), imports.ledger.imports()]).toEqual([[], []]);
  });
});
