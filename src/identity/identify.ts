import { assumedRoleArn, roleArn, rootArn, userArn } from '../kernel/arn.ts';
import { Fault } from '../kernel/fault.ts';
import { oncePer } from '../kernel/once-per.ts';
import { NO_TAGS, overlayTags } from '../kernel/tags.ts';
import type { AccessKey } from './access-key.ts';
import type { Account } from './account.ts';
import type { Directory } from './directory.ts';
import type { Caller, SessionFacts } from './principal.ts';
import type { Role } from './role.ts';
import { isSecretOf, type ServiceCredential } from './service-credential.ts';
import type { Session, SessionTokens } from './session-token.ts';
import type { User } from './user.ts';

/** What a request presents to say who it is from; nothing of it is believed yet. */
export interface PresentedKey {
  readonly accessKeyId: string;
  /** `X-Amz-Security-Token`; absent when the request has none. */
  readonly sessionToken?: string | undefined;
}

/** Whom a presented key belongs to, and the secret that must have signed the request. */
export interface Credential {
  readonly secretAccessKey: string;
  /** Temporary credentials only. */
  readonly expiresAtMs?: number;
  readonly caller: Caller;
}

/** The user, role or account behind a key. */
type Principal = User | Role | Account;

/**
 * Credentials are kept with the key or session they were made from, while the principal is the same object. Nothing has
 * to be invalidated: a changed user or role is another object, and a key or session that is gone takes its entry along.
 */
const remembered = new WeakMap<
  AccessKey | Session,
  { readonly principal: Principal; readonly credential: Credential }
>();

/**
 * Finds the owner of a key; the signature is still to be checked. Throws UnrecognizedClientException for everything
 * that is not in force.
 */
export function findCredential(directory: Directory, sessions: SessionTokens, presented: PresentedKey): Credential {
  const { accessKeyId, sessionToken } = presented;
  if (sessionToken === undefined) {
    const accessKey = directory.accessKey(accessKeyId);
    if (accessKey?.status !== 'Active') throw unrecognized();
    const { ownerId } = accessKey;
    return remember(accessKey, userOrAccount(ownerId, directory), (owner) => ({
      secretAccessKey: directory.openSecret(accessKey),
      caller: isAccount(owner) ? rootCaller(owner, accessKey.id) : userCaller(owner, accessKey.id),
    }));
  }
  const session = sessions.open(sessionToken);
  if (session?.accessKeyId !== accessKeyId) throw unrecognized();
  return remember(session, principalOf(session, directory), (principal) => ({
    secretAccessKey: session.secretAccessKey,
    expiresAtMs: session.expiresAtMs,
    caller: sessionCaller(session, principal),
  }));
}

/** The same; undefined for everything that is not in force. */
export function credentialInForce(
  directory: Directory,
  sessions: SessionTokens,
  presented: PresentedKey,
): Credential | undefined {
  try {
    return findCredential(directory, sessions, presented);
  } catch (error) {
    if (error instanceof Fault && error.code === 'UnrecognizedClientException') return undefined;
    throw error;
  }
}

/** The public and the secret half of a long-term Bedrock API key. */
export interface PresentedBearerKey {
  readonly alias: string;
  readonly secret: string;
}

/** The user behind a long-term Bedrock API key. */
export interface BearerUser {
  /** Absent: the key never expires. */
  readonly expiresAtMs?: number;
  readonly caller: Caller;
}

const rememberedBearerUsers = new WeakMap<ServiceCredential, { readonly user: User; readonly found: BearerUser }>();

/** Undefined for every key that is not in force, whatever is wrong with it; one that has expired is still found. */
export function findBearerUser(directory: Directory, presented: PresentedBearerKey): BearerUser | undefined {
  const credential = directory.serviceCredentialByAlias(presented.alias);
  if (!isSecretOf(credential && { hash: credential.secretHash }, presented.secret) || credential?.status !== 'Active')
    return undefined;
  const user = inForce(directory.userById(credential.userId), directory);
  if (!user) return undefined;
  const known = rememberedBearerUsers.get(credential);
  if (known?.user === user) return known.found;
  const { id, expiresAtMs } = credential;
  const found: BearerUser = {
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    caller: { ...userCaller(user, id), bearerTokenType: 'LONG_TERM' },
  };
  rememberedBearerUsers.set(credential, { user, found });
  return found;
}

/** The caller of a short-term Bedrock API key: whoever signed it, with the same rights and limits. */
export const bearerCaller = oncePer((minter: Caller): Caller => ({ ...minter, bearerTokenType: 'SHORT_TERM' }));

/** Throws ExpiredTokenException when temporary credentials have run out. */
export function requireUnexpired(credential: Credential, nowMs: number): void {
  if (credential.expiresAtMs !== undefined && nowMs >= credential.expiresAtMs) {
    throw new Fault('ExpiredTokenException', 'The security token included in the request is expired');
  }
}

