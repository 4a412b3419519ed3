import { expect, test } from 'vitest';
import { SqliteRecordStore } from '../../adapters/sqlite-record-store.ts';
import { MINUTE_MS } from '../../kernel/time.ts';
import { LastUses } from './last-uses.ts';

test('a use is known at once, written when it is taken, and gone when it is forgotten', async () => {
  const store = new SqliteRecordStore(':memory:', () => 0);
  const written: string[] = [];
  store.watch((changes) => written.push(...changes.map(({ key }) => key)));
  const uses = new LastUses<{ atMs: number; region: string }>(store, 'use');
  uses.note('a', { atMs: 0, region: 'us-east-1' });
  uses.note('a', { atMs: 14 * MINUTE_MS, region: 'eu-west-1' });
  uses.note('b', { atMs: 0, region: 'us-east-1' });
  uses.note('c', { atMs: 0, region: 'us-east-1' });
  uses.forget('c');
  expect([uses.of('a')?.region, uses.of('b')?.atMs, uses.of('c')]).toEqual(['us-east-1', 0, undefined]);
  expect(written).toEqual([]);

  await store.write(uses.take(1));
  expect(written).toEqual(['a']);
  expect(uses.of('a')?.region).toBe('us-east-1');
  await store.write(uses.take(10));
  expect(uses.take(10)).toEqual([]);
  uses.note('a', { atMs: 15 * MINUTE_MS, region: 'eu-west-1' });
  expect(uses.of('a')?.region).toBe('eu-west-1');
  expect(uses.take(10)).toEqual([{ kind: 'use', key: 'a', body: { atMs: 15 * MINUTE_MS, region: 'eu-west-1' } }]);
});
