import { type Column, formatTable } from '../table.ts';
import type { AccountWire, OrganizationsClient } from './organizations-client.ts';

const COLUMNS: readonly Column[] = ['account', 'name', 'status', 'unit', 'e-mail', 'joined'].map((title) => ({
  title,
  align: 'left',
}));

/** `tallyline account list`: every account with the path of its organizational unit. */
export async function listAccounts(
  client: OrganizationsClient,
  asJson: boolean,
  print: (text: string) => void,
): Promise<void> {
  const accounts = await client.accounts();
  if (asJson) {
    print(JSON.stringify(accounts, null, 2));
    return;
  }
  const names = await unitNames(client, accounts);
  const rows = accounts.map((account) => [
    account.Id,
    account.Name,
    account.Status,
    unitIdsOf(account)
      .map((id) => names.get(id) ?? id)
      .join('/'),
    account.Email ?? '',
    new Date(account.JoinedTimestamp * 1000).toISOString().slice(0, 10),
  ]);
  print(formatTable(COLUMNS, rows));
}

/** Names of the units that accounts are in; each is asked for once. */
async function unitNames(
  client: OrganizationsClient,
  accounts: readonly AccountWire[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const id of new Set(accounts.flatMap(unitIdsOf))) names.set(id, await client.unitName(id));
  return names;
}

/** Ids of the units from below the root. */
function unitIdsOf({ Paths: [path] }: AccountWire): string[] {
  return path.split('/').filter((part) => part.startsWith('ou-'));
}
