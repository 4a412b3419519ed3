import type { OrganizationsClient } from './organizations-client.ts';

/** `tallyline account close`: its credentials stop working at once, its history stays. */
export async function closeAccount(
  client: OrganizationsClient,
  idOrName: string,
  print: (text: string) => void,
): Promise<void> {
  const { Id, Name } = await client.account(idOrName);
  await client.call('CloseAccount', { AccountId: Id });
  print(`account ${Id} (${Name}): closed`);
}
