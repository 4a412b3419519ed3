import type { Directory } from '../../identity/directory.ts';
import { dropGatewayKey, put } from '../../identity/directory-records.ts';
import {
  DEFAULT_KEY_SCOPES,
  type GatewayKey,
  type GatewayKeyOwner,
  type GatewayKeyScope,
  type GatewaySecret,
  ownerArn,
  ownerResource,
} from '../../identity/gateway-key.ts';
import { ownerOf } from '../../identity/gateway-key-caller.ts';
import { newGatewayKeyId, type RandomBytes } from '../../identity/identifier.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Role } from '../../identity/role.ts';
import { secretHashOf } from '../../identity/service-credential.ts';
import type { User } from '../../identity/user.ts';
import { Fault } from '../../kernel/fault.ts';
import { anewOnConflict, type RecordChange } from '../../kernel/record-store.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';
import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { requestTagContext } from '../../policy/context.ts';
import { newGatewaySecret, writeGatewayKey } from '../../wire/gateway-key.ts';

export interface GatewayKeysParts {
  readonly directory: Directory;
  readonly random: RandomBytes;
  /** Days that a key is good for at most. */
  readonly keyDaysMax: number;
}

interface KeySettings {
  readonly ExpiresInDays?: number;
  readonly Scopes?: readonly GatewayKeyScope[];
  /** Empty: every model. */
  readonly AllowedModels?: readonly string[];
  readonly Tags?: Readonly<Record<string, string>>;
}

interface CreateInput extends KeySettings {
  readonly Name: string;
  /** One of a user, and of a role with a session name. */
  readonly UserName?: string;
  readonly RoleName?: string;
  readonly SessionName?: string;
}

interface KeyInput {
  readonly KeyId: string;
}

interface UpdateInput extends KeyInput, KeySettings {
  readonly Name?: string;
  readonly Disabled?: boolean;
}

interface RotateInput extends KeyInput {
  readonly ExpiresInDays?: number;
  readonly GraceHours?: number;
}

interface ListInput extends PageInput {
  readonly UserName?: string;
  readonly RoleName?: string;
}

/** A key with the user or role that it stands for. */
interface OwnedKey {
  readonly key: GatewayKey;
  readonly principal: User | Role;
}

/** Of a key that is made without a number of days. */
const DEFAULT_DAYS = 90;
const KEYS_PER_OWNER_MAX = 5000;
const TAGS_MAX = 50;
/** Time to put a new secret in place before the old one ends. */
const GRACE_HOURS = 24;

