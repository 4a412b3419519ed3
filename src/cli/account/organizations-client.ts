import { Fault } from '../../kernel/fault.ts';
import { callAwsJson } from '../client.ts';
import type { Profile } from '../profile.ts';

export interface AccountWire {
  readonly Id: string;
  readonly Name: string;
  /** Absent for a management account without one. */
  readonly Email?: string;
  readonly Status: string;
  /** `o-.../r-.../ou-.../123456789012/`, one of them. */
  readonly Paths: readonly [string];
  /** Seconds since 1970. */
  readonly JoinedTimestamp: number;
}

interface UnitWire {
  readonly Id: string;
  readonly Name: string;
}

interface Page {
  readonly NextToken?: string;
}

/** Calls AWS Organizations as an ordinary signed client, and finds accounts and units by what people call them. */
export class OrganizationsClient {
  readonly #profile: Profile;
  readonly #now: () => number;

  constructor(profile: Profile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
  }

  /** Throws NotFound when no server answers, QueryInvalid with the server's sentence when it refuses. */
  call<Output>(operation: string, input: object): Promise<Output> {
    const target = `AWSOrganizationsV20161128.${operation}`;
    return callAwsJson(this.#profile, { service: 'organizations', target }, input, this.#now());
  }

  accounts(): Promise<AccountWire[]> {
    return this.#all<Page & { readonly Accounts: readonly AccountWire[] }, AccountWire>(
      'ListAccounts',
      {},
      ({ Accounts }) => Accounts,
    );
  }

  /** By id, or by a name that only one account has. Throws NotFound. */
  async account(idOrName: string): Promise<AccountWire> {
    const accounts = await this.accounts();
    const byId = accounts.find(({ Id }) => Id === idOrName);
    if (byId) return byId;
    const [found, ...others] = accounts.filter(({ Name }) => Name === idOrName);
    if (!found) throw new Fault('NotFound', `there is no account \`${idOrName}\`: see \`tallyline account list\``);
    if (others.length === 0) return found;
    const ids = [found, ...others].map(({ Id }) => Id).join(', ');
    throw new Fault('NotFound', `several accounts are called \`${idOrName}\`: use one of the ids ${ids}`);
  }

  async rootId(): Promise<string> {
    const { Roots } = await this.call<{ Roots: readonly [UnitWire] }>('ListRoots', {});
    return Roots[0].Id;
  }

  /** Id of the unit at a path of names, or of the root for `root`. Throws NotFound. */
  async containerId(path: string): Promise<string> {
    let id = await this.rootId();
    if (path === 'root') return id;
    for (const name of path.split('/')) {
      const unit = (await this.units(id)).find(({ Name }) => Name === name);
      if (!unit) throw new Fault('NotFound', `there is no organizational unit \`${path}\`: \`${name}\` is missing`);
      id = unit.Id;
    }
    return id;
  }

  /** Units directly under the root or a unit. */
  units(parentId: string): Promise<UnitWire[]> {
    return this.#all<Page & { readonly OrganizationalUnits: readonly UnitWire[] }, UnitWire>(
      'ListOrganizationalUnitsForParent',
      { ParentId: parentId },
      ({ OrganizationalUnits }) => OrganizationalUnits,
    );
  }

  async unitName(id: string): Promise<string> {
    const input = { OrganizationalUnitId: id };
    return (await this.call<{ OrganizationalUnit: UnitWire }>('DescribeOrganizationalUnit', input)).OrganizationalUnit
      .Name;
  }

  async #all<Output extends Page, Item>(
    operation: string,
    input: object,
    itemsOf: (page: Output) => readonly Item[],
  ): Promise<Item[]> {
    const items: Item[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.call<Output>(operation, { ...input, ...(NextToken && { NextToken }) });
      items.push(...itemsOf(page));
      NextToken = page.NextToken;
    } while (NextToken);
    return items;
  }
}

/** The account's parent: the last but one of its path. */
export function parentIdOf({ Paths: [path] }: AccountWire): string {
  return path.split('/').at(-3)!;
}
