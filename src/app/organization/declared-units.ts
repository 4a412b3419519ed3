import type { OrganizationConfig } from '../../config.ts';
import { declaredTags, type OrganizationDraft, refused } from './draft.ts';

/** Makes the units that are missing; parents need not be named before their children. */
export function declareUnits(
  draft: OrganizationDraft,
  units: NonNullable<OrganizationConfig['organizationalUnits']>,
): void {
  const paths = new Set<string>();
  for (const [index, { path, tags: declared }] of units.entries()) {
    const member = `organizationalUnits.${index}.path`;
    if (path === 'root') throw refused(member, 'is `root`, which is what the root itself is called: use another name');
    if (paths.has(path)) throw refused(member, `is \`${path}\` once more`);
    paths.add(path);
    const unit = draft.unitAt(path);
    const tags = declaredTags(unit.tags, declared, `organizationalUnits.${index}`);
    if (tags !== unit.tags) draft.putUnit({ ...unit, tags });
  }
}
