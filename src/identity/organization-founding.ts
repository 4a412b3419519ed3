import { NO_TAGS, type TagSet } from '../kernel/tags.ts';
import type { Directory } from './directory.ts';
import { put } from './directory-records.ts';
import { newOrganizationsId, type RandomBytes } from './identifier.ts';
import type { Organization, OrganizationalUnit } from './organization.ts';
import { FULL_ACCESS_ONLY } from './service-control-policy.ts';

interface Founding {
  readonly managementAccountId: string;
  readonly nowMs: number;
  readonly random: RandomBytes;
}

/** An organization with all features, in which nothing is forbidden yet. */
export function newOrganization({ managementAccountId, nowMs, random }: Founding): Organization {
  return {
    version: 0,
    id: newOrganizationsId('o-', 10, random),
    rootId: newOrganizationsId('r-', 4, random),
    managementAccountId,
    createdAtMs: nowMs,
    tags: NO_TAGS,
    policyIds: FULL_ACCESS_ONLY,
    isServiceControlEnabled: true,
  };
}

/** Gives a directory that was made before there were organizations the one it lacks; its accounts stand under the root. */
export async function foundOrganization(directory: Directory, founding: Founding): Promise<void> {
  if (directory.organization.record) return;
  await directory.write([put('organization', newOrganization(founding))]);
}

/** A unit in which nothing is forbidden yet. */
export function newOrganizationalUnit(
  { rootId }: Organization,
  unit: Pick<OrganizationalUnit, 'parentId' | 'name'> & {
    readonly tags: TagSet;
    readonly nowMs: number;
    readonly random: RandomBytes;
  },
): OrganizationalUnit {
  const { parentId, name, tags, nowMs, random } = unit;
  const id = newOrganizationsId(`ou-${rootId.slice('r-'.length)}-`, 8, random);
  return { version: 0, id, parentId, name, createdAtMs: nowMs, tags, policyIds: FULL_ACCESS_ONLY };
}
