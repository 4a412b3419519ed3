import {
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreatePolicyCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { assumed, policyOf, tagList } from './principals.ts';

export const ACCESS_ROLE = 'OrganizationAccountAccessRole';

/** Runs a block with a client of Organizations. */
export async function withOrganizations<Result>(
  caller: ClientConfig,
  use: (client: OrganizationsClient) => Promise<Result>,
): Promise<Result> {
  const client = new OrganizationsClient(caller);
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

/** Id of a new member account. */
export async function newAccount(
  admin: ClientConfig,
  name: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com`, Tags: tagList(tags) });
  const { CreateAccountStatus: status } = await withOrganizations(admin, (client) => client.send(command));
  return status!.AccountId!;
}

/** The administrator of a member account: the management account's, through the role that the account was made with. */
export function memberAdmin(admin: ClientConfig, accountId: string): Promise<ClientConfig> {
  return assumed(admin, `arn:aws:iam::${accountId}:role/${ACCESS_ROLE}`, 'admin');
}

export async function rootId(admin: ClientConfig): Promise<string> {
  const { Roots } = await withOrganizations(admin, (client) => client.send(new ListRootsCommand({})));
  return Roots![0]!.Id!;
}

/** Id of a new unit; without a parent, under the root. */
export async function newUnit(admin: ClientConfig, name: string, parentId?: string): Promise<string> {
  const command = new CreateOrganizationalUnitCommand({ Name: name, ParentId: parentId ?? (await rootId(admin)) });
  const { OrganizationalUnit: unit } = await withOrganizations(admin, (client) => client.send(command));
  return unit!.Id!;
}

/** Id of a new service control policy, attached to nothing. */
export async function newServiceControlPolicy(
  admin: ClientConfig,
  name: string,
  ...statements: readonly object[]
): Promise<string> {
  const command = new CreatePolicyCommand({
    Name: name,
    Description: '',
    Type: 'SERVICE_CONTROL_POLICY',
    Content: policyOf(...statements),
  });
  const { Policy: policy } = await withOrganizations(admin, (client) => client.send(command));
  return policy!.PolicySummary!.Id!;
}
