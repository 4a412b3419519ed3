import { describe, expect, it } from 'vitest';
import { PassingMap } from './passing-map.ts';

describe('PassingMap', () => {
  it('keeps what has not gone, in the order in which it came, however much comes and goes', () => {
    const map = new PassingMap<number, string>();
    map.set(-1, 'stays');
    for (let key = 0; key < 10_000; key++) {
      map.set(key, `value ${key}`);
      if (key >= 300) map.delete(key - 300);
    }
    expect(map.size).toBe(301);
    expect(map.get(-1)).toBe('stays');
    expect(map.get(9_699)).toBeUndefined();
    expect([...map.keys()]).toEqual([-1, ...Array.from({ length: 300 }, (_, index) => 9_700 + index)]);
    expect([...map.values()].at(-1)).toBe('value 9999');
  });

  it('takes it when there is nothing to delete', () => {
    const map = new PassingMap<number, number>();
    for (let key = 0; key < 1_000; key++) map.delete(key);
    map.set(1, 1);
    expect([...map.keys()]).toEqual([1]);
  });
});
