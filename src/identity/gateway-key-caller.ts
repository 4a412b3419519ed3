import { overlayTags } from '../kernel/tags.ts';
import type { Directory } from './directory.ts';
import type { GatewayKey, GatewaySecret } from './gateway-key.ts';
import { roleCaller, userCaller } from './identify.ts';
import type { Caller } from './principal.ts';
import type { Role } from './role.ts';
import { isSecretOf } from './service-credential.ts';
import type { User } from './user.ts';

/** The principal behind a gateway key. */
export interface GatewayKeyCaller {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

/** Callers by key and secret, kept while key and owner are the same objects: a changed one is another object. */
const remembered = new WeakMap<GatewaySecret, { readonly owner: User | Role; readonly found: GatewayKeyCaller }>();

/** Undefined for every key that is not in force, whatever is wrong with it; one that has expired is still found. */
export function findGatewayKeyCaller(
  directory: Directory,
  { id, secret }: { readonly id: string; readonly secret: string },
): GatewayKeyCaller | undefined {
  const key = directory.gatewayKey(id);
  const isCurrent = isSecretOf(key?.secret, secret);
  const isPrevious = isSecretOf(key?.previous, secret);
  if (!key || key.isDisabled || !(isCurrent || isPrevious) || directory.isSuspended(key.accountId)) return undefined;
  const presented = isCurrent ? key.secret : key.previous!;
  const owner = ownerOf(key, directory);
  if (!owner) return undefined;
  const known = remembered.get(presented);
  if (known?.owner === owner) return known.found;
  const expiresAtMs = isCurrent ? key.expiresAtMs : Math.min(key.expiresAtMs, key.previous!.untilMs);
  const found = { caller: callerOf(key, presented, expiresAtMs, owner), expiresAtMs };
  remembered.set(presented, { owner, found });
  return found;
}

/** Undefined when the user or role is gone; one made anew under the same name has another id. */
export function ownerOf({ owner }: Pick<GatewayKey, 'owner'>, directory: Directory): User | Role | undefined {
  return owner.kind === 'user' ? directory.userById(owner.id) : directory.roleById(owner.id);
}

function callerOf(key: GatewayKey, { issuedAtMs }: GatewaySecret, expiresAtMs: number, principal: User | Role): Caller {
  const { id, name, owner, tags, scopes, allowedModels } = key;
  const gatewayKey = { id, name, scopes, expiresAtMs, ...(allowedModels && { allowedModels }) };
  if (owner.kind === 'user') {
    const caller = userCaller(principal as User, id);
    return { ...caller, tags: overlayTags(caller.tags, tags), gatewayKey };
  }
  const session = {
    ...{ accessKeyId: id, sessionName: owner.sessionName, issuedBy: 'CreateGatewayKey' as const },
    ...{ issuedAtMs, expiresAtMs, sessionTags: tags, transitiveTagKeys: [] },
  };
  return { ...roleCaller(session, principal as Role), gatewayKey };
}
