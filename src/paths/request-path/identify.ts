import { findCredential, requireUnexpired } from '../../identity/identify.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Clock } from '../../kernel/time.ts';
import type { WireRequest } from '../../wire/exchange.ts';
import { isGatewayKey } from '../../wire/gateway-key.ts';
import type { Routed, ServiceId } from '../../wire/operation.ts';
import { presentedToken } from '../../wire/presented-token.ts';
import { readAuthorization, verifySignature } from '../../wire/sigv4.ts';
import { type ConsoleSessionParts, proveConsoleSession } from '../console-session.ts';
import { isJsonWebToken, type OidcTokenParts, proveOidcToken } from '../oidc-token.ts';
import type { CallTrail } from './audit.ts';
import { type BearerKeyParts, proveBearerKey } from './bearer-key.ts';
import { proveGatewayKey } from './gateway-key.ts';
import type { ProvenCaller } from './proven-caller.ts';

/** Regions hold for every service but IAM, which has none. */
export interface IdentifyParts extends BearerKeyParts, OidcTokenParts, ConsoleSessionParts {
  readonly clock: Clock;
}

/** A request whose caller is proven. */
export interface Identified {
  readonly requestId: string;
  readonly request: WireRequest;
  readonly routed: Routed;
  readonly caller: Caller;
  /** The one the caller addressed: that of the credential scope; long-term Bedrock API keys have none. */
  readonly region: string;
  readonly nowMs: number;
}

const MINUTE_MS = 60_000;

interface Signing {
  readonly name: string;
  /** Another name that clients of the same API sign with. */
  readonly otherName?: string;
  readonly skewMs: number;
}

/** AWS serves the APIs of other vendors under two names of its own, each with clients. */
const VENDOR_SIGNING: Signing = { name: 'bedrock', otherName: 'bedrock-mantle', skewMs: 5 * MINUTE_MS };

/** Name in the credential scope, and how far the client's clock may be off, per service (`reference: SigV4 clock skew`). */
const SIGNING: Readonly<Record<ServiceId, Signing>> = {
  sts: { name: 'sts', skewMs: 15 * MINUTE_MS },
  iam: { name: 'iam', skewMs: 15 * MINUTE_MS },
  bedrock: { name: 'bedrock', skewMs: 5 * MINUTE_MS },
  'bedrock-runtime': { name: 'bedrock', skewMs: 5 * MINUTE_MS },
  'bedrock-agent-runtime': { name: 'bedrock', skewMs: 5 * MINUTE_MS },
  ce: { name: 'ce', skewMs: 15 * MINUTE_MS },
  'bcm-data-exports': { name: 'bcm-data-exports', skewMs: 15 * MINUTE_MS },
  budgets: { name: 'budgets', skewMs: 15 * MINUTE_MS },
  organizations: { name: 'organizations', skewMs: 15 * MINUTE_MS },
  cloudtrail: { name: 'cloudtrail', skewMs: 15 * MINUTE_MS },
  openai: VENDOR_SIGNING,
  anthropic: VENDOR_SIGNING,
  gateway: { name: 'tallyline', skewMs: 15 * MINUTE_MS },
  console: { name: 'tallyline', skewMs: 15 * MINUTE_MS },
  scim: { name: 'tallyline', skewMs: 15 * MINUTE_MS },
  tallyline: { name: 'tallyline', skewMs: 15 * MINUTE_MS },
};

/**
 * Proves who calls, or throws; there is no default caller. The order of checks is AWS's. A promise only for tokens of OIDC
 * providers, whose keys may have to be fetched.
 */
export function identify(routed: Routed, call: CallTrail, parts: IdentifyParts): Identified | Promise<Identified> {
  const { request, requestId } = call;
  const nowMs = parts.clock();
  const identified = ({ caller, region }: ProvenCaller): Identified => {
    if (caller.kind === 'assumed-role') parts.directory.noteRoleUse(caller.principalId, { atMs: nowMs, region });
    return { requestId, request, routed, caller, region, nowMs };
  };
  const proven = prove(routed, call, parts, nowMs);
  return proven instanceof Promise ? proven.then(identified) : identified(proven);
}

function prove(
  { operation }: Routed,
  call: CallTrail,
  parts: IdentifyParts,
  nowMs: number,
): ProvenCaller | Promise<ProvenCaller> {
  const { service, protocol } = operation;
  const { request } = call;
  const isApi = protocol === 'apiJson' || service === 'console';
  if (isApi && request.headers.authorization === undefined) return proveConsoleSession(request, parts, nowMs);
  const token = presentedToken(request, service);
  if (token !== undefined) return proveToken(token, call, parts, nowMs);
  // Whoever signs for the API may sign for it as a whole.
  const { name, skewMs } = SIGNING[service];
  return proveSignature(isApi ? { name: 'tallyline', otherName: name, skewMs } : SIGNING[service], call, parts, nowMs);
}

/** A key or token that stands in for a signature; what it is can be seen by its beginning. */
function proveToken(
  token: string,
  call: CallTrail,
  parts: IdentifyParts,
  nowMs: number,
): ProvenCaller | Promise<ProvenCaller> {
  if (isGatewayKey(token)) return proveGatewayKey(token, call.request, parts, nowMs);
  if (isJsonWebToken(token)) return proveOidcToken(token, call, parts, nowMs);
  return proveBearerKey(token, call.request, parts, nowMs);
}

function proveSignature(
  { name, otherName, skewMs }: Signing,
  { request }: CallTrail,
  parts: IdentifyParts,
  nowMs: number,
): ProvenCaller {
  const regions = name === 'iam' ? undefined : parts.regions;
  const scope = { service: name, otherService: otherName, skewMs, ...(regions && { regions }) };
  const authorization = readAuthorization(request, scope, nowMs);
  const credential = findCredential(parts.directory, parts.sessions, authorization);
  // Before the signature, as AWS does: the public STS probe answers ExpiredToken even where the signature is wrong.
  requireUnexpired(credential, nowMs);
  verifySignature(authorization, request, credential.secretAccessKey, parts.signingKeys);
  parts.directory.noteKeyUse(authorization.accessKeyId, { atMs: nowMs, service: name, region: authorization.region });
  return { caller: credential.caller, region: authorization.region };
}
