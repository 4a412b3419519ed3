import { type ConsoleSession, type ConsoleSessions, isSameSecret } from '../identity/console-session.ts';
import type { Directory } from '../identity/directory.ts';
import { credentialInForce, requireUnexpired } from '../identity/identify.ts';
import type { SessionTokens } from '../identity/session-token.ts';
import { Fault } from '../kernel/fault.ts';
import { cookieOf, SESSION_COOKIE } from '../wire/cookie.ts';
import type { WireRequest } from '../wire/exchange.ts';
import type { ProvenCaller } from './request-path/proven-caller.ts';

export interface ConsoleSessionParts {
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly consoleSessions: ConsoleSessions;
  readonly defaultRegion: string;
}

const CSRF_HEADER = 'x-tallyline-csrf';

/**
 * Proves who sits at a browser: the cookie says which key signed in, and the key must still be in force. What changes
 * something must come from a page of ours: other sites can make browsers send the cookie, but not the header.
 */
export function proveConsoleSession(request: WireRequest, parts: ConsoleSessionParts, nowMs: number): ProvenCaller {
  const session = consoleSessionOf(request, parts.consoleSessions, nowMs);
  if (!session) throw notSignedIn();
  requireOwnPage(request, session);
  // A key that is gone ends the session.
  const credential = credentialInForce(parts.directory, parts.sessions, session);
  if (!credential) throw notSignedIn();
  requireUnexpired(credential, nowMs);
  return { caller: credential.caller, region: parts.defaultRegion };
}

/** Undefined when the request brings none that is in force. */
export function consoleSessionOf(
  request: Pick<WireRequest, 'headers'>,
  consoleSessions: ConsoleSessions,
  nowMs: number,
): ConsoleSession | undefined {
  const cookie = cookieOf(request, SESSION_COOKIE);
  return cookie === undefined ? undefined : consoleSessions.open(cookie, nowMs);
}

function requireOwnPage(request: WireRequest, { csrfToken }: ConsoleSession): void {
  const { method, headers } = request;
  const isReading = method === 'GET' || method === 'HEAD';
  if (!isFromElsewhere(request) && (isReading || isSameSecret(headers[CSRF_HEADER] ?? '', csrfToken))) return;
  throw new Fault('AccessDeniedException', `the request is from no page of this console: send \`${CSRF_HEADER}\``);
}

/**
 * For requests that begin or end a session, which have no token yet. Other sites can make browsers send forms, but JSON only
 * where the server lets them, which this one never does. Browsers say where a request is from over TLS alone.
 */
export function requireOwnSite(request: Pick<WireRequest, 'headers'>): void {
  const type = request.headers['content-type'] ?? '';
  if (!isFromElsewhere(request) && /^application\/json\s*(;|$)/i.test(type)) return;
  throw new Fault(
    'AccessDeniedException',
    'the request is from no page of this console: send `content-type: application/json`, from no other site',
  );
}

function isFromElsewhere({ headers }: Pick<WireRequest, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

export function notSignedIn(): Fault {
  return new Fault('NotSignedInException', 'nobody is signed in, or the session has ended: sign in again');
}
