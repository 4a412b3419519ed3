import type { TagSet } from '../kernel/tags.ts';

/** The organization of an installation, which is also the one root that it has. */
export interface Organization {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `o-...`. */
  readonly id: string;
  /** `r-...`. */
  readonly rootId: string;
  readonly managementAccountId: string;
  readonly createdAtMs: number;
  /** Tags of the root. */
  readonly tags: TagSet;
  /** Service control policies attached to the root. */
  readonly policyIds: readonly string[];
  /** False: attached service control policies have no effect and are not shown. */
  readonly isServiceControlEnabled: boolean;
}

export interface OrganizationalUnit {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `ou-...`. */
  readonly id: string;
  /** The root or another unit; fixed. */
  readonly parentId: string;
  /** Unique among the units of its parent. */
  readonly name: string;
  readonly createdAtMs: number;
  readonly tags: TagSet;
  /** Service control policies attached to the unit itself. */
  readonly policyIds: readonly string[];
}

/** Units that may stand in one another. */
export const UNIT_DEPTH_MAX = 5;

/** Where an account stands in its organization. */
export interface AccountPlace {
  readonly organizationId: string;
  /** `o-.../r-.../ou-.../`, without the account itself: a value of `aws:PrincipalOrgPaths`. */
  readonly path: string;
}

/** What a request to create an account came to. On AWS it takes minutes; here it is known at once. */
export interface CreateAccountStatus {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `car-...`. */
  readonly id: string;
  readonly accountName: string;
  /** Absent when it failed. */
  readonly accountId?: string;
  /** Absent when it succeeded. */
  readonly failureReason?: 'EMAIL_ALREADY_EXISTS';
  readonly requestedAtMs: number;
}

export function organizationArn({ managementAccountId, id }: Organization): string {
  return `arn:aws:organizations::${managementAccountId}:organization/${id}`;
}

/** The ARN of a root, unit, account or customer policy of the organization, known or not, by the form of its id. */
export function organizationEntityArn(organization: Organization, entityId: string): string {
  const { managementAccountId, id } = organization;
  return `arn:aws:organizations::${managementAccountId}:${pathTo(entityId, id)}/${entityId}`;
}

function pathTo(entityId: string, organizationId: string): string {
  if (entityId.startsWith('ou-')) return `ou/${organizationId}`;
  if (entityId.startsWith('r-')) return `root/${organizationId}`;
  // The type of a policy stands behind the organization.
  if (entityId.startsWith('p-')) return `policy/${organizationId}/service_control_policy`;
  return `account/${organizationId}`;
}
