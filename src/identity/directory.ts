import { Fault } from '../kernel/fault.ts';
import type { RecordChange, RecordStore } from '../kernel/record-store.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import type { AccessKey, AccessKeyUse } from './access-key.ts';
import type { Account } from './account.ts';
import { AWS_MANAGED_POLICIES } from './aws-managed-policies.ts';
import { AttachmentCounts } from './directory/attachment-counts.ts';
import { effectivePolicies } from './directory/effective-policies.ts';
import { EntityTable } from './directory/entity-table.ts';
import { LastUses } from './directory/last-uses.ts';
import { OrganizationTree } from './directory/organization-tree.ts';
import { OwnedTable } from './directory/owned-table.ts';
import { type EntityKind, entityOf, KEY_USE, ROLE_USE } from './directory-records.ts';
import type { GatewayKey } from './gateway-key.ts';
import type { Group } from './group.ts';
import { type ManagedPolicy, policyArn } from './managed-policy.ts';
import type { OidcProvider } from './oidc-provider.ts';
import type { PolicySet } from './policy-set.ts';
import type { Caller } from './principal.ts';
import type { Role, RoleUse } from './role.ts';
import type { SamlProvider } from './saml-provider.ts';
import type { ServiceCredential } from './service-credential.ts';
import type { User } from './user.ts';

const ACCESS_KEY_PURPOSE = 'access-key';

const KINDS: readonly EntityKind[] = [
  'account',
  'user',
  'role',
  'group',
  'policy',
  'access-key',
  'service-credential',
  'gateway-key',
  'oidc-provider',
  'saml-provider',
  'organization',
  'organizational-unit',
  'service-control-policy',
  'create-account-status',
];

/**
 * Accounts, users, roles, groups, policies and access keys, in memory with the indexes that requests need: every read
 * that identifies or authorizes is a look-up. Entities are immutable; a change puts a new object in place, so whatever
 * was derived from the old object can be kept with it.
 */
