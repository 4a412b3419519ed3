import { consoleSessionOf, notSignedIn, requireOwnSite } from '../paths/console-session.ts';
import type { FederationTable } from '../paths/federation-handler.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { SESSION_COOKIE, setCookie } from '../wire/cookie.ts';
import { WordedBody } from '../wire/encode.ts';
import type { ConsoleParts } from './console/console-parts.ts';
import { type ExportFileParts, getExportFile } from './console/export-file.ts';
import { completeOidcSignIn, getOidcSignIn } from './console/oidc-sign-in.ts';
import { signIn } from './console/sign-in.ts';

/** Signing in to the console and out of it. Everything else that its pages ask is an operation of another service. */
export function consoleSignIn(parts: ConsoleParts): FederationTable {
  return {
    GetSignInOptions: { run: async () => ({ output: { oidc: parts.oidc !== undefined } }) },
    GetOpenApi: { run: async () => ({ output: new WordedBody(parts.openApi()) }) },
    SignIn: signIn(parts),
    ...(parts.oidc && {
      GetOidcSignIn: getOidcSignIn(parts, parts.oidc),
      CompleteOidcSignIn: completeOidcSignIn(parts, parts.oidc),
    }),
    SignOut: {
      run: async ({ request }) => {
        requireOwnSite(request);
        const cookie = setCookie(SESSION_COOKIE, '', {
          maxAgeSeconds: 0,
          isSecure: parts.isSecure,
          sameSite: 'Strict',
        });
        return { output: {}, headers: { 'set-cookie': cookie } };
      },
    },
  };
}

export function consoleOperations(parts: Pick<ConsoleParts, 'consoleSessions'> & ExportFileParts): OperationTable {
  const { consoleSessions } = parts;
  const getSession: OperationHandler<object, unknown> = {
    access: { self: 'tallyline:GetConsoleSession' },
    run: ({ request, nowMs }) => {
      const session = consoleSessionOf(request, consoleSessions, nowMs);
      // Whoever signs has none.
      if (!session) throw notSignedIn();
      return { csrfToken: session.csrfToken, expiresAt: new Date(session.expiresAtMs) };
    },
  };
  return { GetSession: getSession, GetExportFile: getExportFile(parts) };
}
