import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { versionAt } from '../../src/allocation/cost-category.ts';
import { CostCategoryRegistry } from '../../src/allocation/cost-category-registry.ts';
import { NO_TAGS } from '../../src/kernel/tags.ts';
import { DAY_MS } from '../../src/kernel/time.ts';

/** From the earliest month that a definition can reach back to. */
const MONTHS = 30;
const NAMES = ['a', 'b'];

/** Days that pass, then a decision about a category: a definition from some months back on, or its end. */
const step = fc.record({
  days: fc.integer({ min: 0, max: 40 }),
  name: fc.constantFrom(...NAMES),
  monthsBack: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
});

const definition = (defaultValue: string) => ({ rules: [], defaultValue, splitChargeRules: [] });

describe('the history of cost categories', () => {
  it('is what each decision said about its month and later ones, once it is processed', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.constantFrom(0, DAY_MS),
      async (steps, processingDelayMs) => {
        let nowMs = Date.UTC(2027, 1, 10);
        let ids = 0;
        const clock = () => nowMs;
        const records = new SqliteRecordStore(':memory:', clock);
        const newId = () => {
          ids += 1;
          return String(ids);
        };
        const deps = { records, clock, newId, fits: () => true, processingDelayMs };
        const registry = new CostCategoryRegistry(deps);
        const arns = new Map<string, string>();
        const decisions: { name: string; fromMs: number; value: string; processedAtMs: number }[] = [];
        for (const [index, { days, name, monthsBack }] of steps.entries()) {
          nowMs += days * DAY_MS;
          const now = new Date(nowMs);
          const fromMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (monthsBack ?? 0));
          const value = monthsBack === undefined ? '' : `value ${index}`;
          const arn = arns.get(name);
          if (value === '' && arn === undefined) continue;
          if (value === '') {
            await registry.delete(arn!);
            arns.delete(name);
          } else if (arn === undefined) {
            const created = { accountId: '111111111111', name, definition: definition(value), fromMs, tags: NO_TAGS };
            arns.set(name, (await registry.create(created)).arn);
          } else {
            await registry.update(arn, definition(value), fromMs);
          }
          decisions.push({ name, fromMs, value, processedAtMs: nowMs + processingDelayMs });
          // Records alone carry it all: another node, or this one after a restart, says the same.
          for (const seen of [registry, new CostCategoryRegistry(deps)]) {
            for (const one of NAMES) expect(shown(seen, one)).toEqual(expected(decisions, one, nowMs));
          }
          expect(registry.versions(nowMs).map(({ category }) => category.name)).toEqual([...arns.keys()].sort());
        }
        await records.close();
      },
    );
    await fc.assert(property, { seed: 21, numRuns: 400 });
  });
});

/** The value of each month. */
function shown(registry: CostCategoryRegistry, name: string): string[] {
  const versions = registry.catalog().get(name) ?? [];
  return months().map((atMs) => versionAt(versions, atMs)?.defaultValue ?? '');
}

function expected(
  decisions: readonly { name: string; fromMs: number; value: string; processedAtMs: number }[],
  name: string,
  nowMs: number,
): string[] {
  const counting = decisions.filter((one) => one.name === name && one.processedAtMs <= nowMs);
  return months().map((atMs) => counting.findLast(({ fromMs }) => fromMs <= atMs)?.value ?? '');
}

function months(): number[] {
  return Array.from({ length: MONTHS }, (_, month) => Date.UTC(2026, month));
}