function unrecognized(): Fault {
  return new Fault('UnrecognizedClientException', 'The security token included in the request is invalid.');
}

function remember<Owner extends Principal>(
  key: AccessKey | Session,
  principal: Owner | undefined,
  make: (principal: Owner) => Credential,
): Credential {
  if (!principal) throw unrecognized();
  const known = remembered.get(key);
  if (known?.principal === principal) return known.credential;
  const credential = make(principal);
  remembered.set(key, { principal, credential });
  return credential;
}

/** Undefined when it is gone or its account is closed; one made anew under the same name has another id. */
function principalOf(session: Session, directory: Directory): Principal | undefined {
  if (session.kind === 'assumed-role') return inForce(directory.roleById(session.principalId), directory);
  return userOrAccount(session.principalId, directory);
}

function userOrAccount(id: string, directory: Directory): User | Account | undefined {
  return inForce(directory.userById(id) ?? directory.account(id), directory);
}

/** Nothing of a closed account is. */
function inForce<Owner extends Principal>(owner: Owner | undefined, directory: Directory): Owner | undefined {
  if (!owner) return undefined;
  return directory.isSuspended('accountId' in owner ? owner.accountId : owner.id) ? undefined : owner;
}

function isAccount(owner: User | Account): owner is Account {
  return 'isManagement' in owner;
}

export function userCaller(user: User, accessKeyId: string): Caller {
  const arn = userArn(user.accountId, user.path, user.name);
  return {
    kind: 'user',
    arn,
    principalArn: arn,
    accountId: user.accountId,
    userId: user.id,
    principalId: user.id,
    userName: user.name,
    accessKeyId,
    tags: user.tags,
  };
}

export function rootCaller(account: Account, accessKeyId: string): Caller {
  const arn = rootArn(account.id);
  return {
    kind: 'root',
    arn,
    principalArn: arn,
    accountId: account.id,
    userId: account.id,
    principalId: account.id,
    accessKeyId,
    tags: NO_TAGS,
  };
}

function sessionCaller(session: Session, principal: Principal): Caller {
  switch (session.kind) {
    case 'root':
      return { ...rootCaller(principal as Account, session.accessKeyId), session: factsOf(session) };
    case 'user':
      return { ...userCaller(principal as User, session.accessKeyId), session: factsOf(session) };
    case 'federated-user':
      return federatedCaller(session, principal as User | Account);
    case 'assumed-role':
      return roleCaller(session, principal as Role);
  }
}

/** A session as far as its caller shows it. */
type SessionIdentity = Pick<Session, 'accessKeyId' | 'sessionName' | 'sourceIdentity'> & SessionFacts;

/** Session tags beat the role's tags of this moment; they were fixed when the session began. */
export function roleCaller(session: SessionIdentity, role: Role): Caller {
  const sessionName = session.sessionName!;
  return {
    kind: 'assumed-role',
    arn: assumedRoleArn(role.accountId, role.name, sessionName),
    principalArn: roleArn(role.accountId, role.path, role.name),
    accountId: role.accountId,
    userId: `${role.id}:${sessionName}`,
    principalId: role.id,
    roleName: role.name,
    sessionName,
    accessKeyId: session.accessKeyId,
    tags: overlayTags(role.tags, session.sessionTags),
    ...(session.sourceIdentity && { sourceIdentity: session.sourceIdentity }),
    session: factsOf(session),
  };
}

/** A federated user has the permissions and tags of the user (or root) whose keys called GetFederationToken. */
function federatedCaller(session: Session, issuer: User | Account): Caller {
  const sessionName = session.sessionName!;
  const arn = `arn:aws:sts::${session.accountId}:federated-user/${sessionName}`;
  return {
    kind: 'federated-user',
    arn,
    principalArn: arn,
    accountId: session.accountId,
    userId: `${session.accountId}:${sessionName}`,
    principalId: issuer.id,
    sessionName,
    accessKeyId: session.accessKeyId,
    tags: overlayTags('tags' in issuer ? issuer.tags : NO_TAGS, session.sessionTags),
    session: factsOf(session),
  };
}

function factsOf(session: SessionFacts): SessionFacts {
  const { issuedBy, issuedAtMs, expiresAtMs, sessionTags, transitiveTagKeys, policy, policyArns } = session;
  const { federatedProvider, federatedContext } = session;
  return {
    issuedBy,
    issuedAtMs,
    expiresAtMs,
    sessionTags,
    transitiveTagKeys,
    ...(federatedProvider !== undefined && { federatedProvider }),
    ...(federatedContext && { federatedContext }),
    ...(policy !== undefined && { policy }),
    ...(policyArns && { policyArns }),
  };
}
