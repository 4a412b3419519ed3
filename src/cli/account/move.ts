import { type OrganizationsClient, parentIdOf } from './organizations-client.ts';

/** `tallyline account move`: to the unit at a path, or to `root`. */
export async function moveAccount(
  client: OrganizationsClient,
  idOrName: string,
  ou: string,
  print: (text: string) => void,
): Promise<void> {
  const account = await client.account(idOrName);
  const DestinationParentId = await client.containerId(ou);
  await client.call('MoveAccount', { AccountId: account.Id, SourceParentId: parentIdOf(account), DestinationParentId });
  print(`account ${account.Id} (${account.Name}): in ${ou}`);
}
