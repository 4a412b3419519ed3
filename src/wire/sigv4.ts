import { timingSafeEqual } from 'node:crypto';
import { Fault } from '../kernel/fault.ts';
import { MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import type { WireRequest } from './exchange.ts';
import { basicDate, parseBasicDate } from './sigv4/basic-date.ts';
import { ALGORITHM, canonicalRequest, sha256Hex, stringToSign } from './sigv4/canonical-request.ts';
import { hasAuthorization, type PresentedSignature, readSignature } from './sigv4/presented-signature.ts';
import { type CredentialScope, SigningKeyCache } from './sigv4/signing-key.ts';

export { hasAuthorization, SigningKeyCache };

/** What a request's signature must be made for. */
export interface ExpectedScope {
  /** Signing name: `bedrock` also for Bedrock Runtime. */
  readonly service: string;
  /** Another signing name under which clients know the same API. Absent: none. */
  readonly otherService?: string | undefined;
  /** Absent: any region. */
  readonly regions?: ReadonlySet<string>;
  /** How far the signer's clock may be off, either way: 5 minutes at Bedrock, 15 elsewhere. */
  readonly skewMs: number;
}

/** The parts of a request that a signature is made over. */
export type SignedRequest = Pick<WireRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>;

/** A signature that is complete, timely and for this service; whether it is right is not known yet. */
export interface Authorization extends CredentialScope {
  /** As presented: `keyid/date/region/service/aws4_request`. */
  readonly credential: string;
  readonly accessKeyId: string;
  /** From header or query; absent for long-term keys. */
  readonly sessionToken?: string;
  /** `X-Amz-Date`. */
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const SIGNATURE_MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** Seven days, the longest that a signed URL may live. */
const EXPIRES_SECONDS_MAX = 604_800;

/**
 * Reads who claims to have signed, for what and when, from the `Authorization` header or a signed URL. Throws in the
 * order and words of AWS's own checks (observed on STS and DynamoDB; checked 2026-11).
 */
export function readAuthorization(request: WireRequest, expected: ExpectedScope, nowMs: number): Authorization {
  const presented = readSignature(request);
  requireTimely(presented, expected.skewMs, nowMs);
  requireSigned(presented, request);
  if (presented.algorithm !== ALGORITHM) {
    throw new Fault('IncompleteSignatureException', `Unsupported AWS 'algorithm': '${presented.algorithm}'.`);
  }
  const { credential, timestamp, signedHeaders, signature, sessionToken } = presented;
  const { accessKeyId, scope } = readScope(presented, expected);
  const { date, region, service } = scope;
  const claim = { credential, accessKeyId, date, region, service, timestamp, signedHeaders, signature };
  return sessionToken ? { ...claim, sessionToken } : claim;
}

/** Throws InvalidSignatureException unless the request, body included, was signed with this secret. */
export function verifySignature(
  authorization: Authorization,
  request: SignedRequest,
  secretAccessKey: string,
  cache: SigningKeyCache,
): void {
  if (!isSignedWith(authorization, request, secretAccessKey, cache)) {
    throw new Fault('InvalidSignatureException', SIGNATURE_MISMATCH);
  }
}

/** Whether the request, body included, was signed with this secret. */
export function isSignedWith(
  authorization: Authorization,
  request: SignedRequest,
  secretAccessKey: string,
  cache: SigningKeyCache,
): boolean {
  const payloadHash = payloadHashOf(request);
  const signingKey = cache.signingKey(authorization.credential, secretAccessKey, authorization);
  const provided = /^[0-9a-f]{64}$/.test(authorization.signature) && Buffer.from(authorization.signature, 'hex');
  const isSignedAs = (header: (name: string) => string | undefined): boolean => {
    if (!provided || payloadHash === undefined) return false;
    const { method, path, query } = request;
    const { signedHeaders, timestamp } = authorization;
    const canonical = canonicalRequest({ method, path, query, signedHeaders, header, payloadHash });
    if (canonical === undefined) return false;
    const made = signingKey.digest(stringToSign(canonical, timestamp, authorization));
    return timingSafeEqual(Buffer.from(made, 'hex'), provided);
  };
  const received = (name: string) => headerOf(request, name);
  // Repeated fields were joined with `, `; their signer joined them with a bare comma.
  const joinedTight = (name: string) => headerOf(request, name)?.split(',').map(trimmed).join(',');
  return isSignedAs(received) || isSignedAs(joinedTight);
}

function trimmed(text: string): string {
  return text.trim();
}

/** HTTP/2 has `:authority` in place of `host`, and clients sign either. */
function headerOf(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name];
  if (value !== undefined) return value;
  if (name === 'host') return request.headers[':authority'];
  return name === ':authority' ? request.headers.host : undefined;
}

/**
 * The hash that must have been signed; undefined when the body is not the one that the header announces. Of the
 * streaming forms only the start of an event stream is known here: its frames carry signatures of their own.
 */
function payloadHashOf(request: SignedRequest): string | undefined {
  const announced = request.headers['x-amz-content-sha256'];
  if (announced === 'UNSIGNED-PAYLOAD') return announced;
  if (announced === 'STREAMING-AWS4-HMAC-SHA256-EVENTS') {
    return request.headers['content-type'] === 'application/vnd.amazon.eventstream' ? announced : undefined;
  }
  const actual = sha256Hex(request.body);
  return announced === undefined || announced === actual ? actual : undefined;
}

function requireTimely({ timestamp, expires }: PresentedSignature, skewMs: number, nowMs: number): void {
  const signedAtMs = parseBasicDate(timestamp);
  if (signedAtMs === undefined) {
    const hint = 'See http://en.wikipedia.org/wiki/ISO_8601';
    throw new Fault(
      'IncompleteSignatureException',
      `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. ${hint}`,
    );
  }
  const lifetimeMs = expires === undefined ? skewMs : lifetimeOf(expires);
  const earliestMs = nowMs - lifetimeMs;
  if (signedAtMs < earliestMs) {
    const bound = `${basicDate(earliestMs)} (${basicDate(nowMs)} - ${duration(lifetimeMs)})`;
    throw new Fault('InvalidSignatureException', `Signature expired: ${timestamp} is now earlier than ${bound}`);
  }
  const latestMs = nowMs + skewMs;
  if (signedAtMs > latestMs) {
    const bound = `${basicDate(latestMs)} (${basicDate(nowMs)} + ${duration(skewMs)})`;
    throw new Fault(
      'InvalidSignatureException',
      `Signature not yet current: ${timestamp} is still later than ${bound}`,
    );
  }
}

function lifetimeOf(expires: string): number {
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0;
  if (seconds >= 1 && seconds <= EXPIRES_SECONDS_MAX) return seconds * SECOND_MS;
  throw new Fault('IncompleteSignatureException', `X-Amz-Expires must be between 1 and ${EXPIRES_SECONDS_MAX} seconds`);
}

/** A header that steers the service must not be added on the way: the host, and all that AWS reads. */
function requireSigned({ signedHeaders }: PresentedSignature, request: WireRequest): void {
  if (!signedHeaders.includes('host') && !signedHeaders.includes(':authority')) {
    throw unsigned("'Host' or ':authority'");
  }
  for (const name in request.headers) {
    const isSteering = name.startsWith('x-amz-') || name.startsWith('x-amzn-bedrock-');
    if (isSteering && !signedHeaders.includes(name)) throw unsigned(`'${name}'`);
  }
}

function unsigned(header: string): Fault {
  return new Fault('InvalidSignatureException', `${header} must be a 'SignedHeader' in the AWS Authorization.`);
}

function readScope(
  { credential, credentialParts: parts, timestamp }: PresentedSignature,
  expected: ExpectedScope,
): { readonly accessKeyId: string; readonly scope: CredentialScope } {
  if (parts.length !== 5) {
    const wanted = 'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term';
    throw new Fault('IncompleteSignatureException', `${wanted}, got '${credential}'`);
  }
  const [accessKeyId, date, region, service, terminator] = parts as readonly [string, string, string, string, string];
  let wrong = '';
  if (region === '' || expected.regions?.has(region) === false) {
    wrong += 'Credential should be scoped to a valid region. ';
  }
  if (service !== expected.service && service !== expected.otherService) {
    wrong += `Credential should be scoped to correct service: '${expected.service}'. `;
  }
  if (terminator !== 'aws4_request') {
    wrong += `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `;
  }
  const day = timestamp.slice(0, 8);
  if (date !== day) {
    const what = 'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP';
    wrong += `${what}: '${date}' != '${day}', from '${timestamp}'. `;
  }
  if (wrong !== '') throw new Fault('InvalidSignatureException', wrong);
  return { accessKeyId, scope: { date, region, service } };
}

function duration(ms: number): string {
  return ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS} min.` : `${ms / SECOND_MS} sec.`;
}
