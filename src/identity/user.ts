import type { TagSet } from '../kernel/tags.ts';
import type { PolicyHolder } from './policy-holder.ts';

export interface User extends PolicyHolder {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  readonly accountId: string;
  /** `AIDA...`. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdAtMs: number;
  readonly tags: TagSet;
  /** ARN of the managed policy that bounds its permissions; absent when it has no boundary. */
  readonly boundaryArn?: string;
  /** Unique ids (`AGPA...`) of the groups it is in. */
  readonly groupIds: readonly string[];
}
