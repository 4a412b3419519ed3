import { BoundedMemo } from '../../kernel/bounded-memo.ts';
import { Fault } from '../../kernel/fault.ts';
import type { WireRequest } from '../exchange.ts';

/** What a request says about its own signature; nothing of it is checked yet but that it is there. */
export interface PresentedSignature {
  readonly algorithm: string;
  /** `keyid/date/region/service/term`. */
  readonly credential: string;
  /** What stands between its slashes. */
  readonly credentialParts: readonly string[];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** `X-Amz-Expires`; only in signed URLs. */
  readonly expires: string | undefined;
}

/** True when a request claims to be from somebody, by header or by signed URL. */
export function hasAuthorization(request: WireRequest): boolean {
  return request.headers.authorization !== undefined || isSignedUrl(request);
}

/**
 * Reads the `Authorization` header or the query parameters of a signed URL; throws, in AWS's words, when they are
 * incomplete.
 */
export function readSignature(request: WireRequest): PresentedSignature {
  const { authorization } = request.headers;
  if (authorization !== undefined && isSignedUrl(request)) {
    throw new Fault(
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  if (authorization !== undefined) return readHeader(authorization, request);
  if (isSignedUrl(request)) return readQuery(request);
  throw new Fault('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
}

/** True when the query string holds a signature, or claims to. */
export function isSignedUrl(request: WireRequest): boolean {
  return /(?:^|&)X-Amz-(?:Algorithm|Signature)=/.test(request.query);
}

/** What a header says, all but a signature at its end: a caller says the same all day. UTF-16 code units of all together. */
const claims = new BoundedMemo<HeaderClaim>(4_000_000);

/** The parts of an `Authorization` header; empty where they are not there. */
interface HeaderClaim {
  readonly algorithm: string;
  readonly credential: string;
  readonly credentialParts: readonly string[];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const SIGNATURE_LAST = /[\s,]Signature=[0-9a-f]{64}$/;
const SIGNATURE_CHARACTERS = 64;

function readClaim(authorization: string): HeaderClaim {
  if (!SIGNATURE_LAST.test(authorization)) return parseClaim(authorization);
  const signature = authorization.slice(-SIGNATURE_CHARACTERS);
  const rest = authorization.slice(0, -SIGNATURE_CHARACTERS);
  const { algorithm, credential, credentialParts, signedHeaders } = claims.get(rest, () => parseClaim(authorization));
  return { algorithm, credential, credentialParts, signedHeaders, signature };
}

/** Parameters stand in any order, separated by commas or spaces; the last of a name counts. */
function parseClaim(authorization: string): HeaderClaim {
  const [algorithm = '', ...pairs] = authorization.trim().split(/[\s,]+/);
  let credential = '';
  let signature = '';
  let signedHeaders = '';
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1);
    if (pair.startsWith('Credential=')) credential = value;
    else if (pair.startsWith('Signature=')) signature = value;
    else if (pair.startsWith('SignedHeaders=')) signedHeaders = value;
    else if (equals <= 0 && /^bearer$/i.test(pair)) throw twoSchemes();
  }
  return {
    algorithm,
    credential,
    credentialParts: credential.split('/'),
    signedHeaders: signedHeaders === '' ? [] : signedHeaders.split(';'),
    signature,
  };
}

function readHeader(authorization: string, request: WireRequest): PresentedSignature {
  const { algorithm, credential, credentialParts, signedHeaders, signature } = readClaim(authorization);
  const timestamp = request.headers['x-amz-date'] ?? request.headers.date;
  if (!credential || !signature || signedHeaders.length === 0 || !timestamp) {
    const named = Object.entries({
      Credential: credential,
      Signature: signature,
      SignedHeaders: signedHeaders.join(';'),
    });
    const missing = named
      .filter(([, value]) => value === '')
      .map(([name]) => `Authorization header requires '${name}' parameter.`);
    if (!timestamp) {
      missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    }
    // Only the algorithm is repeated: under another scheme the rest is a secret.
    const echoed = /^AWS4-[A-Z0-9-]{1,32}$/.test(algorithm) ? ` Authorization=${algorithm}` : '';
    throw new Fault('IncompleteSignatureException', `${missing.join(' ')}${echoed}`);
  }
  return {
    algorithm,
    credential,
    credentialParts,
    signedHeaders,
    signature,
    timestamp,
    sessionToken: request.headers['x-amz-security-token'] || undefined,
    expires: undefined,
  };
}

/** A signature and a bearer token in one request: it says in two ways who it is from. */
export function twoSchemes(): Fault {
  return new Fault('InvalidSignatureException', 'Found both a bearer token and an AWS signature in the request.');
}

/** The first of a name counts. */
function readQuery(request: WireRequest): PresentedSignature {
  const query = new URLSearchParams(request.query);
  const required = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'];
  const missing = required.filter((name) => !query.get(name));
  if (missing.length > 0) {
    const sentences = missing.map((name) => `AWS query-string parameters must include '${name}'.`);
    throw new Fault('IncompleteSignatureException', `${sentences.join(' ')} Re-examine the query-string parameters.`);
  }
  const credential = query.get('X-Amz-Credential')!;
  return {
    algorithm: query.get('X-Amz-Algorithm')!,
    credential,
    credentialParts: credential.split('/'),
    signedHeaders: query.get('X-Amz-SignedHeaders')!.split(';'),
    signature: query.get('X-Amz-Signature')!,
    timestamp: query.get('X-Amz-Date')!,
    sessionToken: query.get('X-Amz-Security-Token') || request.headers['x-amz-security-token'] || undefined,
    expires: query.get('X-Amz-Expires') ?? undefined,
  };
}
