import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, POSTGRES_BIN, type PostgresServer, startPostgres } from '../../test/postgres/postgres-server.ts';
import { anewOnConflict, type RecordChange, RecordConflict } from '../kernel/record-store.ts';
import { PostgresRecordStore } from './postgres-record-store.ts';

const DAY_MS = 86_400_000;

describe.skipIf(!POSTGRES_BIN)('PostgresRecordStore', () => {
  let server: PostgresServer;
  let nowMs = 0;
  let schemas = 0;
  const opened: PostgresRecordStore[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  afterAll(() => server.stop());

  const newSchema = () => {
    schemas += 1;
    return `directory_${schemas}`;
  };

  async function open(schema: string, nodeId = 'a'): Promise<PostgresRecordStore> {
    const options = { url: server.url, schema, nodeId, clock: () => nowMs, onTrouble: () => {} };
    const store = await PostgresRecordStore.open(options);
    opened.push(store);
    await store.letOthersStart();
    return store;
  }

  it('keeps records over a restart, with their versions', async () => {
    const schema = newSchema();
    const store = await open(schema);
    await store.write([
      { kind: 'user', key: 'a', body: { name: 'é 😀 \u0000', list: [1, null], gone: undefined } },
      { kind: 'user', key: '__proto__', body: 'x' },
      { kind: 'role', key: 'a', body: true },
    ]);
    await store.write([{ kind: 'role', key: 'a' }]);
    const before = [...store.all('user')];
    await store.close();
    const again = await open(schema);
    expect(new Set(again.all('user'))).toEqual(new Set(before));
    expect(again.get('user', 'a')?.body).toEqual({ name: 'é 😀 \u0000', list: [1, null] });
    expect(again.get('role', 'a')).toBeUndefined();
    expect([...again.all('unknown')]).toEqual([]);
  });

  it('changes nothing when one of the versions does not hold, and shows what the other writer wrote', async () => {
    const schema = newSchema();
    const [a, b] = [await open(schema), await open(schema, 'b')];
    await a.write([{ kind: 'user', key: 'a', body: 1, expectedVersion: 0 }]);
    const { version } = a.get('user', 'a')!;
    const overtaken = [
      { kind: 'user', key: 'other', body: 2 },
      { kind: 'user', key: 'a', body: 2, expectedVersion: 0 },
    ];
    await expect(b.write(overtaken)).rejects.toThrow(RecordConflict);
    expect([b.get('user', 'a'), b.get('user', 'other')]).toEqual([{ key: 'a', version, body: 1 }, undefined]);
    await expect(b.write([{ kind: 'user', key: 'none', expectedVersion: version }])).rejects.toThrow(RecordConflict);
    await b.write([{ kind: 'user', key: 'a', expectedVersion: version }]);
    await expect(a.write([{ kind: 'user', key: 'a', body: 3, expectedVersion: version }])).rejects.toThrow(
      RecordConflict,
    );
    await a.write([{ kind: 'user', key: 'a', body: 3, expectedVersion: 0 }]);
    expect(a.get('user', 'a')!.version).toBeGreaterThan(version);
  });

  it('tells watchers of both nodes of every write, once, in one order', async () => {
    const schema = newSchema();
    const [a, b] = [await open(schema), await open(schema, 'b')];
    const seen: Record<string, RecordChange[]> = { a: [], b: [] };
    a.watch((changes) => seen.a!.push(...changes));
    b.watch((changes) => seen.b!.push(...changes));
    const both = [a, b];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        both[i % 2]!.write([
          { kind: 'user', key: `key-${i}`, body: i },
          { kind: 'user', key: `gone-${i}`, body: i },
        ]),
      ),
    );
    await Promise.all([a.write([{ kind: 'user', key: 'gone-1' }]), b.write([{ kind: 'user', key: 'gone-2' }])]);
    const last = { kind: 'user', key: 'last', body: 'z' };
    await a.write([last]);
    await seenBy(b, ({ key }) => key === 'last');
    expect(seen.b).toEqual(seen.a);
    expect(seen.a).toHaveLength(83);
    expect(new Set(b.all('user'))).toEqual(new Set(a.all('user')));
  });

  it('adds up what many writers of two nodes add at once', async () => {
    const schema = newSchema();
    const both = [await open(schema), await open(schema, 'b')];
    let conflicts = 0;
    const add = async (store: PostgresRecordStore) => {
      for (;;) {
        try {
          return await anewOnConflict(
            () => {
              const known = store.get<number>('sum', '');
              const body = (known?.body ?? 0) + 1;
              return store.write([{ kind: 'sum', key: '', body, expectedVersion: known?.version ?? 0 }]);
            },
            () => {
              conflicts += 1;
            },
          );
        } catch (error) {
          if (!(error instanceof RecordConflict)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 24 }, (_, i) => add(both[i % 2]!)));
    expect(conflicts).toBeGreaterThan(0);
    expect(both.map((store) => store.get('sum', '')!.body)).toContain(24);
  });

  it('finds what was deleted while it was away, even when the trace of it is gone', async () => {
    const schema = newSchema();
    const [a, b] = [await open(schema), await open(schema, 'b')];
    await a.write([
      { kind: 'user', key: 'kept', body: 1 },
      { kind: 'user', key: 'gone', body: 1 },
    ]);
    await seenBy(b, ({ key }) => key === 'gone');
    const changes: RecordChange[] = [];
    b.watch((some) => changes.push(...some));
    await server.kill();
    await server.start();
    await eventually(() => a.write([{ kind: 'user', key: 'gone' }]));
    nowMs += 2 * DAY_MS;
    await a.lead(1_000);
    await seenBy(b, ({ key, body }) => key === 'gone' && body === undefined, changes);
    expect([...b.all('user')].map(({ key }) => key)).toEqual(['kept']);
    const late = await open(schema, 'c');
    expect([...late.all('user')].map(({ key }) => key)).toEqual(['kept']);
  });

  it('answers reads while the database is away, refuses writes, and goes on when it is back', async () => {
    const schema = newSchema();
    const [a, b] = [await open(schema), await open(schema, 'b')];
    await a.write([{ kind: 'user', key: 'a', body: 1 }]);
    await server.kill();
    expect(a.get('user', 'a')?.body).toBe(1);
    await expect(a.write([{ kind: 'user', key: 'a', body: 2 }])).rejects.toMatchObject({ code: 'StoreUnavailable' });
    await server.start();
    await eventually(() => a.write([{ kind: 'user', key: 'a', body: 3 }]));
    await seenBy(b, ({ key, body }) => key === 'a' && body === 3);
  });

  it('lets one node lead at a time, and the next when that one resigns or is gone', async () => {
    const schema = newSchema();
    const [a, b] = [await open(schema), await open(schema, 'b')];
    expect(await Promise.all([a.lead(60_000), b.lead(60_000)]).then((led) => led.filter(Boolean))).toHaveLength(1);
    const [leader, other] = (await a.lead(60_000)) ? [a, b] : [b, a];
    expect(await other.lead(60_000)).toBe(false);
    expect(await a.nodes(60_000)).toEqual(['a', 'b']);
    await leader.resign();
    expect(await other.lead(1)).toBe(true);
    await eventually(async () => {
      if (!(await leader.lead(60_000))) throw new Error('the lease has not ended');
    });
  });

  it('refuses a database that is not there, without its password', async () => {
    const url = 'postgres://tallyline:geheim@127.0.0.1:1/none';
    const options = { url, schema: 's', nodeId: 'a', clock: () => 0, onTrouble: () => {} };
    const failure = await PostgresRecordStore.open(options).catch((error: Error) => error.message);
    expect(failure).toMatch(/^the directory database at `127\.0\.0\.1:1\/none` cannot be used: /);
    expect(failure).not.toContain('geheim');
  });

  it('refuses tables of another layout', async () => {
    const schema = newSchema();
    await (await open(schema)).close();
    const { Client } = (await import('pg')).default;
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(`UPDATE ${client.escapeIdentifier(schema)}.head SET layout = 99`);
    await client.end();
    await expect(open(schema)).rejects.toMatchObject({ code: 'DataFolderUnusable' });
  });

  it('lets no other node start before the first start is over', async () => {
    const schema = newSchema();
    const options = { url: server.url, schema, nodeId: 'a', clock: () => nowMs, onTrouble: () => {} };
    const first = await PostgresRecordStore.open(options);
    opened.push(first);
    let isSecondOpen = false;
    const second = open(schema, 'b').then((store) => {
      isSecondOpen = true;
      return store;
    });
    await first.write([{ kind: 'user', key: 'founder', body: 1 }]);
    expect(isSecondOpen).toBe(false);
    await first.letOthersStart();
    expect((await second).get('user', 'founder')?.body).toBe(1);
  });

  it('makes its tables once when two nodes start at once', async () => {
    const schema = newSchema();
    const both = await Promise.all([open(schema, 'a'), open(schema, 'b')]);
    await both[0]!.write([{ kind: 'user', key: 'a', body: 1 }]);
    await seenBy(both[1]!, ({ key }) => key === 'a');
  });
});

/** Resolves when the node has seen such a change. */
async function seenBy(
  store: PostgresRecordStore,
  isIt: (change: RecordChange) => boolean,
  already: readonly RecordChange[] = [],
): Promise<void> {
  const known = [...store.all('user')].map(({ key, body }) => ({ kind: 'user', key, body }));
  if ([...known, ...already].some(isIt)) return;
  await new Promise<void>((resolve) => store.watch((changes) => changes.some(isIt) && resolve()));
}
