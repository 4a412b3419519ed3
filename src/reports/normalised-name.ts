/**
 * A name as column names and the keys of `resource_tags` and `cost_category` have it: `user_cost_center` of
 * `user:CostCenter`, `aws_created_by` of `aws:createdBy` (Cost and Usage Reports User Guide, Athena column names, checked
 * 2026-11).
 */
export function normalisedName(name: string): string {
  return name
    .replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');
}
