import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RecordChange, RecordConflict } from '../kernel/record-store.ts';
import { SqliteRecordStore } from './sqlite-record-store.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-records-'));
  file = join(folder, 'directory.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => new SqliteRecordStore(file, () => 0);

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no failure';
}

describe('SqliteRecordStore', () => {
  it('keeps records over a restart, with their versions', async () => {
    const store = open();
    await store.write([
      { kind: 'user', key: 'a', body: { name: 'é 😀', list: [1, null] } },
      { kind: 'user', key: '__proto__', body: 'x' },
      { kind: 'role', key: 'a', body: true },
    ]);
    await store.write([{ kind: 'role', key: 'a' }]);
    const before = [...store.all('user')];
    await store.close();
    const again = open();
    expect(new Set(again.all('user'))).toEqual(new Set(before));
    expect(again.get('user', 'a')?.body).toEqual({ name: 'é 😀', list: [1, null] });
    expect(again.get('role', 'a')).toBeUndefined();
    expect([...again.all('unknown')]).toEqual([]);
    await again.close();
  });

  it('shows what it would read back, not the object that was passed', async () => {
    const store = open();
    const body = { name: 'a', gone: undefined };
    await store.write([{ kind: 'user', key: 'a', body }]);
    body.name = 'b';
    expect(store.get('user', 'a')?.body).toEqual({ name: 'a' });
    await store.close();
  });

  it('changes nothing when one of the versions does not hold', async () => {
    const store = open();
    await store.write([{ kind: 'user', key: 'a', body: 1, expectedVersion: 0 }]);
    const { version } = store.get('user', 'a')!;
    const seen: RecordChange[] = [];
    store.watch((changes) => seen.push(...changes));
    for (const expectedVersion of [0, version + 1]) {
      const changes = [
        { kind: 'user', key: 'b', body: 2 },
        { kind: 'user', key: 'a', body: 2, expectedVersion },
      ];
      await expect(store.write(changes)).rejects.toThrow(RecordConflict);
    }
    await expect(store.write([{ kind: 'user', key: 'none', expectedVersion: version }])).rejects.toThrow(
      RecordConflict,
    );
    expect([store.get('user', 'a'), store.get('user', 'b'), seen]).toEqual([
      { key: 'a', version, body: 1 },
      undefined,
      [],
    ]);
    await store.write([{ kind: 'user', key: 'a', body: 2, expectedVersion: version }]);
    expect(store.get('user', 'a')!.version).toBeGreaterThan(version);
    await store.close();
  });

  it('judges each of the writes that come at once by what the ones before it left', async () => {
    const store = open();
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((body) => store.write([{ kind: 'user', key: 'a', body, ...(body < 3 && { expectedVersion: 0 }) }])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(store.get('user', 'a')?.body).toBe(3);
    await store.close();
  });

  it('shows a write when it is durable and not before, and lets nothing wait for the disk', async () => {
    const store = open();
    const writing = store.write([{ kind: 'user', key: 'a', body: 1 }]);
    await Promise.resolve();
    expect(store.get('user', 'a')).toBeUndefined();
    await writing;
    expect(store.get('user', 'a')?.body).toBe(1);
    const last = store.write([{ kind: 'user', key: 'b', body: 2 }]);
    await store.close();
    await last;
    expect(new Set([...open().all('user')].map(({ key }) => key))).toEqual(new Set(['a', 'b']));
  });

  it('never gives a version twice to a record that is made anew', async () => {
    const store = open();
    await store.write([{ kind: 'user', key: 'a', body: 1 }]);
    const { version } = store.get('user', 'a')!;
    await store.write([{ kind: 'user', key: 'a' }]);
    await store.write([{ kind: 'user', key: 'a', body: 1, expectedVersion: 0 }]);
    expect(store.get('user', 'a')!.version).toBeGreaterThan(version);
    await store.close();
  });

  it('tells watchers after the write can be seen, changes in order', async () => {
    const store = open();
    const seen: unknown[] = [];
    store.watch((changes) => seen.push(changes.map(({ key }) => [key, store.get('user', key)?.body])));
    await store.write([
      { kind: 'user', key: 'b', body: 2 },
      { kind: 'user', key: 'a', body: 1 },
    ]);
    await store.write([{ kind: 'user', key: 'b' }]);
    expect(seen).toEqual([
      [
        ['b', 2],
        ['a', 1],
      ],
      [['b', undefined]],
    ]);
    await store.close();
  });

  it('keeps nothing of a write that fails half-way', async () => {
    const store = open();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const changes = [
      { kind: 'user', key: 'a', body: 1 },
      { kind: 'user', key: 'b', body: circular },
    ];
    await expect(store.write(changes)).rejects.toThrow(TypeError);
    expect(store.get('user', 'a')).toBeUndefined();
    await store.write([{ kind: 'user', key: 'c', body: 3 }]);
    await store.close();
    expect([...open().all('user')].map(({ key }) => key)).toEqual(['c']);
  });

  it('is readable by its owner alone, whatever the file was before', async () => {
    writeFileSync(file, '');
    chmodSync(file, 0o666);
    const store = open();
    await store.write([{ kind: 'user', key: 'a', body: 1 }]);
    for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('belongs to one process, and says so', async () => {
    const store = open();
    expect(failure(open)).toBe('DataFolderInUse');
    await store.close();
    await open().close();
  });

  it('refuses files that it did not lay out', () => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(failure(open)).toBe('DataFolderUnusable');
    writeFileSync(file, 'this is not a database'.repeat(100));
    expect(failure(open)).toBe('DataFolderUnusable');
    file = join(folder, 'missing', 'directory.sqlite');
    expect(failure(open)).toBe('DataFolderUnusable');
  });
});
