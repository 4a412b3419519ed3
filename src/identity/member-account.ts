import { rootArn } from '../kernel/arn.ts';
import type { RecordChange } from '../kernel/record-store.ts';
import { NO_TAGS, type TagSet } from '../kernel/tags.ts';
import type { Account } from './account.ts';
import type { Directory } from './directory.ts';
import { put } from './directory-records.ts';
import { newAccountId, newUniqueId, type RandomBytes } from './identifier.ts';
import type { Organization } from './organization.ts';
import { NO_POLICIES } from './policy-holder.ts';
import type { Role } from './role.ts';

/** What AWS calls the role by which the management account gets into an account that it created. */
export const DEFAULT_ACCESS_ROLE = 'OrganizationAccountAccessRole';

const ADMINISTRATOR_ACCESS = 'arn:aws:iam::aws:policy/AdministratorAccess';

export interface MemberAccountRequest {
  /** Absent: a free one is picked. */
  readonly id?: string;
  readonly name: string;
  readonly email: string;
  readonly roleName: string;
  /** Absent: the root. */
  readonly parentId?: string;
  readonly tags: TagSet;
  readonly nowMs: number;
  readonly random: RandomBytes;
}

/** A new member account with the administrator role that trusts the management account, as changes to be written. */
export function memberAccount(
  directory: Directory,
  organization: Organization,
  request: MemberAccountRequest,
): { readonly account: Account; readonly changes: readonly RecordChange[] } {
  const { name, email, roleName, parentId, tags, nowMs, random } = request;
  const account: Account = {
    version: 0,
    id: request.id ?? freeAccountId(directory, random),
    name,
    email,
    isManagement: false,
    createdAtMs: nowMs,
    ...(parentId !== undefined && { parentId }),
    tags,
  };
  const trust = { Effect: 'Allow', Principal: { AWS: rootArn(organization.managementAccountId) } };
  const role: Role = {
    version: 0,
    accountId: account.id,
    id: newUniqueId('AROA', random),
    name: roleName,
    path: '/',
    createdAtMs: nowMs,
    maxSessionDurationSeconds: 3600,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [{ ...trust, Action: 'sts:AssumeRole' }] }),
    tags: NO_TAGS,
    ...NO_POLICIES,
    attachedPolicyArns: [ADMINISTRATOR_ACCESS],
  };
  return { account, changes: [put('account', account), put('role', role)] };
}

/** The account with this e-mail address, which no two accounts share; letter case is ignored. */
export function accountByEmail(directory: Directory, email: string): Account | undefined {
  const wanted = email.toLowerCase();
  for (const account of directory.accounts()) if (account.email?.toLowerCase() === wanted) return account;
  return undefined;
}

function freeAccountId(directory: Directory, random: RandomBytes): string {
  for (;;) {
    const id = newAccountId(random);
    if (!directory.account(id)) return id;
  }
}
