import { NO_TAGS, type TagSet } from '../kernel/tags.ts';
import { type Organization, organizationEntityArn } from './organization.ts';

/** What an organization lets its member accounts do at most. Where it is attached is kept with the targets. */
export interface ServiceControlPolicy {
  /** Version of the record it was read from; 0 before it is written for the first time, and for AWS's own. */
  readonly version: number;
  /** `p-...`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** JSON text as it was put. */
  readonly content: string;
  readonly createdAtMs: number;
  readonly tags: TagSet;
}

/** Attached to every target when it is made, so that nothing is forbidden until somebody says so. */
export const FULL_AWS_ACCESS: ServiceControlPolicy = {
  version: 0,
  id: 'p-FullAWSAccess',
  name: 'FullAWSAccess',
  description: 'Allows access to every operation',
  content: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  createdAtMs: 0,
  tags: NO_TAGS,
};

/** Characters of a policy's content, white space included (5,120 until 2026-05-15). */
export const SERVICE_CONTROL_POLICY_LENGTH_MAX = 10_240;

/** Policies that one target can have (5 until 2026-05-15); it always has one at least. */
export const ATTACHED_POLICIES_MAX = 10;

export const FULL_ACCESS_ONLY: readonly string[] = [FULL_AWS_ACCESS.id];

export function serviceControlPolicyArn(organization: Organization, policyId: string): string {
  if (policyId === FULL_AWS_ACCESS.id) return `arn:aws:organizations::aws:policy/service_control_policy/${policyId}`;
  return organizationEntityArn(organization, policyId);
}
