import type { Directory } from '../../identity/directory.ts';
import type { RandomBytes } from '../../identity/identifier.ts';
import type { SessionTokens } from '../../identity/session-token.ts';
import type { AuthorizationMessages } from '../../policy/authorization-message.ts';

/** What the operations of STS work with. */
export interface StsParts {
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly random: RandomBytes;
  readonly authorizationMessages: AuthorizationMessages;
}
