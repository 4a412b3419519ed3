import { likenessOf, similarNames } from '../allocation/similar-names.ts';
import {
  type ForeignValue,
  foreignValues,
  type SimilarValues,
  similarValues,
  type TagStrategy,
} from '../allocation/tag-strategy.ts';
import type { Directory } from '../identity/directory.ts';
import { type KeyCoverage, tagCoverage } from '../reports/tag-coverage.ts';
import {
  holdersOf,
  type TagHolder,
  type TagQuestion,
  type Untagged,
  untagged,
  valuesByKey,
} from '../reports/tag-holders.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import { validateQuery } from '../reports/validate-query.ts';
import type { ReportDeps } from './report-path.ts';
import { SOME_VALUE, type TagFix, tagFixes } from './tag-findings-path/tag-fix.ts';

export interface TagFindingsParts extends ReportDeps {
  readonly directory: Directory;
}

export interface TagFindings {
  readonly totalPicoUsd: bigint;
  readonly missing: readonly MissingTag[];
  readonly foreign: readonly (ForeignValue & { readonly key: string; readonly holders: readonly FixableHolder[] })[];
  readonly similar: readonly (SimilarValues & { readonly key: string; readonly holders: readonly FixableHolder[] })[];
  readonly variants: readonly KeyVariants[];
}

/** A required key, and whose usage lacks it. */
export type MissingTag = Untagged & { readonly holders: readonly FixableHolder[] };

export interface FixableHolder extends TagHolder {
  readonly fixes: readonly TagFix[];
}

/** Keys of one source that seem to mean one thing. */
export interface KeyVariants {
  /** The one that carries the most spend. */
  readonly kept: KeyCoverage;
  readonly others: readonly KeyCoverage[];
  readonly holders: readonly FixableHolder[];
}

/** Keys whose values are compared, those with the most spend; comparing goes by the square of the values. */
const COMPARED_KEYS = 50;
/** Keys with more values hold ids, which are not compared. */
const VALUES_MAX = 300;
/** Findings of each kind. */
const FINDINGS_MAX = 100;

/** The tag findings path: ask what is carried > judge by the strategy > ask who carries it > say how it is changed. */
export async function tagFindings(
  range: TimeRange,
  strategy: Pick<TagStrategy, 'requiredTags'>,
  { store, costCatalog, directory }: TagFindingsParts,
  signal?: AbortSignal,
): Promise<TagFindings> {
  validateQuery({ range, granularity: 'TOTAL', groupBy: [] });
  const question: TagQuestion = { range, store, catalog: costCatalog(), signal };
  const { totalPicoUsd, carried } = await tagCoverage(range, question, signal);
  const required = strategy.requiredTags.map(({ key }) => key);
  const compared = carried.filter(({ values }) => values <= VALUES_MAX).slice(0, COMPARED_KEYS);
  const byKey = await valuesByKey([...new Set([...required, ...compared.map(({ key }) => key)])], question);

  const missing = (await untagged(required, question)).filter(({ costPicoUsd }) => costPicoUsd !== 0n);
  const restricted = strategy.requiredTags.filter(({ allowedValues }) => allowedValues.length > 0);
  const foreign = restricted.flatMap((tag) =>
    foreignValues(tag, byKey.get(tag.key) ?? []).map((value) => ({ key: tag.key, ...value })),
  );
  // Of keys with allowed values everything is said by then.
  const free = compared.filter(({ key }) => !restricted.some((tag) => tag.key === key));
  const similar: (SimilarValues & { key: string })[] = [];
  for (const { key } of free) {
    similar.push(...similarValues(byKey.get(key) ?? []).map((group) => ({ key, ...group })));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const variants = keyVariants(carried);

  const asked = [
    ...missing.map(({ key }) => ({ key, value: '' })),
    ...foreign.slice(0, FINDINGS_MAX),
    ...similar.slice(0, FINDINGS_MAX).flatMap(({ key, others }) => others.map(({ value }) => ({ key, value }))),
    ...variants.flatMap(({ others }) => others.flatMap(({ key }) => valuesOf(key))),
  ];
  const holders = asked.length > 0 ? await holdersOf(asked, question) : [];
  const fixable = (key: string, value: string, wanted: { key: string; value: string }): FixableHolder[] =>
    holders
      .filter((holder) => holder.key === key && holder.value === value)
      .map((holder) => ({ ...holder, fixes: tagFixes(holder, wanted, directory) }));
  return {
    totalPicoUsd,
    missing: missing.map((one) => ({ ...one, holders: fixable(one.key, '', { key: one.key, value: SOME_VALUE }) })),
    foreign: foreign.slice(0, FINDINGS_MAX).map((one) => {
      const wanted = { key: one.key, value: one.meant ?? SOME_VALUE };
      return { ...one, holders: fixable(one.key, one.value, wanted) };
    }),
    similar: similar.slice(0, FINDINGS_MAX).map((one) => {
      const wanted = { key: one.key, value: one.kept.value };
      return { ...one, holders: one.others.flatMap(({ value }) => fixable(one.key, value, wanted)) };
    }),
    variants: variants.map((one) => ({
      ...one,
      holders: one.others.flatMap(({ key }) =>
        valuesOf(key).flatMap(({ value }) => fixable(key, value, { key: one.kept.key, value })),
      ),
    })),
  };

  function valuesOf(key: string): { key: string; value: string }[] {
    return (byKey.get(key) ?? []).slice(0, FINDINGS_MAX).map(({ value }) => ({ key, value }));
  }
}

/** `cost-center` and `CostCenter`, and all that differ in letter case alone: reports take them for different tags. */
function keyVariants(carried: readonly KeyCoverage[]): Omit<KeyVariants, 'holders'>[] {
  const bySource = Map.groupBy(carried, ({ key }) => key.slice(0, key.indexOf('/')));
  return [...bySource.values()].flatMap((ofSource) => {
    const byKey = new Map(ofSource.slice(0, VALUES_MAX).map((one) => [one.key, one]));
    return similarNames([...byKey.keys()]).flatMap(({ names }) => {
      // The costliest come first; what is like it alone through a third one is another key.
      const [kept, ...rest] = ofSource.filter(({ key }) => names.includes(key));
      const others = rest.filter(({ key }) => likenessOf(key, kept!.key) !== undefined);
      return others.length > 0 ? [{ kept: kept!, others }] : [];
    });
  });
}
