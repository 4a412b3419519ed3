import { useSession } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';

/** What statements can be made by: the team's tag first. Undefined: not known yet. */
export function useStatementKeys() {
  const { TeamTagKey } = useSession();
  const tags = useCall<{ readonly CostAllocationTags: readonly { readonly TagKey: string }[] }>(
    'ce',
    'ListCostAllocationTags',
    { Status: 'Active', MaxResults: 100 },
  );
  const categories = useCall<{ readonly CostCategoryReferences: readonly { readonly Name: string }[] }>(
    'ce',
    'ListCostCategoryDefinitions',
  );
  const structures = useCall<{ readonly Structures: readonly { readonly Name: string }[] }>(
    'tallyline',
    'ListMembershipStructures',
  );
  if (tags.isPending || categories.isPending || structures.isPending) return undefined;
  const team = `tag:iamPrincipal/${TeamTagKey}`;
  const ofTags = (tags.data?.CostAllocationTags ?? []).map(({ TagKey }) => ({
    value: `tag:${TagKey}`,
    label: TagKey.replace(/^iamPrincipal\//, ''),
  }));
  const ofCategories = (categories.data?.CostCategoryReferences ?? []).map(({ Name }) => ({
    value: `category:${Name}`,
    label: `${Name} (cost category)`,
  }));
  const sorted = ofTags.toSorted((a, b) => Number(b.value === team) - Number(a.value === team));
  const ofStructures = (structures.data?.Structures ?? []).map(({ Name }) => ({
    value: `membership:${Name}`,
    label: `${Name} (org chart)`,
  }));
  return [...sorted, ...ofStructures, ...ofCategories, { value: 'account', label: 'account' }];
}
