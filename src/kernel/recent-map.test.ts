import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentMap } from './recent-map.ts';

test('the latest half of the keys is always there, and no more keys than allowed', () => {
  const steps = fc.array(fc.record({ key: fc.nat(12), isWrite: fc.boolean() }), { maxLength: 200 });
  const property = fc.property(steps, (list) => {
    const map = new RecentMap<number, string>(8);
    const latest: number[] = [];
    for (const [index, { key, isWrite }] of list.entries()) {
      if (isWrite) map.set(key, `${key} ${index}`);
      const isUsed = isWrite || map.get(key) !== undefined;
      if (isUsed) latest.push(key);
    }
    const recent = [...new Set(latest.toReversed())].slice(0, 4);
    for (const one of recent) expect(map.get(one)).toBeDefined();
    expect(
      Array.from({ length: 13 }, (_, key) => map.get(key)).filter((value) => value !== undefined).length,
    ).toBeLessThanOrEqual(8);
  });
  fc.assert(property, { seed: 7, numRuns: 500 });
});

test('a key has its latest value', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  expect([map.get('a'), map.get('b')]).toEqual([3, 2]);
  map.set('c', 4);
  expect(map.get('a')).toBeUndefined();
  map.clear();
  expect(map.get('c')).toBeUndefined();
});

test('what is deleted is gone, and every key is listed once', () => {
  const map = new RecentMap<string, number>(4);
  for (const key of ['a', 'b', 'c']) map.set(key, 1);
  map.set('a', 2);
  map.delete('b');
  expect([...map.entries()].sort()).toEqual([
    ['a', 2],
    ['c', 1],
  ]);
  expect(map.get('b')).toBeUndefined();
});
