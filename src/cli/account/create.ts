import { Fault } from '../../kernel/fault.ts';
import type { OrganizationsClient } from './organizations-client.ts';
import { readTag } from './tag.ts';

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly ou?: string;
  readonly role?: string;
  readonly tag: readonly string[];
}

interface StatusWire {
  readonly CreateAccountStatus: { readonly AccountId?: string; readonly FailureReason?: string };
}

/** The role that the account is made with when none is named; AWS's default. */
const DEFAULT_ROLE = 'OrganizationAccountAccessRole';

/** `tallyline account create`: a member account, and how to get into it. */
export async function createAccount(
  client: OrganizationsClient,
  { name, email, ou, role, tag }: NewAccount,
  print: (text: string) => void,
): Promise<void> {
  // Before anything is made: a unit that is not there must not leave an account elsewhere.
  const containerId = ou === undefined ? undefined : await client.containerId(ou);
  const { CreateAccountStatus: status } = await client.call<StatusWire>('CreateAccount', {
    AccountName: name,
    Email: email,
    ...(role !== undefined && { RoleName: role }),
    Tags: tag.map(readTag),
  });
  if (status.AccountId === undefined) {
    const reason = status.FailureReason === 'EMAIL_ALREADY_EXISTS' ? 'another account has that e-mail address' : '';
    throw new Fault('QueryInvalid', `\`${name}\` was not created: ${reason || status.FailureReason}`);
  }
  const rootId = await client.rootId();
  if (containerId !== undefined && containerId !== rootId) {
    const move = { AccountId: status.AccountId, SourceParentId: rootId, DestinationParentId: containerId };
    await client.call('MoveAccount', move);
  }
  print(`account ${status.AccountId} (${name})`);
  print(`role arn:aws:iam::${status.AccountId}:role/${role ?? DEFAULT_ROLE}`);
}
