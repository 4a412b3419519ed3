import type { ConsoleSession } from '../../identity/console-session.ts';
import { Fault } from '../../kernel/fault.ts';
import { SESSION_COOKIE, setCookie } from '../../wire/cookie.ts';
import type { ConsoleParts } from './console-parts.ts';

/** The session of a browser, and the cookie that carries it. */
export function beginSession(
  key: Omit<ConsoleSession, 'csrfToken'>,
  nowMs: number,
  { consoleSessions, random, isSecure }: ConsoleParts,
) {
  const session = { ...key, csrfToken: random(32).toString('base64url') };
  const value = consoleSessions.seal(session);
  if (value === undefined) {
    throw new Fault(
      'ValidationException',
      'the session token is too long for a browser: use a session with fewer tags',
    );
  }
  const maxAgeSeconds = Math.floor((session.expiresAtMs - nowMs) / 1_000);
  return {
    output: { csrfToken: session.csrfToken, expiresAt: new Date(session.expiresAtMs) },
    headers: { 'set-cookie': setCookie(SESSION_COOKIE, value, { maxAgeSeconds, isSecure, sameSite: 'Strict' }) },
  };
}
