import type { Account } from '../account.ts';
import type { AccountPlace, CreateAccountStatus, Organization, OrganizationalUnit } from '../organization.ts';
import type { PolicySource } from '../policy-set.ts';
import {
  FULL_ACCESS_ONLY,
  FULL_AWS_ACCESS,
  type ServiceControlPolicy,
  serviceControlPolicyArn,
} from '../service-control-policy.ts';

/** Policies attached to one level of the tree. */
type Level = readonly PolicySource[];

/**
 * The organization with its units, its service control policies and where its accounts stand. What a request asks for
 * (`serviceControlOf`, `placeOf`) is worked out once per account and forgotten when anything here changes.
 */
export class OrganizationTree {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #units = new Map<string, OrganizationalUnit>();
  readonly #policies = new Map<string, ServiceControlPolicy>([[FULL_AWS_ACCESS.id, FULL_AWS_ACCESS]]);
  readonly #createStatuses = new Map<string, CreateAccountStatus>();
  readonly #levels = new Map<string, readonly Level[]>();
  readonly #places = new Map<string, AccountPlace>();
  #organization: Organization | undefined;

  constructor(accounts: ReadonlyMap<string, Account>) {
    this.#accounts = accounts;
  }

  /** Undefined in a directory that was made before there were organizations, until its first start since then. */
  get record(): Organization | undefined {
    return this.#organization;
  }

  unit(id: string): OrganizationalUnit | undefined {
    return this.#units.get(id);
  }

  units(): Iterable<OrganizationalUnit> {
    return this.#units.values();
  }

  unitCount(): number {
    return this.#units.size;
  }

  /** Units directly under the root or a unit. */
  unitsOf(parentId: string): OrganizationalUnit[] {
    return [...this.#units.values()].filter((unit) => unit.parentId === parentId);
  }

  /** Accounts directly under the root or a unit. */
  accountsOf(parentId: string): Account[] {
    return [...this.#accounts.values()].filter((account) => this.parentIdOf(account) === parentId);
  }

  parentIdOf({ parentId }: Account): string | undefined {
    return parentId ?? this.#organization?.rootId;
  }

  /** `o-.../r-.../ou-.../` of the root or a unit. */
  pathOf(id: string): string {
    const { id: organizationId, rootId } = this.#organization!;
    return `${[organizationId, rootId, ...this.#unitsDownTo(id).map((unit) => unit.id)].join('/')}/`;
  }

  /** How many units lie between the root and what is under it: 0 for the root itself. */
  depthOf(id: string): number {
    return this.#unitsDownTo(id).length;
  }

  policy(id: string): ServiceControlPolicy | undefined {
    return this.#policies.get(id);
  }

  /** AWS's own first. */
  policies(): Iterable<ServiceControlPolicy> {
    return this.#policies.values();
  }

  policyCount(): number {
    return this.#policies.size;
  }

  createStatus(id: string): CreateAccountStatus | undefined {
    return this.#createStatuses.get(id);
  }

  createStatuses(): Iterable<CreateAccountStatus> {
    return this.#createStatuses.values();
  }

  /**
   * Service control policies from the root down to the account; each level has to allow. Undefined when none applies:
   * to the management account, to accounts that are not known, and while the policy type is disabled.
   */
  serviceControlOf(accountId: string): readonly Level[] | undefined {
    const organization = this.#organization;
    const account = this.#accounts.get(accountId);
    if (!organization?.isServiceControlEnabled || !account || account.isManagement) return undefined;
    let levels = this.#levels.get(accountId);
    if (!levels) {
      const targets = [organization, ...this.#unitsDownTo(account.parentId), account];
      levels = targets.map(({ policyIds = FULL_ACCESS_ONLY }) => this.#level(organization, policyIds));
      this.#levels.set(accountId, levels);
    }
    return levels;
  }

  /** Undefined for accounts that are not known. */
  placeOf(accountId: string): AccountPlace | undefined {
    const organization = this.#organization;
    const account = this.#accounts.get(accountId);
    if (!organization || !account) return undefined;
    let place = this.#places.get(accountId);
    if (!place) {
      place = { organizationId: organization.id, path: this.pathOf(account.parentId ?? organization.rootId) };
      this.#places.set(accountId, place);
    }
    return place;
  }

  putOrganization(organization: Organization | undefined): void {
    this.#organization = organization;
    this.forget();
  }

  putUnit(id: string, unit: OrganizationalUnit | undefined): void {
    replace(this.#units, id, unit);
    this.forget();
  }

  putPolicy(id: string, policy: ServiceControlPolicy | undefined): void {
    replace(this.#policies, id, policy);
    this.forget();
  }

  putCreateStatus(id: string, status: CreateAccountStatus | undefined): void {
    replace(this.#createStatuses, id, status);
  }

  /** To be called when an account has changed. */
  forget(): void {
    this.#levels.clear();
    this.#places.clear();
  }

  #level(organization: Organization, policyIds: readonly string[]): Level {
    return policyIds.flatMap((id) => {
      const policy = this.#policies.get(id);
      return policy ? [{ id: serviceControlPolicyArn(organization, id), text: policy.content }] : [];
    });
  }

  /** The units from below the root to this one; none for the root. Units never move, so there is no way round. */
  #unitsDownTo(id: string | undefined): OrganizationalUnit[] {
    const path: OrganizationalUnit[] = [];
    for (let unit = this.#units.get(id ?? ''); unit; unit = this.#units.get(unit.parentId)) path.unshift(unit);
    return path;
  }
}

function replace<Entity>(entities: Map<string, Entity>, id: string, entity: Entity | undefined): void {
  if (entity) entities.set(id, entity);
  else entities.delete(id);
}
