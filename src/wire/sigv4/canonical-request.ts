import { hash } from 'node:crypto';
import { BoundedMemo } from '../../kernel/bounded-memo.ts';
import { type CredentialScope, scopeText } from './signing-key.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** What a signature is made over. */
export interface CanonicalParts {
  readonly method: string;
  /** As received, percent-encoded. */
  readonly path: string;
  readonly query: string;
  /** In the signer's order. */
  readonly signedHeaders: readonly string[];
  /** Undefined for a header that the request does not have. */
  readonly header: (name: string) => string | undefined;
  readonly payloadHash: string;
}

/** Undefined when a signed header is not there: then no signature can be right. */
export function canonicalRequest(parts: CanonicalParts): string | undefined {
  let headers = '';
  for (const name of parts.signedHeaders) {
    const value = parts.header(name);
    if (value === undefined) return undefined;
    headers += `${name}:${LOOSE.test(value) ? value.trim().replace(/\s+/g, ' ') : value}\n`;
  }
  const names = parts.signedHeaders.join(';');
  return [
    parts.method,
    signedPaths.get(parts.path, () => canonicalPath(parts.path)),
    canonicalQuery(parts.query),
    headers,
    names,
    parts.payloadHash,
  ].join('\n');
}

/** White space that is not signed as it stands. */
const LOOSE = /^\s|\s$|\s\s|[^\S ]/;

/** `timestamp` is `X-Amz-Date` as sent. Header text is latin1, as it came off the wire. */
export function stringToSign(canonical: string, timestamp: string, scope: CredentialScope): string {
  return `${ALGORITHM}\n${timestamp}\n${scopeText(scope)}\n${sha256Hex(Buffer.from(canonical, 'latin1'))}`;
}

export function sha256Hex(bytes: Buffer): string {
  return bytes.length === 0 ? EMPTY_SHA256 : hash('sha256', bytes, 'hex');
}

const EMPTY_SHA256 = hash('sha256', '', 'hex');

/** Canonical paths by the path as received. UTF-16 code units of all of them together. */
const signedPaths = new BoundedMemo<string>(200_000);

/**
 * Every service but S3 signs the path normalised and encoded once more: `%3A` on the wire is signed as `%253A`. Each
 * character is one byte, as Node hands over the request line.
 */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const isFolder = segments.length > 0 && path.endsWith('/');
  return `/${segments.join('/')}${isFolder ? '/' : ''}`.replace(/[^A-Za-z0-9\-_.~/]/g, percentByte);
}

function percentByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/**
 * Decoded and strictly encoded anew, in the order of encoded names, then values. The signature itself is not signed.
 */
function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: [name: string, value: string][] = [];
  for (const parameter of query.split('&')) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const name = recode(equals < 0 ? parameter : parameter.slice(0, equals));
    if (name !== 'X-Amz-Signature') pairs.push([name, equals < 0 ? '' : recode(parameter.slice(equals + 1))]);
  }
  pairs.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function recode(received: string): string {
  const ascii = received.replace(/[\u0080-\u00ff]/g, percentByte);
  let decoded = ascii;
  try {
    decoded = decodeURIComponent(ascii);
  } catch {
    // Not an encoding: the text as it is.
  }
  return encodeURIComponent(decoded).replace(/[!'()*]/g, percentByte);
}
