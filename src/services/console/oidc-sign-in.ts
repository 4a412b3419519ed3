import { createHash } from 'node:crypto';
import { isSameSecret } from '../../identity/console-session.ts';
import { newAccessKeyId, newSecretAccessKey } from '../../identity/identifier.ts';
import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import type { SecretBox } from '../../kernel/secret-box.ts';
import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import type { FederationHandler } from '../../paths/federation-handler.ts';
import { cookieOf, SIGN_IN_COOKIE, setCookie } from '../../wire/cookie.ts';
import type { WireRequest } from '../../wire/exchange.ts';
import { beginSession } from './begin-session.ts';
import type { ConsoleParts, OidcSignInParts } from './console-parts.ts';

/** What a sign-in was begun with. The browser carries it, sealed, to the provider's page and back. */
interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
  readonly expiresAtMs: number;
}

const PURPOSE = 'console-sign-in';
/** For a password, a second factor, and looking for the telephone. */
const PENDING_MS = 10 * MINUTE_MS;
const HOME = '/console/';

/** Leads the browser to the provider. */
export function getOidcSignIn(
  { random, origin, isSecure }: ConsoleParts,
  { provider, box }: OidcSignInParts,
): FederationHandler<{ readonly returnTo?: string }, unknown> {
  return {
    run: async ({ input, request, nowMs }) => {
      const text = () => random(32).toString('base64url');
      const pending: PendingSignIn = {
        ...{ state: text(), nonce: text(), codeVerifier: text() },
        returnTo: ownPage(input.returnTo),
        expiresAtMs: nowMs + PENDING_MS,
      };
      const { state, nonce, codeVerifier } = pending;
      const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
      const location = await provider.authorizationUrl({
        ...{ state, nonce, codeChallenge },
        redirectUri: redirectUri(origin(request)),
      });
      const sealed = box.seal(PURPOSE, JSON.stringify(pending));
      const options = { maxAgeSeconds: PENDING_MS / SECOND_MS, isSecure, sameSite: 'Lax' } as const;
      return { output: {}, headers: { location, 'set-cookie': setCookie(SIGN_IN_COOKIE, sealed, options) } };
    },
  };
}

interface CompleteInput {
  readonly code?: string;
  readonly state?: string;
  readonly error?: string;
}

/** Takes the browser back from the provider. What goes wrong is said on the sign-in page, for nobody reads JSON here. */
export function completeOidcSignIn(
  parts: ConsoleParts,
  oidc: OidcSignInParts,
): FederationHandler<CompleteInput, unknown> {
  return {
    run: async ({ input, request, nowMs, noteIdentity }) => {
      try {
        const pending = pendingOf(request, oidc.box, nowMs);
        const caller = await callerOf(input, pending, request, nowMs, parts, oidc);
        noteIdentity(caller);
        const { headers } = beginSession(issueSession(caller, nowMs, parts), nowMs, parts);
        return { output: {}, headers: { ...headers, location: pending.returnTo } };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        const location = `${HOME}sign-in?${new URLSearchParams({ error: error.message })}`;
        return { output: {}, headers: { location }, error };
      }
    },
  };
}

async function callerOf(
  { code, state, error }: CompleteInput,
  pending: PendingSignIn,
  request: WireRequest,
  nowMs: number,
  { origin }: ConsoleParts,
  { provider, prove }: OidcSignInParts,
): Promise<Caller> {
  if (error !== undefined) throw refused(`the identity provider answers \`${error.slice(0, 64)}\``);
  if (code === undefined || !isSameSecret(state ?? '', pending.state)) throw notBegun();
  const token = await provider.exchange(code, pending.codeVerifier, redirectUri(origin(request)));
  const caller = await prove(token, request, nowMs);
  // Its signature was right: what it says can be read.
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { readonly nonce?: unknown };
  if (claims.nonce !== pending.nonce) throw notBegun();
  return caller;
}

/** The session that STS would have opened: it ends with the browser's, and not with the token, which is for signing in. */
function issueSession(caller: Caller, nowMs: number, { directory, sessions, random, sessionMs }: ConsoleParts) {
  const role = directory.roleById(caller.principalId)!;
  const accessKeyId = newAccessKeyId('ASIA', caller.accountId, random);
  const expiresAtMs = nowMs + Math.min(sessionMs, role.maxSessionDurationSeconds * SECOND_MS);
  const sessionToken = sessions.issue({
    ...caller.session!,
    ...{ accessKeyId, secretAccessKey: newSecretAccessKey(random), kind: 'assumed-role' },
    ...{ accountId: caller.accountId, principalId: role.id, sessionName: caller.sessionName!, expiresAtMs },
    ...(caller.sourceIdentity !== undefined && { sourceIdentity: caller.sourceIdentity }),
    issuedAtMs: nowMs,
  });
  return { accessKeyId, sessionToken, expiresAtMs };
}

function pendingOf(request: WireRequest, box: SecretBox, nowMs: number): PendingSignIn {
  const cookie = cookieOf(request, SIGN_IN_COOKIE);
  let pending: PendingSignIn | undefined;
  try {
    pending = JSON.parse(box.open(PURPOSE, cookie ?? '')) as PendingSignIn;
  } catch {
    // Not sealed here, or not at all.
  }
  if (!pending || nowMs >= pending.expiresAtMs) throw notBegun();
  return pending;
}

function redirectUri(origin: string): string {
  return `${origin}/api/v1/sign-in/oidc/callback`;
}

/** Nobody is led to another site. */
function ownPage(path = HOME): string {
  return /^\/console\/[\w\-./?=&%,:~+@!]*$/.test(path) ? path : HOME;
}

function notBegun(): Fault {
  return refused('this sign-in was not begun in this browser, or too long ago: begin again');
}

function refused(message: string): Fault {
  return new Fault('IDPRejectedClaimException', message);
}
