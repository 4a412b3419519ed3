import { Fault } from '../kernel/fault.ts';
import { malformedKey } from './bearer.ts';
import type { WireRequest } from './exchange.ts';
import type { ServiceId } from './operation.ts';
import { isSignedUrl, twoSchemes } from './sigv4/presented-signature.ts';

/**
 * The services that take a key or token in place of a signature, with the headers beside `Authorization: Bearer` in
 * which their own clients present it. On the others such headers claim nothing.
 */
const KEY_HEADERS: Readonly<Partial<Record<ServiceId, readonly string[]>>> = {
  bedrock: [],
  'bedrock-runtime': [],
  'bedrock-agent-runtime': [],
  openai: ['x-api-key', 'api-key'],
  anthropic: ['x-api-key', 'api-key'],
  gateway: ['x-api-key', 'api-key'],
  scim: [],
};

/**
 * The key or token that a request presents, right or wrong; undefined when it presents none, and is signed or from
 * nobody. Throws when the request says in two ways who it is from. A key in the query string is none.
 */
export function presentedToken(request: WireRequest, service: ServiceId): string | undefined {
  const { headers } = request;
  const keyHeaders = KEY_HEADERS[service];
  if (!keyHeaders) return undefined;
  const { authorization = '' } = headers;
  const isBearer = /(?:^|[\s,])bearer(?:\s|$)/i.test(authorization);
  const keys = keyHeaders.flatMap((name) => headers[name] || []);
  if (!isBearer && keys.length === 0) return undefined;
  if (isSignedUrl(request) || headers['x-amz-security-token'] !== undefined || /AWS4-/.test(authorization)) {
    throw twoSchemes();
  }
  const [key, another] = isBearer ? [authorization.replace(/^\s*bearer/i, ''), ...keys] : keys;
  if (another !== undefined || (!isBearer && authorization !== '')) throw twoKeys();
  const token = key!.trim();
  if (token === '' || /\s/.test(token)) throw malformedKey();
  return token;
}

function twoKeys(): Fault {
  return new Fault('InvalidSignatureException', 'Found more than one API key or bearer token in the request.');
}
