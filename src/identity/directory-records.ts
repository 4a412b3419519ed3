import type { RecordChange, StoredRecord } from '../kernel/record-store.ts';
import type { TagSet } from '../kernel/tags.ts';
import type { AccessKey } from './access-key.ts';
import type { Account } from './account.ts';
import { EntityTable } from './directory/entity-table.ts';
import type { GatewayKey } from './gateway-key.ts';
import type { Group } from './group.ts';
import type { ManagedPolicy } from './managed-policy.ts';
import { type OidcProvider, oidcProviderArn } from './oidc-provider.ts';
import type { CreateAccountStatus, Organization, OrganizationalUnit } from './organization.ts';
import type { Role } from './role.ts';
import { type SamlProvider, samlProviderArn } from './saml-provider.ts';
import type { ServiceControlPolicy } from './service-control-policy.ts';
import type { ServiceCredential } from './service-credential.ts';
import type { User } from './user.ts';

/** What the directory keeps, by the kind of its record. */
export interface Entities {
  readonly account: Account;
  readonly user: User;
  readonly role: Role;
  readonly group: Group;
  readonly policy: ManagedPolicy;
  readonly 'access-key': AccessKey;
  readonly 'service-credential': ServiceCredential;
  readonly 'gateway-key': GatewayKey;
  readonly 'oidc-provider': OidcProvider;
  readonly 'saml-provider': SamlProvider;
  readonly organization: Organization;
  readonly 'organizational-unit': OrganizationalUnit;
  readonly 'service-control-policy': ServiceControlPolicy;
  readonly 'create-account-status': CreateAccountStatus;
}

export type EntityKind = keyof Entities;

/** The record's body: the entity without its version, its tags as pairs. */
type Body = Readonly<Record<string, unknown>> & { readonly tags?: readonly [string, string][] };

/** Creates the entity (version 0) or replaces the version that was read. */
export function put<Kind extends EntityKind>(kind: Kind, entity: Entities[Kind]): RecordChange {
  const { version, tags, ...rest }: Entities[Kind] & { readonly tags?: TagSet } = entity;
  return {
    kind,
    key: keyOf(kind, entity),
    body: { ...rest, ...(tags && { tags: [...tags] }) },
    expectedVersion: version,
  };
}

/** Deletes the version that was read. */
export function drop<Kind extends EntityKind>(kind: Kind, entity: Entities[Kind]): RecordChange {
  return { kind, key: keyOf(kind, entity), expectedVersion: entity.version };
}

/** Replaces the version that was read under another name. */
export function rename<Kind extends 'user' | 'group'>(
  kind: Kind,
  before: Entities[Kind],
  after: Entities[Kind],
): RecordChange[] {
  if (keyOf(kind, before) === keyOf(kind, after)) return [put(kind, after)];
  return [drop(kind, before), put(kind, { ...after, version: 0 })];
}

/** Kind of the records of when access keys and gateway keys were last used; keyed by their ids. */
export const KEY_USE = 'access-key-use';

/** Forgets the last use of an access key that is deleted. */
export function dropKeyUse(accessKeyId: string): RecordChange {
  return { kind: KEY_USE, key: accessKeyId };
}

/** Deletes a gateway key and forgets its last use. */
export function dropGatewayKey(key: GatewayKey): RecordChange[] {
  return [drop('gateway-key', key), dropKeyUse(key.id)];
}

/** Kind of the records of when roles were last used; keyed by the role's unique id. */
export const ROLE_USE = 'role-use';

/** Forgets the last use of a role that is deleted. */
export function dropRoleUse(roleId: string): RecordChange {
  return { kind: ROLE_USE, key: roleId };
}

export function entityOf<Kind extends EntityKind>({ version, body }: StoredRecord<unknown>): Entities[Kind] {
  const { tags, ...rest } = body as Body;
  return { ...rest, version, ...(tags ? { tags: new Map(tags) } : {}) } as unknown as Entities[Kind];
}

function keyOf<Kind extends EntityKind>(kind: Kind, entity: Entities[Kind]): string {
  switch (kind) {
    case 'account':
    case 'access-key':
    case 'service-credential':
    case 'gateway-key':
    case 'organization':
    case 'organizational-unit':
    case 'service-control-policy':
    case 'create-account-status':
      return (entity as { readonly id: string }).id;
    case 'oidc-provider':
      return oidcProviderArn(entity as OidcProvider);
    case 'saml-provider':
      return samlProviderArn(entity as SamlProvider);
    default:
      return EntityTable.keyOf(entity as User | Role | Group | ManagedPolicy);
  }
}
