import type { TagSet } from '../kernel/tags.ts';
import type { PolicyHolder } from './policy-holder.ts';

export interface Role extends PolicyHolder {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  readonly accountId: string;
  /** `AROA...`. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdAtMs: number;
  readonly description?: string;
  readonly maxSessionDurationSeconds: number;
  /** JSON text. Users and roles in it are bound: unique ids stand where their ARNs were. */
  readonly trustPolicy: string;
  readonly tags: TagSet;
  /** ARN of the managed policy that bounds its permissions; absent when it has no boundary. */
  readonly boundaryArn?: string;
}

/** The latest known use of a role: a request that one of its sessions signed. */
export interface RoleUse {
  readonly atMs: number;
  readonly region: string;
}
