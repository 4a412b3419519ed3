import type { PolicyHolder } from './policy-holder.ts';

/** A set of users that share policies. Not a principal: it cannot be named in a trust policy and has no tags. */
export interface Group extends PolicyHolder {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  readonly accountId: string;
  /** `AGPA...`. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdAtMs: number;
}

export function groupArn(group: Pick<Group, 'accountId' | 'path' | 'name'>): string {
  return `arn:aws:iam::${group.accountId}:group${group.path}${group.name}`;
}
