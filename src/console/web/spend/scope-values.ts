import type { Present } from '../../../kernel/present.ts';
import { useCall } from '../api/use-call.ts';
import { usePresent } from '../display/present.ts';
import { spanOf } from '../time/range.ts';
import type { ScopeLine } from './spend-scope.ts';

/** Prefix of the cost allocation tags that are made of principals' tags. */
const PRINCIPAL_TAG = 'iamPrincipal/';
const SUGGESTED = 200;
const LOOKED_AT = '30d';

const DIMENSIONS: Readonly<Record<string, string>> = {
  principal: 'principal',
  role: 'role',
  account: 'account',
  model: 'model',
};

interface Report {
  readonly Rows: readonly { readonly Keys: readonly string[]; readonly IsOther?: boolean }[];
}

/** What was seen in the last 30 days, dearest first, to choose from; whatever else is typed is as good. */
export function useScopeValues({ kind, tagKey }: Pick<ScopeLine, 'kind' | 'tagKey'>): {
  readonly tagKeys: readonly string[];
  readonly values: readonly string[];
} {
  const tags = useCall<{ readonly CostAllocationTags: readonly { readonly TagKey: string }[] }>(
    'ce',
    'ListCostAllocationTags',
    { Status: 'Active', MaxResults: 100 },
    { enabled: kind === 'tag' },
  );
  const tagKeys = (tags.data?.CostAllocationTags ?? [])
    .filter(({ TagKey }) => TagKey.startsWith(PRINCIPAL_TAG))
    .map(({ TagKey }) => TagKey.slice(PRINCIPAL_TAG.length));
  const dimension = DIMENSIONS[kind];
  const group =
    kind === 'tag'
      ? { Type: 'TAG', Key: `${PRINCIPAL_TAG}${tagKey}` }
      : { Type: 'DIMENSION', Key: dimension ?? 'principal' };
  const days = lastDays(usePresent());
  const seen = useCall<Report>(
    'tallyline',
    'GetReport',
    { ...days, Granularity: 'TOTAL', GroupBy: [group], TopN: SUGGESTED },
    { enabled: kind === 'tag' ? tagKeys.includes(tagKey) : dimension !== undefined },
  );
  const rows = seen.isPlaceholderData ? [] : (seen.data?.Rows ?? []);
  const values = rows.flatMap(({ Keys: [value = ''], IsOther }) => (IsOther || value === '' ? [] : [value]));
  return { tagKeys, values: kind === 'role' ? values.map((name) => `*:role/${name}`) : values };
}

/** In whole days, so that the question is the same all day. */
function lastDays(present: Present): { readonly Start: string; readonly End: string } {
  const { startMs, endMs } = spanOf(LOOKED_AT, present)!;
  return { Start: new Date(startMs).toISOString(), End: new Date(endMs).toISOString() };
}
