import { assumedRoleArn, roleArn, userArn } from '../kernel/arn.ts';
import type { TagSet } from '../kernel/tags.ts';
import type { Role } from './role.ts';
import type { User } from './user.ts';

/** A key of the gateway: stands for one principal at the inference doors, for a time and within limits. */
export interface GatewayKey {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `TLYK...`. */
  readonly id: string;
  readonly accountId: string;
  /** Unique among the keys of its principal. */
  readonly name: string;
  readonly owner: GatewayKeyOwner;
  readonly secret: GatewaySecret;
  /** The secret before the last rotation, while it is still taken. */
  readonly previous?: GatewaySecret & { readonly untilMs: number };
  /** Laid over the owner's tags, as session tags are. */
  readonly tags: TagSet;
  readonly scopes: readonly GatewayKeyScope[];
  /** Patterns of model ids, with `*` and `?`; absent: every model. */
  readonly allowedModels?: readonly string[];
  readonly isDisabled: boolean;
  readonly createdAtMs: number;
  /** ARN of the principal that made it. */
  readonly createdBy: string;
  readonly expiresAtMs: number;
}

/** By unique ids: a name that was made anew owns nothing of the old one. */
export type GatewayKeyOwner =
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'role'; readonly id: string; readonly sessionName: string };

export interface GatewaySecret {
  /** SHA-256, hex. The secret is 256 bits of chance, so that a plain hash cannot be searched. */
  readonly hash: string;
  readonly issuedAtMs: number;
}

/** What a key may be used for: calls of models, lists of models, questions about its own caller; pushing members by SCIM. */
export type GatewayKeyScope = 'inference' | 'models' | 'self' | 'scim';
/** Of a key that says nothing: pushing members is for keys that are made for it. */
export const DEFAULT_KEY_SCOPES: readonly GatewayKeyScope[] = ['inference', 'models', 'self'];

/** What a key permits at most; the owner's policies decide besides. */
export type GatewayKeyLimits = Pick<GatewayKey, 'id' | 'name' | 'scopes' | 'allowedModels' | 'expiresAtMs'>;

/** The principal that calls with the key: `line_item_iam_principal`. */
export function ownerArn(owner: GatewayKeyOwner, principal: User | Role): string {
  const { accountId, path, name } = principal;
  return owner.kind === 'user' ? userArn(accountId, path, name) : assumedRoleArn(accountId, name, owner.sessionName);
}

/** The user or role that may do what the key may do: what permissions to manage the key are about. */
export function ownerResource(owner: GatewayKeyOwner, { accountId, path, name }: User | Role): string {
  return owner.kind === 'user' ? userArn(accountId, path, name) : roleArn(accountId, path, name);
}
