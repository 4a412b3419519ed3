import type { AccountConfig } from '../../config.ts';
import type { Account } from '../../identity/account.ts';
import { DEFAULT_ACCESS_ROLE } from '../../identity/member-account.ts';
import { NO_TAGS } from '../../kernel/tags.ts';
import { declaredTags, type OrganizationDraft, refused } from './draft.ts';

/** Makes the accounts that are missing, and moves, renames and tags those that are different. */
export function declareAccounts(draft: OrganizationDraft, accounts: readonly AccountConfig[]): void {
  const declared = new Set<string>();
  for (const [index, account] of accounts.entries()) {
    const id = declareAccount(draft, account, `accounts.${index}`);
    if (declared.has(id)) throw refused(`accounts.${index}`, `is the account \`${id}\` once more`);
    declared.add(id);
  }
}

function declareAccount(draft: OrganizationDraft, declared: AccountConfig, member: string): string {
  const { id, name, email } = declared;
  const owner = draft.accountByEmail(email);
  const existing = id === undefined ? owner : draft.account(id);
  if (owner && owner !== existing) {
    throw refused(`${member}.email`, `is \`${email}\`, which belongs to the account \`${owner.id}\``);
  }
  const parentId = parentOf(draft, declared, member);
  if (!existing) {
    const tags = declaredTags(NO_TAGS, declared.tags, member);
    const request = { ...(id !== undefined && { id }), ...(parentId !== undefined && { parentId }), name, email, tags };
    return draft.addAccount({ ...request, roleName: DEFAULT_ACCESS_ROLE }).id;
  }
  const tags = declaredTags(existing.tags ?? NO_TAGS, declared.tags, member);
  const isMoved = parentId !== undefined && parentId !== draft.parentIdOf(existing);
  const isDifferent =
    isMoved || existing.name !== name || existing.email !== email || tags !== (existing.tags ?? NO_TAGS);
  const changed: Account = { ...existing, name, email, tags, ...(isMoved && { parentId }) };
  if (isDifferent) draft.putAccount(changed);
  return existing.id;
}

function parentOf(draft: OrganizationDraft, { ou }: AccountConfig, member: string): string | undefined {
  if (ou === undefined) return undefined;
  const parentId = draft.containerAt(ou);
  if (parentId === undefined) {
    const advice = 'add its path to `organization.organizationalUnits`';
    throw refused(`${member}.ou`, `is \`${ou}\`, but there is no such organizational unit: ${advice}`);
  }
  return parentId;
}
