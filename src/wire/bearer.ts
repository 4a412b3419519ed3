import type { Fault } from '../kernel/fault.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { CredentialRefused } from './authentication-fault.ts';
import { parseBasicDate } from './sigv4/basic-date.ts';
import { ALGORITHM } from './sigv4/canonical-request.ts';
import type { Authorization, SignedRequest } from './sigv4.ts';

/** A Bedrock API key as a request presents it; nothing of it is believed yet. */
export type BearerKey = LongTermKey | ShortTermKey;

/** A service-specific credential of IAM: `ABSK` and the base64 of `alias:secret`. */
export interface LongTermKey {
  readonly type: 'LONG_TERM';
  readonly alias: string;
  readonly secret: string;
}

/** A signed URL in disguise: `bedrock-api-key-` and the base64 of the URL, as `@aws/bedrock-token-generator` makes it. */
export interface ShortTermKey {
  readonly type: 'SHORT_TERM';
  readonly authorization: Authorization;
  /** The request that was signed when the key was made; it is never sent. */
  readonly signed: SignedRequest;
  readonly signedAtMs: number;
  readonly expiresAtMs: number;
}

const LONG_TERM_PREFIX = 'ABSK';
const SHORT_TERM_PREFIX = 'bedrock-api-key-';

/** An alias has up to 200 characters, a secret of ours 44. */
const LONG_TERM_CHARACTERS_MAX = 512;
/** A session token has up to 16,384 characters, the rest of the URL about 500; in base64 a third more. */
const SHORT_TERM_CHARACTERS_MAX = 24_576;

/** Twelve hours, the longest that a short-term key may live. */
const EXPIRES_SECONDS_MAX = 43_200;
/** What every short-term key is signed for, in whichever region it is used. */
export const SHORT_TERM_HOST = 'bedrock.amazonaws.com';

/** Reads the key. Throws in AWS's words when it is no Bedrock API key. */
export function readBearerKey(token: string): BearerKey {
  if (token.startsWith(LONG_TERM_PREFIX)) return readLongTerm(token);
  if (token.startsWith(SHORT_TERM_PREFIX)) return readShortTerm(token);
  throw malformedKey();
}

/** Bedrock's answer to a bearer token that is none of its keys. */
export function malformedKey(): Fault {
  return new CredentialRefused('Invalid API Key format: Must start with pre-defined prefix');
}

/**
 * The one answer to every key that is not in force: unknown, wrong, inactive, tampered with, of another region. Words as
 * public reports quote Bedrock, which answers them all alike (checked 2026-11).
 */
export function bearerKeyRefused(): Fault {
  return new CredentialRefused('Authentication failed: Please make sure your API Key is valid.');
}

/** Said only to whoever presents a key that was right. */
export function bearerKeyExpired(): Fault {
  return new CredentialRefused('Bearer Token has expired');
}

/** The long-term key as it is handed out, once. */
export function writeLongTermKey(alias: string, secret: string): string {
  return LONG_TERM_PREFIX + Buffer.from(`${alias}:${secret}`).toString('base64');
}

/** The short-term key that holds the query string of a signed URL. */
export function writeShortTermKey(query: string): string {
  return SHORT_TERM_PREFIX + Buffer.from(`${SHORT_TERM_HOST}/?${query}`).toString('base64');
}

function readLongTerm(token: string): LongTermKey {
  const text = decodeBase64(token.slice(LONG_TERM_PREFIX.length), LONG_TERM_CHARACTERS_MAX);
  const [, alias, secret] = /^([\w+=,.@-]{1,200}):([A-Za-z0-9+/]{16,128}={0,2})$/.exec(text) ?? [];
  if (alias === undefined || secret === undefined) throw bearerKeyRefused();
  return { type: 'LONG_TERM', alias, secret };
}

function readShortTerm(token: string): ShortTermKey {
  const url = decodeBase64(token.slice(SHORT_TERM_PREFIX.length), SHORT_TERM_CHARACTERS_MAX);
  const [, query] = /^bedrock\.amazonaws\.com\/\?([\x21-\x7e]+)$/.exec(url) ?? [];
  if (query === undefined) throw bearerKeyRefused();
  const parameters = readParameters(query);
  const value = (name: string) => parameters.get(name) ?? '';
  const isWellFormed =
    value('Action') === 'CallWithBearerToken' &&
    value('Version') === '1' &&
    value('X-Amz-Algorithm') === ALGORITHM &&
    value('X-Amz-SignedHeaders') === 'host';
  const [, accessKeyId, date, region] =
    /^(\w{16,128})\/(\d{8})\/([a-z0-9-]{1,32})\/bedrock\/aws4_request$/.exec(value('X-Amz-Credential')) ?? [];
  const timestamp = value('X-Amz-Date');
  const signedAtMs = parseBasicDate(timestamp);
  const seconds = /^[1-9]\d{0,4}$/.test(value('X-Amz-Expires')) ? Number(value('X-Amz-Expires')) : 0;
  const isInBounds = seconds >= 1 && seconds <= EXPIRES_SECONDS_MAX && date === timestamp.slice(0, 8);
  if (!isWellFormed || !accessKeyId || !date || !region || signedAtMs === undefined || !isInBounds) {
    throw bearerKeyRefused();
  }
  const sessionToken = parameters.get('X-Amz-Security-Token');
  return {
    type: 'SHORT_TERM',
    authorization: {
      credential: value('X-Amz-Credential'),
      accessKeyId,
      ...(sessionToken !== undefined && { sessionToken }),
      date,
      region,
      service: 'bedrock',
      timestamp,
      signedHeaders: ['host'],
      signature: value('X-Amz-Signature'),
    },
    signed: {
      method: 'POST',
      path: '/',
      // The generators append `Version` after they have signed.
      query: query.replace(/(^|&)Version=1(?=&|$)/, ''),
      headers: { host: SHORT_TERM_HOST },
      body: NO_BODY,
    },
    signedAtMs,
    expiresAtMs: signedAtMs + seconds * SECOND_MS,
  };
}

const NO_BODY = Buffer.alloc(0);

/** Each name once: of two values the signature and its reader could mean different ones. */
function readParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const parameter of query.split('&')) {
    const [, name, encoded] = /^([A-Za-z-]{1,64})=(.*)$/.exec(parameter) ?? [];
    if (name === undefined || encoded === undefined || parameters.has(name)) throw bearerKeyRefused();
    try {
      parameters.set(name, decodeURIComponent(encoded));
    } catch {
      throw bearerKeyRefused();
    }
  }
  return parameters;
}

/** Standard base64 with its padding, in the one spelling that encoding gives: a key has one text. */
function decodeBase64(text: string, charactersMax: number): string {
  if (text.length > charactersMax) throw bearerKeyRefused();
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw bearerKeyRefused();
  return bytes.toString('latin1');
}
