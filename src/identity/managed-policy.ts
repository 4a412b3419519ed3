import type { TagSet } from '../kernel/tags.ts';

export interface ManagedPolicy {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `aws` for the policies that AWS manages. */
  readonly accountId: string;
  /** `ANPA...`. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** At most five, oldest first. */
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersionId: string;
  /** Numbers of deleted versions are not given again. */
  readonly nextVersionNumber: number;
  readonly tags: TagSet;
}

export interface PolicyVersion {
  /** `v1`. */
  readonly id: string;
  /** JSON text as it was put. */
  readonly document: string;
  readonly createdAtMs: number;
}

export function policyArn(policy: Pick<ManagedPolicy, 'accountId' | 'path' | 'name'>): string {
  return `arn:aws:iam::${policy.accountId}:policy${policy.path}${policy.name}`;
}

/** The document in force. */
export function defaultDocument(policy: ManagedPolicy): string {
  return policy.versions.find(({ id }) => id === policy.defaultVersionId)!.document;
}
