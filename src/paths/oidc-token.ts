import { hash } from 'node:crypto';
import type { Directory } from '../identity/directory.ts';
import { lastingContext } from '../identity/federated-identity.ts';
import { findOidcProvider, requireOidcProvider } from '../identity/find-oidc-provider.ts';
import { findRole } from '../identity/find-role.ts';
import { tokenKeyId } from '../identity/identifier.ts';
import { roleCaller } from '../identity/identify.ts';
import { type MappedSession, mappedIdentity, type OidcMappings } from '../identity/oidc-mapping.ts';
import type { OidcProvider } from '../identity/oidc-provider.ts';
import { packedPolicySize } from '../identity/packed-policy-size.ts';
import type { Caller } from '../identity/principal.ts';
import type { Role } from '../identity/role.ts';
import { readWebIdentity, requireUnexpiredIdentity, type WebIdentity } from '../identity/web-identity.ts';
import { noProvider } from '../identity/web-identity-fault.ts';
import { parseClaims, readWebIdentityToken } from '../identity/web-identity-token.ts';
import type { WebIdentityVerifier } from '../identity/web-identity-verifier.ts';
import { Fault } from '../kernel/fault.ts';
import type { RecentMap } from '../kernel/recent-map.ts';
import { CredentialRefused } from '../wire/authentication-fault.ts';
import { bearerKeyExpired } from '../wire/bearer.ts';
import { requireFederatedTrust } from './federated-trust.ts';
import type { CallTrail } from './request-path/audit.ts';
import { addressedRegion, type ProvenCaller, type RegionParts } from './request-path/proven-caller.ts';

export interface OidcTokenParts extends RegionParts {
  readonly directory: Directory;
  readonly webIdentities: WebIdentityVerifier;
  readonly oidcMappings: OidcMappings;
  /** By the SHA-256 of the token: a signature is checked once. */
  readonly verifiedTokens: RecentMap<string, VerifiedToken>;
}

/** A token whose signature was right, and the session it stands for. Both are its own; the rest is looked up. */
export interface VerifiedToken {
  readonly issuer: string;
  /** The signed claims, JSON. */
  readonly payload: string;
  readonly mapped: MappedSession;
  /** `TLYT...`. */
  readonly keyId: string;
  /** With the tags and the source identity that the mapping adds; of the provider as it was then. */
  judged?: { readonly provider: OidcProvider; readonly identity: WebIdentity };
  /** Of role and identity as they were then. */
  seat?: { readonly role: Role; readonly identity: WebIdentity; readonly caller: Caller };
}

/** Of a web identity token in STS's model. */
const CHARACTERS_MAX = 20_000;

/** `eyJ`: a JSON object in base64url. */
export function isJsonWebToken(token: string): boolean {
  return token.length <= CHARACTERS_MAX && /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/**
 * Proves who presents a token of an OIDC provider. It is what AssumeRoleWithWebIdentity would say: the provider must be
 * registered in the role's account and the role's trust policy must allow the token, at every request and under its
 * conditions. Only the signature is remembered. The caller is the session that STS would have opened.
 */
export async function proveOidcToken(
  token: string,
  call: CallTrail,
  parts: OidcTokenParts,
  nowMs: number,
): Promise<ProvenCaller> {
  const region = addressedRegion(call.request, parts) ?? parts.defaultRegion;
  try {
    const digest = hash('sha256', token, 'buffer');
    const verified = parts.verifiedTokens.get(digest.toString('hex')) ?? (await verify(token, digest, parts));
    return { caller: callerWith(verified, call, region, nowMs, parts.directory), region };
  } catch (error) {
    throw inBedrocksWords(error);
  }
}

async function verify(token: string, digest: Buffer, parts: OidcTokenParts): Promise<VerifiedToken> {
  const { directory, webIdentities, oidcMappings, verifiedTokens } = parts;
  const { header, issuer } = readWebIdentityToken(token);
  const accounts = [...oidcMappings.accountsOf(issuer)];
  // An issuer's server is called only when an account trusts it.
  if (!accounts.some((accountId) => findOidcProvider(directory, accountId, issuer))) throw noProvider(issuer);
  const payload = await webIdentities.verify(token, header, issuer);
  const mapped = oidcMappings.sessionFor(issuer, parseClaims(payload));
  const verified: VerifiedToken = { issuer, payload, mapped, keyId: tokenKeyId(digest) };
  verifiedTokens.set(digest.toString('hex'), verified);
  return verified;
}

function callerWith(
  verified: VerifiedToken,
  call: CallTrail,
  region: string,
  nowMs: number,
  directory: Directory,
): Caller {
  const { roleArn, sessionName } = verified.mapped;
  const identity = judge(verified, directory, nowMs);
  call.caller = identity;
  const session = { issuedBy: 'AssumeRoleWithWebIdentity', identity, roleArn, sessionName } as const;
  const found = findRole(directory, roleArn);
  const role = requireFederatedTrust(directory, { request: call.request, region, nowMs }, { ...session, found });
  const { seat } = verified;
  if (seat?.role === role && seat.identity === identity) return seat.caller;
  const caller = roleCaller(sessionOf(verified, identity), role);
  verified.seat = { role, identity, caller };
  return caller;
}

/** What the token says, when its provider is registered where the role is and it has not run out. */
function judge(verified: VerifiedToken, directory: Directory, nowMs: number): WebIdentity {
  const { issuer, payload, mapped, judged } = verified;
  const provider = requireOidcProvider(directory, mapped.accountId, issuer);
  if (judged?.provider === provider) {
    requireUnexpiredIdentity(judged.identity, nowMs);
    return judged.identity;
  }
  const identity = mappedIdentity(readWebIdentity(payload, provider, nowMs), mapped);
  packedPolicySize({}, identity.sessionTags);
  verified.judged = { provider, identity };
  return identity;
}

function sessionOf({ mapped, keyId }: VerifiedToken, identity: WebIdentity) {
  const { sessionTags, transitiveTagKeys, sourceIdentity, issuedAtMs, expiresAtMs, providerArn } = identity;
  return {
    ...{ accessKeyId: keyId, sessionName: mapped.sessionName, issuedBy: 'AssumeRoleWithWebIdentity' as const },
    ...{ issuedAtMs, expiresAtMs, sessionTags, transitiveTagKeys },
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    federatedProvider: providerArn,
    federatedContext: lastingContext(identity),
  };
}

/** The errors of STS as Bedrock has them for its keys; what the trust policy denies stays denied. */
function inBedrocksWords(error: unknown): unknown {
  if (!(error instanceof Fault)) return error;
  switch (error.code) {
    case 'ExpiredIdentityTokenException':
      return bearerKeyExpired();
    case 'IDPCommunicationErrorException':
      return new Fault('ServiceUnavailableException', error.message);
    case 'AccessDeniedException':
      return error;
    default:
      return new CredentialRefused(`Authentication failed: ${error.message}`);
  }
}
