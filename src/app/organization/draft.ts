import type { Account } from '../../identity/account.ts';
import type { Directory } from '../../identity/directory.ts';
import { put } from '../../identity/directory-records.ts';
import type { RandomBytes } from '../../identity/identifier.ts';
import { type MemberAccountRequest, memberAccount } from '../../identity/member-account.ts';
import type { Organization, OrganizationalUnit } from '../../identity/organization.ts';
import { newOrganizationalUnit } from '../../identity/organization-founding.ts';
import { FULL_ACCESS_ONLY, type ServiceControlPolicy } from '../../identity/service-control-policy.ts';
import { Fault } from '../../kernel/fault.ts';
import type { RecordChange } from '../../kernel/record-store.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';

/** What has policies: the root, a unit, an account. */
export interface DraftTarget {
  readonly policyIds: readonly string[];
  readonly attach: (policyIds: readonly string[]) => void;
}

/** The organization as it will be; nothing is written before all of it is known to be possible. */
export class OrganizationDraft {
  readonly nowMs: number;
  readonly random: RandomBytes;
  readonly #directory: Directory;
  #organization: Organization;
  readonly #units = new Map<string, OrganizationalUnit>();
  /** By parent and name. */
  readonly #unitIds = new Map<string, string>();
  readonly #accounts = new Map<string, Account>();
  /** By e-mail address in lower case. */
  readonly #accountIds = new Map<string, string>();
  readonly #policies: Map<string, ServiceControlPolicy>;
  /** By kind and id: what is changed twice is written once. */
  readonly #changes = new Map<string, RecordChange>();

  constructor(directory: Directory, nowMs: number, random: RandomBytes) {
    const { organization } = directory;
    this.nowMs = nowMs;
    this.random = random;
    this.#directory = directory;
    this.#organization = organization.record!;
    for (const unit of organization.units()) this.#holdUnit(unit);
    for (const account of directory.accounts()) this.#holdAccount(account);
    this.#policies = new Map([...organization.policies()].map((policy) => [policy.name, policy]));
  }

  get changes(): readonly RecordChange[] {
    return [...this.#changes.values()];
  }

  get isServiceControlEnabled(): boolean {
    return this.#organization.isServiceControlEnabled;
  }

  /** Id of the unit at a path of names, or of the root for `root`; undefined when there is none. */
  containerAt(path: string): string | undefined {
    if (path === 'root') return this.#organization.rootId;
    let id: string | undefined = this.#organization.rootId;
    for (const name of path.split('/')) id = id === undefined ? undefined : this.#childOf(id, name)?.id;
    return id;
  }

  /** The unit at a path, made with those above it where they are missing. */
  unitAt(path: string): OrganizationalUnit {
    let parentId = this.#organization.rootId;
    let unit: OrganizationalUnit | undefined;
    for (const name of path.split('/')) {
      unit = this.#childOf(parentId, name) ?? this.#newUnit(parentId, name);
      parentId = unit.id;
    }
    return unit!;
  }

  putUnit(unit: OrganizationalUnit): void {
    this.#holdUnit(unit);
    this.#note(put('organizational-unit', unit));
  }

  account(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  accountByEmail(email: string): Account | undefined {
    return this.#accounts.get(this.#accountIds.get(email.toLowerCase()) ?? '');
  }

  accountsNamed(name: string): Account[] {
    return [...this.#accounts.values()].filter((account) => account.name === name);
  }

  parentIdOf({ parentId }: Account): string {
    return parentId ?? this.#organization.rootId;
  }

  addAccount(request: Omit<MemberAccountRequest, 'nowMs' | 'random'>): Account {
    const { nowMs, random } = this;
    const { account, changes } = memberAccount(this.#directory, this.#organization, { ...request, nowMs, random });
    this.#holdAccount(account);
    for (const change of changes) this.#note(change);
    return account;
  }

  putAccount(account: Account): void {
    this.#holdAccount(account);
    this.#note(put('account', account));
  }

  policyNamed(name: string): ServiceControlPolicy | undefined {
    return this.#policies.get(name);
  }

  putPolicy(policy: ServiceControlPolicy): void {
    this.#policies.set(policy.name, policy);
    this.#note(put('service-control-policy', policy));
  }

  /** By id. */
  targets(): Map<string, DraftTarget> {
    const { policyIds, rootId } = this.#organization;
    const root: DraftTarget = {
      policyIds,
      attach: (ids) => {
        this.#organization = { ...this.#organization, policyIds: ids };
        this.#note(put('organization', this.#organization));
      },
    };
    const units = [...this.#units.values()].map((unit): [string, DraftTarget] => [
      unit.id,
      { policyIds: unit.policyIds, attach: (ids) => this.putUnit({ ...unit, policyIds: ids }) },
    ]);
    const accounts = [...this.#accounts.values()].map((account): [string, DraftTarget] => [
      account.id,
      {
        policyIds: account.policyIds ?? FULL_ACCESS_ONLY,
        attach: (ids) => this.putAccount({ ...account, policyIds: ids }),
      },
    ]);
    return new Map([[rootId, root], ...units, ...accounts]);
  }

  #childOf(parentId: string, name: string): OrganizationalUnit | undefined {
    return this.#units.get(this.#unitIds.get(`${parentId}/${name}`) ?? '');
  }

  #holdUnit(unit: OrganizationalUnit): void {
    this.#units.set(unit.id, unit);
    this.#unitIds.set(`${unit.parentId}/${unit.name}`, unit.id);
  }

  #holdAccount(account: Account): void {
    const before = this.#accounts.get(account.id)?.email;
    if (before !== undefined) this.#accountIds.delete(before.toLowerCase());
    this.#accounts.set(account.id, account);
    if (account.email !== undefined) this.#accountIds.set(account.email.toLowerCase(), account.id);
  }

  #newUnit(parentId: string, name: string): OrganizationalUnit {
    const { nowMs, random } = this;
    const unit = newOrganizationalUnit(this.#organization, { parentId, name, tags: NO_TAGS, nowMs, random });
    this.putUnit(unit);
    return unit;
  }

  #note(change: RecordChange): void {
    this.#changes.set(`${change.kind} ${change.key}`, change);
  }
}

/** Tags that one unit or account can have. */
const TAGS_MAX = 50;

/** The declared tags laid over those that are there; the same object when that changes nothing. */
export function declaredTags(
  present: TagSet,
  declared: Readonly<Record<string, string>> | undefined,
  member: string,
): TagSet {
  const different = Object.entries(declared ?? {}).filter(([key, value]) => present.get(key) !== value);
  if (different.length === 0) return present;
  const tags = new Map([...present, ...different]);
  if (tags.size > TAGS_MAX) {
    throw refused(`${member}.tags`, `makes ${tags.size} tags with those that are there: ${TAGS_MAX} at most`);
  }
  return tags;
}

/** A member of the configuration that cannot be, named as the schema's errors name it. */
export function refused(member: string, reason: string): Fault {
  return new Fault('ConfigInvalid', `\`organization.${member}\` ${reason}`);
}
