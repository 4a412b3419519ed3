import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { ExportRegistry } from '../../src/reports/export-registry.ts';
import { CSV, definition, Exporter } from './exporter.ts';
import { pieces, ScriptedStore } from './scripted-store.ts';
import { WatchedDestination } from './watched-destination.ts';

const SQL = 'SELECT tags FROM COST_AND_USAGE_REPORT';

let store: ScriptedStore;
let exporter: Exporter;
let beforePut: ((key: string) => Promise<void>) | undefined;
const puts: string[] = [];

beforeEach(() => {
  store = new ScriptedStore();
  beforePut = undefined;
  puts.length = 0;
  exporter = new Exporter(store, (folder) => {
    return new WatchedDestination(folder, async (step, key) => {
      if ((step !== 'stage' && step !== 'put') || key.endsWith('.sql')) return;
      puts.push(key.slice(key.lastIndexOf('/') + 1));
      await beforePut?.(key);
    });
  });
});
afterEach(() => exporter.close());

function manifestOf(name: string): { executionId: string } {
  const uri = `s3://bills/cur2/${name}/metadata/BILLING_PERIOD=2026-05/${name}-Manifest.json`;
  return JSON.parse(exporter.read(uri).toString());
}

describe('runs', () => {
  test('of one export never overlap: who comes while it runs shares the next turn', async () => {
    const gate = Promise.withResolvers<void>();
    const hasBegun = Promise.withResolvers<void>();
    beforePut = () => {
      hasBegun.resolve();
      return gate.promise;
    };
    const arn = await exporter.create(definition('a', SQL));
    const other = await exporter.create(definition('b', SQL));
    const first = exporter.runner.run(arn);
    await hasBegun.promise;
    const [second, third, fourth] = [exporter.runner.run(arn), exporter.runner.run(other), exporter.runner.run(arn)];
    expect(fourth).toBe(second);
    expect(puts).toEqual(['a-00001.snappy.parquet']);
    const statuses = () => exporter.registry.executions(arn).map(({ status }) => status);
    await expect.poll(statuses).toEqual(['QUERY_QUEUED', 'DELIVERY_IN_PROCESS']);
    beforePut = undefined;
    gate.resolve();
    const ids = (await Promise.all([first, second, third])).map(({ executionId }) => executionId);
    expect(new Set(ids).size).toBe(3);
    const turns = ['a', 'a', 'b'].flatMap((name) => [`${name}-00001.snappy.parquet`, `${name}-Manifest.json`]);
    expect(puts).toEqual(turns);
    expect(manifestOf('a').executionId).toBe(ids[1]);
  });

  test('take the definition of their own turn', async () => {
    const arn = await exporter.create(definition('a', SQL));
    const gate = Promise.withResolvers<void>();
    beforePut = () => gate.promise;
    const first = exporter.runner.run(arn);
    const second = exporter.runner.run(arn);
    await exporter.registry.change('123456789012', arn, (record) => ({
      definition: { ...record.definition, queryStatement: 'SELECT bill_bill_type FROM COST_AND_USAGE_REPORT' },
    }));
    gate.resolve();
    await Promise.all([first, second]);
    expect((await second).definition.queryStatement).toContain('bill_bill_type');
  });

  test('fail with the state and the reason, keep the last delivery, and are due again soon', async () => {
    const arn = await exporter.create(definition('a', SQL, undefined, CSV));
    const good = await exporter.runner.run(arn);
    store.pieces = async function* () {
      yield* pieces('header\n', 'row\n');
      throw new Fault('StoreUnavailable', 'the store is down');
    };
    expect(await exporter.runner.run(arn)).toMatchObject({
      ...{ status: 'QUERY_FAILURE', statusReason: 'INTERNAL_FAILURE', detail: 'the store is down', dataFiles: [] },
      completedAtMs: exporter.nowMs,
    });
    expect(gunzipSync(exporter.read(good.dataFiles[0]!)).toString()).toBe('header\n');
    expect(manifestOf('a').executionId).toBe(good.executionId);
    expect(globSync('**/.*', { cwd: exporter.folder })).toEqual([]);

    store.pieces = () => pieces('header\n');
    beforePut = async () => {
      throw new Fault('AccessDeniedException', 'the folder of bucket `bills` cannot be written (EACCES)');
    };
    expect(await exporter.runner.run(arn)).toMatchObject({
      ...{ status: 'DELIVERY_FAILURE', statusReason: 'INSUFFICIENT_PERMISSION' },
    });
    expect(exporter.failures).toHaveLength(2);
    expect(exporter.runner.dueExports(exporter.nowMs + 15 * MINUTE_MS - 1)).toEqual([]);
    expect(exporter.runner.dueExports(exporter.nowMs + 15 * MINUTE_MS)).toEqual([arn]);
  });

  test('fail as a delivery when the destination breaks while rows come', async () => {
    beforePut = async (key) => {
      if (key.endsWith('Manifest.json')) throw new Error('disk full');
    };
    const execution = await exporter.deliver(definition('a', SQL));
    expect(execution).toMatchObject({ status: 'DELIVERY_FAILURE', detail: 'disk full' });
    expect(existsSync(join(exporter.folder, 'bills/cur2/a/metadata/BILLING_PERIOD=2026-05/a-Manifest.json'))).toBe(
      false,
    );
  });

  test('are due at once, then every eight hours', async () => {
    const arn = await exporter.create(definition('a', SQL));
    expect(exporter.runner.dueExports(exporter.nowMs)).toEqual([arn]);
    await exporter.runner.run(arn);
    expect(exporter.runner.dueExports(exporter.nowMs + 8 * HOUR_MS - 1)).toEqual([]);
    expect(exporter.runner.dueExports(exporter.nowMs + 8 * HOUR_MS)).toEqual([arn]);
  });

  test('stop when their export is deleted, and leave no trace of it', async () => {
    const arn = await exporter.create(definition('a', SQL));
    const hasBegun = Promise.withResolvers<void>();
    store.pieces = async function* (signal) {
      yield* pieces('some');
      hasBegun.resolve();
      await new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    };
    const run = exporter.runner.run(arn);
    await hasBegun.promise;
    await exporter.registry.delete('123456789012', arn);
    exporter.runner.cancel(arn);
    expect((await run).status).toBe('QUERY_FAILURE');
    expect(exporter.registry.executions(arn)).toEqual([]);
    expect(globSync('**/*.parquet*', { cwd: exporter.folder })).toEqual([]);
    await expect(exporter.runner.run(arn)).rejects.toThrow(`no export \`${arn}\``);
    await expect(exporter.runner.run(arn)).rejects.toThrow('no export');
  });

  test('share a turn also after an earlier run has ended', async () => {
    const arn = await exporter.create(definition('a', SQL));
    const other = await exporter.create(definition('b', SQL));
    const gate = Promise.withResolvers<void>();
    beforePut = (key) => (key.includes('/b/') ? gate.promise : Promise.resolve());
    const first = exporter.runner.run(arn);
    await expect.poll(() => puts.length).toBeGreaterThan(0);
    const between = exporter.runner.run(other);
    const second = exporter.runner.run(arn);
    await first;
    expect(exporter.runner.run(arn)).toBe(second);
    gate.resolve();
    await Promise.all([between, second]);
    expect(exporter.registry.executions(arn)).toHaveLength(2);
  });

  test('end with the process: closing stops the running one and starts no other', async () => {
    const arn = await exporter.create(definition('a', SQL));
    const other = await exporter.create(definition('b', SQL));
    const hasBegun = Promise.withResolvers<void>();
    store.pieces = async function* (signal) {
      yield* pieces('some');
      hasBegun.resolve();
      await new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    };
    const runs = [exporter.runner.run(arn), exporter.runner.run(other)];
    await hasBegun.promise;
    await exporter.runner.close();
    expect((await Promise.all(runs)).map(({ status }) => status)).toEqual(['QUERY_FAILURE', 'QUERY_FAILURE']);
  });

  test('leave no room between two files for what replaces line items', async () => {
    const arn = await exporter.create(definition('a', SQL));
    const order: string[] = [];
    beforePut = async (key) => void order.push(key.endsWith('.json') ? 'manifest' : 'data');
    const first = exporter.runner.run(arn);
    const replaced = exporter.runner.between(async () => order.push('replaced'));
    const second = exporter.runner.refresh(arn);
    await expect(exporter.runner.between(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await Promise.all([first, replaced, second]);
    expect(order).toEqual(['data', 'manifest', 'replaced']);
    expect((await exporter.runner.run(arn)).status).toBe('DELIVERY_SUCCESS');
  });

  test('are remembered up to a bound, the last success always', async () => {
    const arn = await exporter.create(definition('a', SQL));
    const success = await exporter.runner.run(arn);
    store.pieces = async function* () {
      yield* pieces();
      throw new Error('no');
    };
    for (let run = 0; run < 60; run += 1) {
      exporter.nowMs += MINUTE_MS;
      await exporter.runner.run(arn);
    }
    const executions = exporter.registry.executions(arn);
    expect(executions).toHaveLength(51);
    expect(executions.at(-1)!.executionId).toBe(success.executionId);
  });
});

describe('a process that is killed', () => {
  test.each(['data', 'manifest'])('while it writes the %s leaves the last delivery whole', async (moment) => {
    const records = join(exporter.folder, 'records.sqlite');
    const child = fileURLToPath(new URL('./killed-delivery.ts', import.meta.url));
    const result = spawnSync(process.execPath, [child, exporter.folder, records, moment], { encoding: 'utf8' });
    expect(result.signal, result.stderr).toBe('SIGKILL');
    const firstId = result.stdout.trim();

    const folder = join(exporter.folder, 'bills/killed');
    const { executionId, dataFiles } = JSON.parse(
      readFileSync(join(folder, 'metadata/BILLING_PERIOD=2026-05/killed-Manifest.json'), 'utf8'),
    );
    expect(executionId).toBe(firstId);
    expect(dataFiles).toEqual(['s3://bills/killed/data/BILLING_PERIOD=2026-05/killed-00001.csv.gz']);
    const expected = moment === 'data' ? 'first\n' : 'second\nsecond\n';
    expect(gunzipSync(exporter.read(dataFiles[0])).toString()).toBe(expected);
    expect(globSync('**/*.gz', { cwd: folder })).toHaveLength(1);

    const reopened = new SqliteRecordStore(records, () => 0);
    const registry = new ExportRegistry(reopened);
    const { arn } = registry.all()[0]!;
    await registry.failInterrupted(1_000);
    expect(registry.executions(arn).map(({ status, statusReason }) => [status, statusReason])).toEqual([
      ['DELIVERY_FAILURE', 'INTERNAL_FAILURE'],
      ['DELIVERY_SUCCESS', undefined],
    ]);
    await reopened.close();
  });
});
