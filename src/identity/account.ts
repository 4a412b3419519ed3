import type { TagSet } from '../kernel/tags.ts';

/** An AWS account as Tallyline keeps it. One is the management (payer) account. */
export interface Account {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** Twelve digits. */
  readonly id: string;
  readonly name: string;
  /** Absent when none was given. */
  readonly email?: string;
  readonly isManagement: boolean;
  /** When it joined the organization: members are created in it. */
  readonly createdAtMs: number;
  /** Sign-in alias; absent when none was made. */
  readonly alias?: string;
  /** Absent: ACTIVE. A suspended account was closed: none of its credentials is in force, and its history stays. */
  readonly status?: AccountStatus;
  /** Organizational unit that it is in; absent: directly under the root. */
  readonly parentId?: string;
  /** Absent: none. */
  readonly tags?: TagSet;
  /** Service control policies attached to the account itself; absent: FullAWSAccess alone. */
  readonly policyIds?: readonly string[];
}

export type AccountStatus = 'ACTIVE' | 'SUSPENDED';
