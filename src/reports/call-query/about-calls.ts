import { Fault } from '../../kernel/fault.ts';
import type { CostCatalog } from '../cost-catalog.ts';
import { ruleMeaning } from '../cost-category-rules.ts';
import type { Dimension, GroupKey, ReportFilter } from '../report-query.ts';
import { keyOf, partsOf } from '../validate-query.ts';

/** What only the lines of a bill have: a call becomes several. */
const OF_LINES: ReadonlySet<Dimension> = new Set([
  'usageType',
  'direction',
  'billedOperation',
  'service',
  'productCode',
  'billingEntity',
  'inferenceType',
]);

/** Throws QueryInvalid for a filter that asks about what no whole call has. */
export function requireAboutCalls(filter: ReportFilter, catalog: CostCatalog): void {
  const [unknown] = lineKeysOf(filter, catalog, new Set());
  if (unknown === undefined) return;
  throw new Fault(
    'QueryInvalid',
    `calls have no \`${unknown}\`, only the lines of their bill have; filter calls by principal, model, region, tag, ...`,
  );
}

/** Keys of a filter that calls do not have; of a cost category, also those of its rules. */
function* lineKeysOf(filter: ReportFilter, catalog: CostCatalog, seen: Set<string>): Generator<string> {
  for (const [part] of partsOf(filter, 1)) {
    const key = keyOf(part);
    if (key) yield* lineKeys(key, catalog, seen);
    if ('absent' in part && part.absent === 'anyCostCategory') {
      for (const costCategory of catalog.categories.keys()) yield* lineKeys({ costCategory }, catalog, seen);
    }
  }
}

function* lineKeys(key: GroupKey, catalog: CostCatalog, seen: Set<string>): Generator<string> {
  if ('dimension' in key && OF_LINES.has(key.dimension)) yield key.dimension;
  if (!('costCategory' in key) || seen.has(key.costCategory)) return;
  seen.add(key.costCategory);
  for (const rule of (catalog.categories.get(key.costCategory) ?? []).flatMap(({ rules }) => rules)) {
    const meaning = ruleMeaning(rule);
    if (!('matching' in meaning)) continue;
    for (const _ of lineKeysOf(meaning.matching, catalog, seen)) yield key.costCategory;
  }
}
