import type { ScimGroup, ScimUser } from '../../allocation/scim-directory.ts';

export const SCIM_SCHEMAS = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  provider: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
} as const;

type Json = Readonly<Record<string, unknown>>;

export function wireUser(user: ScimUser): Json {
  const { id, externalId, userName, displayName, active, department, costCenter } = user;
  const enterprise = {
    ...(department !== undefined && { department }),
    ...(costCenter !== undefined && { costCenter }),
  };
  const hasMore = Object.keys(enterprise).length > 0;
  return {
    schemas: [SCIM_SCHEMAS.user, ...(hasMore ? [SCIM_SCHEMAS.enterprise] : [])],
    ...{ id, userName, active },
    ...(externalId !== undefined && { externalId }),
    ...(displayName !== undefined && { displayName }),
    ...(hasMore && { [SCIM_SCHEMAS.enterprise]: enterprise }),
    meta: metaOf('User', user),
  };
}

/** With its members unless they are left out: identity providers ask whether a group is there much more often. */
export function wireGroup(group: ScimGroup, isBare: boolean): Json {
  const { id, externalId, displayName, members } = group;
  return {
    ...{ schemas: [SCIM_SCHEMAS.group], id, displayName },
    ...(externalId !== undefined && { externalId }),
    ...(!isBare && { members: members.map((value) => ({ value })) }),
    meta: metaOf('Group', group),
  };
}

function metaOf(
  resourceType: 'User' | 'Group',
  { id, createdAtMs, updatedAtMs }: Pick<ScimUser, 'id' | 'createdAtMs' | 'updatedAtMs'>,
): Json {
  return {
    resourceType,
    created: new Date(createdAtMs).toISOString(),
    lastModified: new Date(updatedAtMs).toISOString(),
    location: `/scim/v2/${resourceType}s/${id}`,
  };
}