const PAGE: PageManner = {
  size: 100,
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/**
 * Keys of the gateway. Permissions are about the user or role that a key stands for. Whoever gets a secret could act as
 * that one, so besides `tallyline:CreateGatewayKey` it takes what IAM asks for the same: `iam:CreateAccessKey` for a
 * user, `iam:PassRole` for a role. Tags, which move cost, are a permission of their own.
 */
export function gatewayKeyOperations(parts: GatewayKeysParts): OperationTable {
  const { directory } = parts;
  /** Of a key by its id; about everything when there is none, so that a stranger learns nothing. */
  const ofKey =
    (action: string, ...more: ((owned: OwnedKey) => AccessNeed)[]) =>
    ({ caller, input }: { caller: Caller; input: KeyInput }): AccessNeed[] => {
      const owned = findKey(directory, caller, input.KeyId);
      if (!owned) return [{ action: `tallyline:${action}`, resource: '*' }];
      return [keyNeed(action, owned.key.owner, owned.principal), ...more.map((need) => need(owned))];
    };
  const create: OperationHandler<CreateInput, unknown> = {
    access: ({ caller, input }) => {
      const { owner, principal } = findOwner(directory, caller, input) ?? {};
      if (!owner || !principal) return [{ action: 'tallyline:CreateGatewayKey', resource: '*' }];
      return [
        keyNeed('CreateGatewayKey', owner, principal),
        actNeed(owner, principal),
        ...(input.Tags === undefined ? [] : [tagNeed(owner, principal, input.Tags)]),
      ];
    },
    run: ({ caller, input, nowMs }) => anewOnConflict(() => createKey(input, caller, nowMs, parts)),
  };
  const list: OperationHandler<ListInput, unknown> = {
    access: () => [{ action: 'tallyline:ListGatewayKeys', resource: '*' }],
    run: ({ caller, input, nowMs }) => {
      const owned = [...directory.gatewayKeys()].flatMap(({ id }) => findKey(directory, caller, id) ?? []);
      const asked = owned
        .filter(({ key, principal }) => isAsked(key, principal, input))
        .sort((a, b) => (a.key.id < b.key.id ? -1 : 1));
      const { items, rest } = resultPage(asked, ({ key }) => key.id, input, PAGE);
      return { GatewayKeys: items.map((one) => wireKey(one, nowMs, directory)), ...rest };
    },
  };
  const get: OperationHandler<KeyInput, unknown> = {
    access: ofKey('GetGatewayKey'),
    run: ({ caller, input, nowMs }) => ({
      GatewayKey: wireKey(requireKey(directory, caller, input.KeyId), nowMs, directory),
    }),
  };
  const update: OperationHandler<UpdateInput, unknown> = {
    access: (call) => {
      const { Tags } = call.input;
      const ofTags = ({ key, principal }: OwnedKey) => tagNeed(key.owner, principal, Tags);
      return ofKey('UpdateGatewayKey', ...(Tags === undefined ? [] : [ofTags]))(call);
    },
    run: ({ caller, input, nowMs }) => anewOnConflict(() => updateKey(input, caller, nowMs, parts)),
  };
  const rotate: OperationHandler<RotateInput, unknown> = {
    access: ofKey('RotateGatewayKey', ({ key, principal }) => actNeed(key.owner, principal)),
    run: ({ caller, input, nowMs }) => anewOnConflict(() => rotateKey(input, caller, nowMs, parts)),
  };
  const remove: OperationHandler<KeyInput, unknown> = {
    access: ofKey('DeleteGatewayKey'),
    run: ({ caller, input }) =>
      anewOnConflict(async () => {
        await directory.write(dropGatewayKey(requireKey(directory, caller, input.KeyId).key));
        return {};
      }),
  };
  return {
    CreateGatewayKey: create,
    ListGatewayKeys: list,
    GetGatewayKey: get,
    UpdateGatewayKey: update,
    RotateGatewayKey: rotate,
    DeleteGatewayKey: remove,
  };
}

async function createKey(input: CreateInput, caller: Caller, nowMs: number, parts: GatewayKeysParts): Promise<unknown> {
  const { directory, random } = parts;
  const { owner, principal } = requireOwner(directory, caller, input);
  requireFreeName(input.Name, owner, directory);
  const { text, secret, id } = newSecret(newGatewayKeyId(random), nowMs, random);
  const key: GatewayKey = {
    version: 0,
    id,
    accountId: caller.accountId,
    name: input.Name,
    owner,
    secret,
    tags: readTags(input.Tags),
    scopes: input.Scopes ?? DEFAULT_KEY_SCOPES,
    ...allowedModels(input),
    isDisabled: false,
    createdAtMs: nowMs,
    createdBy: caller.arn,
    expiresAtMs: expiryOf(input, nowMs, parts),
  };
  await directory.write([put('gateway-key', key), unchanged(owner, principal)]);
  return { GatewayKey: wireKey({ key, principal }, nowMs, directory), Secret: text };
}

async function updateKey(input: UpdateInput, caller: Caller, nowMs: number, parts: GatewayKeysParts): Promise<unknown> {
  const { directory } = parts;
  const { key: before, principal } = requireKey(directory, caller, input.KeyId);
  if (input.Name !== undefined && input.Name !== before.name) requireFreeName(input.Name, before.owner, directory);
  const { allowedModels: models, ...kept } = before;
  const key: GatewayKey = {
    ...kept,
    ...(input.AllowedModels === undefined ? models && { allowedModels: models } : allowedModels(input)),
    ...(input.Name !== undefined && { name: input.Name }),
    ...(input.Scopes && { scopes: input.Scopes }),
    ...(input.Tags && { tags: readTags(input.Tags) }),
    ...(input.Disabled !== undefined && { isDisabled: input.Disabled }),
    ...(input.ExpiresInDays !== undefined && { expiresAtMs: expiryOf(input, nowMs, parts) }),
  };
  await directory.write([put('gateway-key', key), unchanged(key.owner, principal)]);
  return { GatewayKey: wireKey({ key, principal }, nowMs, directory) };
}

/** A new secret with a new term; the one before it is taken a while longer, but never beyond its own term. */
async function rotateKey(input: RotateInput, caller: Caller, nowMs: number, parts: GatewayKeysParts): Promise<unknown> {
  const { directory, random } = parts;
  const { key: before, principal } = requireKey(directory, caller, input.KeyId);
  const { text, secret } = newSecret(before.id, nowMs, random);
  const graceMs = (input.GraceHours ?? GRACE_HOURS) * HOUR_MS;
  const key: GatewayKey = {
    ...before,
    secret,
    previous: { ...before.secret, untilMs: Math.min(before.expiresAtMs, nowMs + graceMs) },
    expiresAtMs: expiryOf(input, nowMs, parts),
  };
  await directory.write([put('gateway-key', key)]);
  return { GatewayKey: wireKey({ key, principal }, nowMs, directory), Secret: text };
}

function newSecret(id: string, issuedAtMs: number, random: RandomBytes) {
  const secret = newGatewaySecret(random);
  const kept: GatewaySecret = { hash: secretHashOf(secret), issuedAtMs };
  return { id, text: writeGatewayKey({ id, secret }), secret: kept };
}

function expiryOf(
  { ExpiresInDays: days }: Pick<KeySettings, 'ExpiresInDays'>,
  nowMs: number,
  { keyDaysMax }: GatewayKeysParts,
): number {
  if (days !== undefined && days > keyDaysMax) {
    throw invalid(`a gateway key is good for at most ${keyDaysMax} days here (\`gateway.keys.maxDays\`)`);
  }
  return nowMs + (days ?? Math.min(DEFAULT_DAYS, keyDaysMax)) * DAY_MS;
}

function allowedModels({ AllowedModels }: KeySettings): Pick<GatewayKey, 'allowedModels'> {
  return AllowedModels?.length ? { allowedModels: AllowedModels } : {};
}

/** The owner is written along, so that one that goes away meanwhile, or a name that is taken, is noticed. */
function unchanged(owner: GatewayKeyOwner, principal: User | Role): RecordChange {
  return owner.kind === 'user' ? put('user', principal as User) : put('role', principal as Role);
}

function requireFreeName(name: string, owner: GatewayKeyOwner, directory: Directory): void {
  const keys = [...directory.gatewayKeysOf(owner.id)];
  if (keys.some((key) => key.name === name && isSameOwner(key.owner, owner)))
    throw invalid(`there is a gateway key \`${name}\` already`);
  if (keys.length >= KEYS_PER_OWNER_MAX) {
    throw invalid(`a user or role has at most ${KEYS_PER_OWNER_MAX} gateway keys`);
  }
}

interface Owner {
  readonly owner: GatewayKeyOwner;
  readonly principal: User | Role;
}

function isSameOwner(one: GatewayKeyOwner, other: GatewayKeyOwner): boolean {
  return one.id === other.id && (one.kind === 'user' || other.kind === 'user' || one.sessionName === other.sessionName);
}

/** Undefined when there is no such user or role. */
function findOwner(
  directory: Directory,
  { accountId }: Caller,
  { UserName, RoleName, SessionName }: CreateInput,
): Owner | undefined {
  if (UserName !== undefined && RoleName === undefined && SessionName === undefined) {
    const user = directory.user(accountId, UserName);
    return user && { owner: { kind: 'user', id: user.id }, principal: user };
  }
  if (UserName !== undefined || RoleName === undefined || SessionName === undefined) {
    throw invalid('a gateway key belongs to a user, or to a role with a session name');
  }
  const role = directory.role(accountId, RoleName);
  return role && { owner: { kind: 'role', id: role.id, sessionName: SessionName }, principal: role };
}

function requireOwner(directory: Directory, caller: Caller, input: CreateInput): Owner {
  const found = findOwner(directory, caller, input);
  if (!found) throw notFound(`there is no user or role \`${input.UserName ?? input.RoleName}\``);
  return found;
}

/** What it takes to act as the principal. */
function actNeed(owner: GatewayKeyOwner, principal: User | Role): AccessNeed {
  const resource = ownerResource(owner, principal);
  if (owner.kind === 'user') return { action: 'iam:CreateAccessKey', resource };
  return { action: 'iam:PassRole', resource, context: new Map([['iam:PassedToService', ['tallyline']]]) };
}

/** With `sts:RoleSessionName`, as where a session is asked for. */
function keyNeed(action: string, owner: GatewayKeyOwner, principal: User | Role): AccessNeed {
  const need = { action: `tallyline:${action}`, resource: ownerResource(owner, principal) };
  return owner.kind === 'user' ? need : { ...need, context: new Map([['sts:RoleSessionName', [owner.sessionName]]]) };
}

function tagNeed(owner: GatewayKeyOwner, principal: User | Role, tags: KeySettings['Tags']): AccessNeed {
  const need = keyNeed('TagGatewayKey', owner, principal);
  return { ...need, context: new Map([...(need.context ?? []), ...requestTagContext(readTags(tags))]) };
}

/** Tags meet the rules of session tags; the model has checked their letters. */
function readTags(tags: KeySettings['Tags']): TagSet {
  if (!tags) return NO_TAGS;
  const read = new Map(Object.entries(tags));
  if (read.size > TAGS_MAX) throw invalid(`a gateway key has at most ${TAGS_MAX} tags`);
  const folded = new Set([...read.keys()].map((key) => key.toLowerCase()));
  if (folded.size < read.size) throw invalid('tag keys have no letter case: two of these are the same');
  if ([...folded].some((key) => key.startsWith('aws:'))) throw invalid('tag keys that begin with `aws:` are reserved');
  return read;
}

/** Of the caller's account, with an owner that exists. */
function findKey(directory: Directory, { accountId }: Caller, id: string): OwnedKey | undefined {
  const key = directory.gatewayKey(id);
  const principal = key?.accountId === accountId ? ownerOf(key, directory) : undefined;
  return key && principal && { key, principal };
}

function requireKey(directory: Directory, caller: Caller, id: string): OwnedKey {
  const owned = findKey(directory, caller, id);
  if (!owned) throw notFound(`there is no gateway key \`${id}\``);
  return owned;
}

function isAsked({ owner }: GatewayKey, { name }: User | Role, { UserName, RoleName }: ListInput): boolean {
  if (UserName === undefined && RoleName === undefined) return true;
  return name === (owner.kind === 'user' ? UserName : RoleName);
}

function wireKey({ key, principal }: OwnedKey, nowMs: number, directory: Directory): unknown {
  const { owner, previous } = key;
  const lastUse = directory.lastKeyUse(key.id);
  const isGrace = previous && nowMs < previous.untilMs;
  return {
    KeyId: key.id,
    Name: key.name,
    Principal: ownerArn(owner, principal),
    ...(owner.kind === 'user'
      ? { UserName: principal.name }
      : { RoleName: principal.name, SessionName: owner.sessionName }),
    Status: key.isDisabled ? 'DISABLED' : nowMs >= key.expiresAtMs ? 'EXPIRED' : 'ACTIVE',
    Scopes: key.scopes,
    ...(key.allowedModels && { AllowedModels: key.allowedModels }),
    Tags: Object.fromEntries(key.tags),
    CreatedAt: new Date(key.createdAtMs),
    CreatedBy: key.createdBy,
    SecretIssuedAt: new Date(key.secret.issuedAtMs),
    ...(isGrace && { PreviousSecretUntil: new Date(previous.untilMs) }),
    ExpiresAt: new Date(key.expiresAtMs),
    ...(lastUse && { LastUsedAt: new Date(lastUse.atMs) }),
  };
}

function notFound(message: string): Fault {
  return new Fault('ResourceNotFoundException', message);
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
