import { isSameSecret } from '../../identity/console-session.ts';
import { credentialInForce, requireUnexpired } from '../../identity/identify.ts';
import { Fault } from '../../kernel/fault.ts';
import { requireOwnSite } from '../../paths/console-session.ts';
import type { FederationHandler } from '../../paths/federation-handler.ts';
import { beginSession } from './begin-session.ts';
import type { ConsoleParts } from './console-parts.ts';

interface SignInInput {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Exchanges an access key, or temporary credentials, for a session of the browser. The secret is not kept. */
export function signIn(parts: ConsoleParts): FederationHandler<SignInInput, unknown> {
  return {
    run: async ({ input, request, nowMs, noteIdentity }) => {
      requireOwnSite(request);
      const { accessKeyId, secretAccessKey, sessionToken } = input;
      const credential = credentialInForce(parts.directory, parts.sessions, input);
      if (!credential || !isSameSecret(secretAccessKey, credential.secretAccessKey)) throw refused();
      noteIdentity(credential.caller);
      requireUnexpired(credential, nowMs);
      parts.directory.noteKeyUse(accessKeyId, { atMs: nowMs, service: 'tallyline', region: 'us-east-1' });
      const expiresAtMs = Math.min(nowMs + parts.sessionMs, credential.expiresAtMs ?? Number.POSITIVE_INFINITY);
      return beginSession(
        { accessKeyId, ...(sessionToken !== undefined && { sessionToken }), expiresAtMs },
        nowMs,
        parts,
      );
    },
  };
}

/** The same for an unknown key and a wrong secret. */
function refused(): Fault {
  return new Fault('UnrecognizedClientException', 'the access key or its secret is not right: check both');
}
