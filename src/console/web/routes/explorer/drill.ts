import type { TimeZone } from '../../../../kernel/time-zone.ts';
import type { SearchParams } from '../../display/view-state.ts';
import { type Condition, conditionText } from '../../report/report-filter.ts';
import { isAllocation, type KeyWord } from '../../report/report-key.ts';
import { rangeOf, type TimeSpan } from '../../time/range.ts';
import type { Group } from './answer.ts';
import { byParam, type View } from './view.ts';

/** What is looked at next, one after the other: who, with what, for what kind of tokens. After the last come the requests. */
const PATH: readonly KeyWord[] = ['principal', 'model', 'direction'];

/** What further to group by under conditions; undefined: there is nothing left but the requests. */
function nextKey(used: readonly KeyWord[]): KeyWord | undefined {
  return PATH.find((word) => !used.includes(word));
}

/** Conditions that keep one group alone. `other` has none: it is whatever is left. */
export function conditionsOf(group: Group, by: readonly KeyWord[]): readonly Condition[] {
  if (group.kind === 'other') return [];
  if (group.kind === 'unallocated') {
    const word = by.find(isAllocation);
    return word === undefined ? [] : [{ word, mode: 'include', values: [''] }];
  }
  return by.map((word, index) => ({ word, mode: 'include', values: [group.keys[index] ?? ''] }));
}

/** The filters with further ones, which replace those of the same keys that include. */
export function withConditions(filters: readonly Condition[], more: readonly Condition[]): readonly Condition[] {
  const replaced = (filter: Condition) => more.some(({ word }) => filter.mode === 'include' && filter.word === word);
  return [...filters.filter((filter) => !replaced(filter)), ...more];
}

export function filterParams(filters: readonly Condition[]): readonly string[] {
  return filters.map(conditionText);
}

/** Where a press on a group leads. */
export type Step =
  | { readonly kind: 'view'; readonly change: SearchParams }
  | { readonly kind: 'requests'; readonly search: SearchParams };

/** One step into a group, and into a bucket where one was pressed. The step into `other` shows more of the groups. */
export function stepInto(view: View, group: Group, zone: TimeZone, bucket?: TimeSpan): Step {
  if (group.kind === 'other') return { kind: 'view', change: { top: String(view.top * 2) } };
  const filters = withConditions(view.filters, conditionsOf(group, view.by));
  const range = bucket ? rangeOf(bucket, zone) : view.range;
  const next = nextKey([...view.by, ...filters.map(({ word }) => word)]);
  const search = { range, filter: filterParams(filters) };
  if (next === undefined) return { kind: 'requests', search };
  return { kind: 'view', change: { ...search, by: byParam([next]), every: undefined } };
}

/** The inverse of a step: without the latest filter, grouped by its key again. Undefined at the top. */
export function stepOut({ filters }: View): SearchParams | undefined {
  const latest = filters.at(-1);
  return latest && { filter: filterParams(filters.slice(0, -1)), by: [latest.word] };
}
