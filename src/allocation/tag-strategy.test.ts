import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import { foreignValues, similarValues, TagStrategyRecord, type UsedValue } from './tag-strategy.ts';

const used = (costs: Readonly<Record<string, bigint>>): UsedValue[] =>
  Object.entries(costs).map(([value, costPicoUsd]) => ({ value, costPicoUsd }));

describe('foreignValues', () => {
  const required = { key: 'iamPrincipal/team', allowedValues: ['data-science', 'search'] };

  it('names what is not allowed, the costliest first, with what was meant where that can be told', () => {
    const values = used({ search: 9n, 'Data Science': 3n, seach: 4n, marketing: 5n, '': 100n });
    expect(foreignValues(required, values)).toEqual([
      { value: 'marketing', costPicoUsd: 5n },
      { value: 'seach', costPicoUsd: 4n },
      { value: 'Data Science', costPicoUsd: 3n, meant: 'data-science' },
    ]);
    expect(foreignValues(required, used({ serach: 1n }))).toEqual([
      { value: 'serach', costPicoUsd: 1n, meant: 'search' },
    ]);
  });

  it('finds nothing where every value is allowed', () => {
    expect(foreignValues({ ...required, allowedValues: [] }, used({ anything: 1n }))).toEqual([]);
  });
});

describe('similarValues', () => {
  it('keeps the costliest of each group, and puts the group first that has the most to change', () => {
    const values = used({
      'data-science': 9n,
      'Data Science': 3n,
      datascience: 2n,
      eng: 1n,
      Eng: 80n,
      ENG: 7n,
      ops: 1n,
    });
    expect(similarValues(values)).toEqual([
      { kept: used({ Eng: 80n })[0], others: used({ ENG: 7n, eng: 1n }), likeness: 'case' },
      {
        kept: used({ 'data-science': 9n })[0],
        others: used({ 'Data Science': 3n, datascience: 2n }),
        likeness: 'punctuation',
      },
    ]);
  });

  it('never keeps less than it changes for one value, and never loses spend', () => {
    const value = fc.record({
      value: fc.string({ unit: fc.constantFrom(...'aAbB- '), minLength: 1, maxLength: 5 }),
      costPicoUsd: fc.bigInt({ min: 0n, max: 1_000n }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(value, { selector: (one) => one.value, maxLength: 20 }), (values) => {
        for (const { kept, others } of similarValues(values)) {
          for (const one of [kept, ...others]) expect(values).toContainEqual(one);
          for (const { costPicoUsd } of others) expect(costPicoUsd <= kept.costPicoUsd).toBe(true);
        }
      }),
    );
  });
});

describe('the record', () => {
  const strategy = {
    requiredTags: [{ key: 'iamPrincipal/team', allowedValues: ['a'] }],
    updatedAtMs: 1,
    updatedBy: 'arn',
  };

  it('is kept', async () => {
    const record = new TagStrategyRecord(new SqliteRecordStore(':memory:', () => 1));
    expect(record.get()).toBeUndefined();
    await record.put(strategy);
    expect(record.get()).toEqual(strategy);
  });

  it('names no key and no value twice', async () => {
    const record = new TagStrategyRecord(new SqliteRecordStore(':memory:', () => 1));
    const [required] = strategy.requiredTags;
    await expect(record.put({ ...strategy, requiredTags: [required!, required!] })).rejects.toThrow(
      '`iamPrincipal/team` is named twice',
    );
    const twice = { ...required!, allowedValues: ['a', 'a'] };
    await expect(record.put({ ...strategy, requiredTags: [twice] })).rejects.toThrow('`a` is named twice');
  });
});