export class Directory {
  readonly #store: RecordStore;
  readonly #keyUses: LastUses<AccessKeyUse>;
  readonly #roleUses: LastUses<RoleUse>;
  readonly #secretBox: SecretBox;
  readonly #accounts = new Map<string, Account>();
  readonly organization = new OrganizationTree(this.#accounts);
  readonly #users = new EntityTable<User>();
  readonly #roles = new EntityTable<Role>();
  readonly #groups = new EntityTable<Group>();
  readonly #policies = new EntityTable<ManagedPolicy>();
  readonly #policiesByArn = new Map<string, ManagedPolicy>(AWS_MANAGED_POLICIES);
  readonly #attachments = new AttachmentCounts();
  readonly #accessKeys = new OwnedTable<AccessKey>(({ ownerId }) => ownerId);
  readonly #serviceCredentials = new OwnedTable<ServiceCredential>(({ userId }) => userId);
  readonly #serviceCredentialsByAlias = new Map<string, ServiceCredential>();
  readonly #gatewayKeys = new OwnedTable<GatewayKey>(({ owner }) => owner.id);
  readonly #oidcProviders = new OwnedTable<OidcProvider>(({ accountId }) => accountId);
  readonly #samlProviders = new OwnedTable<SamlProvider>(({ accountId }) => accountId);
  /** Per caller: a changed user or role is a new caller. Started anew when a shared policy or what it hangs on changes. */
  #policySets = new WeakMap<Caller, PolicySet>();

  /** Throws ConfigInvalid when the secret box does not open what the directory holds. */
  constructor(store: RecordStore, secretBox: SecretBox) {
    this.#store = store;
    this.#keyUses = new LastUses(store, KEY_USE);
    this.#roleUses = new LastUses(store, ROLE_USE);
    this.#secretBox = secretBox;
    for (const kind of KINDS) {
      for (const { key } of store.all(kind)) this.#apply(kind, key);
    }
    store.watch((changes) => {
      for (const { kind, key } of changes) this.#apply(kind, key);
    });
    this.#requireFittingKey();
  }

  /** Writes changes made by `put`, `drop` and `rename`, all or none. Throws RecordConflict when one was overtaken. */
  write(changes: readonly RecordChange[]): Promise<void> {
    return this.#store.write(changes);
  }

  account(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  accounts(): Iterable<Account> {
    return this.#accounts.values();
  }

  /** A closed account: nothing of it is in force any more. */
  isSuspended(accountId: string): boolean {
    return this.#accounts.get(accountId)?.status === 'SUSPENDED';
  }

  serviceControlOf(accountId: string): PolicySet['serviceControl'] {
    return this.organization.serviceControlOf(accountId);
  }

  user(accountId: string, name: string): User | undefined {
    return this.#users.get(accountId, name);
  }

  userById(id: string): User | undefined {
    return this.#users.byId(id);
  }

  users(accountId: string): Iterable<User> {
    return this.#users.of(accountId);
  }

  role(accountId: string, name: string): Role | undefined {
    return this.#roles.get(accountId, name);
  }

  roleById(id: string): Role | undefined {
    return this.#roles.byId(id);
  }

  roles(accountId: string): Iterable<Role> {
    return this.#roles.of(accountId);
  }

  group(accountId: string, name: string): Group | undefined {
    return this.#groups.get(accountId, name);
  }

  groupById(id: string): Group | undefined {
    return this.#groups.byId(id);
  }

  groups(accountId: string): Iterable<Group> {
    return this.#groups.of(accountId);
  }

  /** A customer managed policy of the account. */
  customerPolicy(accountId: string, name: string): ManagedPolicy | undefined {
    return this.#policies.get(accountId, name);
  }

  customerPolicies(accountId: string): Iterable<ManagedPolicy> {
    return this.#policies.of(accountId);
  }

  /** A managed policy of any account, or of AWS. */
  policy(arn: string): ManagedPolicy | undefined {
    return this.#policiesByArn.get(arn);
  }

  /** How many users, roles and groups of the account have the policy attached, and how many it bounds. */
  usesOfPolicy(accountId: string, arn: string): { readonly attached: number; readonly bounding: number } {
    return {
      attached: this.#attachments.attached(accountId, arn),
      bounding: this.#attachments.bounding(accountId, arn),
    };
  }

  /** How many of each the account has. */
  countsOf(accountId: string): { users: number; roles: number; groups: number; policies: number } {
    return {
      users: this.#users.countOf(accountId),
      roles: this.#roles.countOf(accountId),
      groups: this.#groups.countOf(accountId),
      policies: this.#policies.countOf(accountId),
    };
  }

  accessKey(id: string): AccessKey | undefined {
    return this.#accessKeys.get(id);
  }

  /** Access keys of a user (unique id) or of root (account id), oldest first. */
  accessKeysOf(ownerId: string): AccessKey[] {
    return [...this.#accessKeys.of(ownerId)].sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  serviceCredential(id: string): ServiceCredential | undefined {
    return this.#serviceCredentials.get(id);
  }

  /** By the public half of a long-term Bedrock API key. */
  serviceCredentialByAlias(alias: string): ServiceCredential | undefined {
    return this.#serviceCredentialsByAlias.get(alias);
  }

  /** Service-specific credentials of a user (unique id), oldest first. */
  serviceCredentialsOf(userId: string): ServiceCredential[] {
    return [...this.#serviceCredentials.of(userId)].sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  gatewayKey(id: string): GatewayKey | undefined {
    return this.#gatewayKeys.get(id);
  }

  /** Gateway keys of a user or role (unique id), in no order. */
  gatewayKeysOf(ownerId: string): Iterable<GatewayKey> {
    return this.#gatewayKeys.of(ownerId);
  }

  /** Gateway keys of every account. */
  gatewayKeys(): Iterable<GatewayKey> {
    return this.#gatewayKeys.values();
  }

  oidcProvider(arn: string): OidcProvider | undefined {
    return this.#oidcProviders.get(arn);
  }

  oidcProviders(accountId: string): Iterable<OidcProvider> {
    return this.#oidcProviders.of(accountId);
  }

  samlProvider(arn: string): SamlProvider | undefined {
    return this.#samlProviders.get(arn);
  }

  samlProviders(accountId: string): Iterable<SamlProvider> {
    return this.#samlProviders.of(accountId);
  }

  sealSecret(secretAccessKey: string): string {
    return this.#secretBox.seal(ACCESS_KEY_PURPOSE, secretAccessKey);
  }

  openSecret(accessKey: AccessKey): string {
    return this.#secretBox.open(ACCESS_KEY_PURPOSE, accessKey.sealedSecret);
  }

  /** Notes that a long-term access key signed a request, or that a gateway key came with one, in memory until `writeUses`. */
  noteKeyUse(id: string, use: AccessKeyUse): void {
    if (this.#accessKeys.get(id) ?? this.#gatewayKeys.get(id)) this.#keyUses.note(id, use);
  }

  /** Undefined when no use is known. */
  lastKeyUse(accessKeyId: string): AccessKeyUse | undefined {
    return this.#keyUses.of(accessKeyId);
  }

  /** Notes that a session of a role signed a request, likewise. */
  noteRoleUse(roleId: string, use: RoleUse): void {
    this.#roleUses.note(roleId, use);
  }

  /** Undefined when no use is known. */
  lastRoleUse(roleId: string): RoleUse | undefined {
    return this.#roleUses.of(roleId);
  }

  /** Writes up to so many notes of each kind. One that cannot be written is lost: it is no more than a hint. */
  async writeUses(count: number): Promise<void> {
    const notes = [...this.#keyUses.take(count), ...this.#roleUses.take(count)];
    if (notes.length > 0) await this.#store.write(notes).catch(() => {});
  }

  /** Every policy that applies to the caller; the same object until one of them changes. */
  policySetOf(caller: Caller): PolicySet {
    let policies = this.#policySets.get(caller);
    if (!policies) {
      policies = effectivePolicies(caller, this);
      this.#policySets.set(caller, policies);
    }
    return policies;
  }

  /** Another master key is noticed at the start, not by the first caller. */
  #requireFittingKey(): void {
    const [accessKey] = this.#accessKeys.values();
    try {
      if (accessKey) this.openSecret(accessKey);
    } catch {
      throw new Fault('ConfigInvalid', 'the master key does not fit the data folder; use the key it was made with');
    }
  }

  /** Brings the indexes in line with what the store now has under the key. */
  #apply(kind: string, key: string): void {
    const record = this.#store.get<unknown>(kind, key);
    switch (kind) {
      case KEY_USE:
        if (!record) this.#keyUses.forget(key);
        break;
      case ROLE_USE:
        if (!record) this.#roleUses.forget(key);
        break;
      case 'account':
        if (record) this.#accounts.set(key, entityOf<'account'>(record));
        else this.#accounts.delete(key);
        this.organization.forget();
        this.#policySets = new WeakMap();
        break;
      case 'organization':
        this.organization.putOrganization(record && entityOf<'organization'>(record));
        this.#policySets = new WeakMap();
        break;
      case 'organizational-unit':
        this.organization.putUnit(key, record && entityOf<'organizational-unit'>(record));
        this.#policySets = new WeakMap();
        break;
      case 'service-control-policy':
        this.organization.putPolicy(key, record && entityOf<'service-control-policy'>(record));
        this.#policySets = new WeakMap();
        break;
      case 'create-account-status':
        this.organization.putCreateStatus(key, record && entityOf<'create-account-status'>(record));
        break;
      case 'user': {
        const user = record && entityOf<'user'>(record);
        this.#attachments.replace(this.#users.replace(key, user), user);
        break;
      }
      case 'role': {
        const role = record && entityOf<'role'>(record);
        this.#attachments.replace(this.#roles.replace(key, role), role);
        break;
      }
      case 'group': {
        const group = record && entityOf<'group'>(record);
        this.#attachments.replace(this.#groups.replace(key, group), group);
        this.#policySets = new WeakMap();
        break;
      }
      case 'policy':
        this.#applyPolicy(key, record && entityOf<'policy'>(record));
        break;
      case 'access-key':
        this.#accessKeys.replace(key, record && entityOf<'access-key'>(record));
        break;
      case 'service-credential':
        this.#applyServiceCredential(key, record && entityOf<'service-credential'>(record));
        break;
      case 'gateway-key':
        this.#gatewayKeys.replace(key, record && entityOf<'gateway-key'>(record));
        break;
      case 'oidc-provider':
        this.#oidcProviders.replace(key, record && entityOf<'oidc-provider'>(record));
        break;
      case 'saml-provider':
        this.#samlProviders.replace(key, record && entityOf<'saml-provider'>(record));
        break;
    }
  }

  #applyPolicy(key: string, policy: ManagedPolicy | undefined): void {
    const before = this.#policies.replace(key, policy);
    if (before) this.#policiesByArn.delete(policyArn(before));
    if (policy) this.#policiesByArn.set(policyArn(policy), policy);
    this.#policySets = new WeakMap();
  }

  #applyServiceCredential(id: string, credential: ServiceCredential | undefined): void {
    const before = this.#serviceCredentials.replace(id, credential);
    if (before) this.#serviceCredentialsByAlias.delete(before.alias);
    if (credential) this.#serviceCredentialsByAlias.set(credential.alias, credential);
  }
}
