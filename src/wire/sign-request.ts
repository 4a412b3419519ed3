import { basicDate } from './sigv4/basic-date.ts';
import { ALGORITHM, canonicalRequest, sha256Hex, stringToSign } from './sigv4/canonical-request.ts';
import { credentialText, deriveSigningKey, type SigningKeyCache } from './sigv4/signing-key.ts';

/** A request to be sent, by us or by the command line. */
export interface OutgoingRequest {
  readonly method: string;
  /** Percent-encoded, as it will be sent. */
  readonly path: string;
  readonly query?: string;
  /** Lower-case names; `host` must be among them. All are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials only. */
  readonly sessionToken?: string | undefined;
  readonly region: string;
  /** Signing name. */
  readonly service: string;
}

/** The headers to send: those given, and what SigV4 adds. Who signs often keeps the derived keys. */
export function signRequest(
  request: OutgoingRequest,
  identity: SigningIdentity,
  nowMs: number,
  keys?: SigningKeyCache,
): Record<string, string> {
  const timestamp = basicDate(nowMs);
  const scope = { date: timestamp.slice(0, 8), region: identity.region, service: identity.service };
  const payloadHash = sha256Hex(typeof request.body === 'string' ? Buffer.from(request.body) : request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': timestamp,
    ...(identity.sessionToken && { 'x-amz-security-token': identity.sessionToken }),
  };
  const signedHeaders = Object.keys(headers).sort();
  const { method, path, query = '' } = request;
  const header = (name: string) => headers[name];
  const canonical = canonicalRequest({ method, path, query, signedHeaders, header, payloadHash })!;
  const { accessKeyId, secretAccessKey } = identity;
  const credential = credentialText(accessKeyId, scope);
  const signingKey = keys?.signingKey(credential, secretAccessKey, scope) ?? deriveSigningKey(secretAccessKey, scope);
  const signature = signingKey.digest(stringToSign(canonical, timestamp, scope));
  const names = signedHeaders.join(';');
  headers.authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return headers;
}
