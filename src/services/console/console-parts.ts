import type { ConsoleSessions } from '../../identity/console-session.ts';
import type { Directory } from '../../identity/directory.ts';
import type { Caller } from '../../identity/principal.ts';
import type { SessionTokens } from '../../identity/session-token.ts';
import type { SignInProvider } from '../../identity/sign-in-provider.ts';
import type { SecretBox } from '../../kernel/secret-box.ts';
import type { WireRequest } from '../../wire/exchange.ts';

export interface ConsoleParts {
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly consoleSessions: ConsoleSessions;
  readonly random: (bytes: number) => Buffer;
  /** How long somebody stays signed in, at most. */
  readonly sessionMs: number;
  /** The API's description, JSON. */
  readonly openApi: () => Buffer;
  /** `https://tallyline.example.com`: where the browser that asks reaches this server. */
  readonly origin: (request: WireRequest) => string;
  /** Absent: nobody signs in with an identity provider. */
  readonly oidc?: OidcSignInParts;
  /** True: browsers reach this server over TLS, whoever ends it. */
  readonly isSecure: boolean;
}

/** Signing in with an OIDC provider: the role that its token is mapped to is the role of the browser's session. */
export interface OidcSignInParts {
  readonly provider: SignInProvider;
  readonly box: SecretBox;
  /** Who a token stands for, by its signature, the mapping and the role's trust policy; what is wrong with it is thrown. */
  readonly prove: (token: string, request: WireRequest, nowMs: number) => Promise<Caller>;
}
