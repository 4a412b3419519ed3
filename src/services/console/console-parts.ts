import type { ConsoleSessions } from '../../identity/console-session.ts';
import type { Directory } from '../../identity/directory.ts';
import type { SessionTokens } from '../../identity/session-token.ts';

export interface ConsoleParts {
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly consoleSessions: ConsoleSessions;
  readonly random: (bytes: number) => Buffer;
  /** How long somebody stays signed in, at most. */
  readonly sessionMs: number;
  /** The API's description, JSON. */
  readonly openApi: () => Buffer;
  /** True: browsers reach this server over TLS, whoever ends it. */
  readonly isSecure: boolean;
}
