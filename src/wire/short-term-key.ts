import { SHORT_TERM_HOST, writeShortTermKey } from './bearer.ts';
import type { SigningIdentity } from './sign-request.ts';
import { basicDate } from './sigv4/basic-date.ts';
import { ALGORITHM, canonicalRequest, sha256Hex, stringToSign } from './sigv4/canonical-request.ts';
import { deriveSigningKey, scopeText } from './sigv4/signing-key.ts';

/** A short-term Bedrock API key, as `@aws/bedrock-token-generator` makes it: nobody has to be asked. */
export function signShortTermKey(
  identity: Omit<SigningIdentity, 'service'>,
  expiresInSeconds: number,
  nowMs: number,
): string {
  const timestamp = basicDate(nowMs);
  const scope = { date: timestamp.slice(0, 8), region: identity.region, service: 'bedrock' };
  const parameters = {
    Action: 'CallWithBearerToken',
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${identity.accessKeyId}/${scopeText(scope)}`,
    'X-Amz-Date': timestamp,
    'X-Amz-Expires': String(expiresInSeconds),
    ...(identity.sessionToken && { 'X-Amz-Security-Token': identity.sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  };
  const query = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const canonical = canonicalRequest({
    method: 'POST',
    path: '/',
    query,
    signedHeaders: ['host'],
    header: () => SHORT_TERM_HOST,
    payloadHash: sha256Hex(Buffer.alloc(0)),
  })!;
  const key = deriveSigningKey(identity.secretAccessKey, scope);
  const signature = key.digest(stringToSign(canonical, timestamp, scope));
  return writeShortTermKey(`${query}&X-Amz-Signature=${signature}&Version=1`);
}
