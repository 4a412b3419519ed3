import { RecentMap } from '../kernel/recent-map.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import { sortedTagPairs, type TagSet } from '../kernel/tags.ts';
import type { CallerKind, SessionFacts } from './principal.ts';

/** Everything a temporary credential stands for. Kept nowhere: the client carries it, sealed, as its session token. */
export interface Session extends SessionFacts {
  /** `ASIA...`; a token is good with this access key alone. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly kind: CallerKind;
  readonly accountId: string;
  /** Unique id of the role (role sessions) or of the user (all others), or the account id for root. */
  readonly principalId: string;
  /** Role sessions and federated users only. */
  readonly sessionName?: string;
  readonly sourceIdentity?: string;
}

/** Keeps sealed session tokens apart from everything else that is sealed. */
const PURPOSE = 'session-token';

/** Opened tokens that are kept in memory; the longest unused ones go first. About 2 KB each. */
const CACHED_TOKENS = 20_000;

/**
 * Longest token that is looked at. What AssumeRole accepts is sealed in less (see `packed-policy-size.ts` of STS), and
 * HTTP headers end at 16 KB.
 */
const LONGEST_TOKEN = 16_384;

type TagPairs = readonly (readonly [string, string])[];
type SealedSession = Omit<Session, 'sessionTags'> & { readonly sessionTags: TagPairs };

/** Issues session tokens and opens them again: any node that has the master key can, without asking anybody. */
export class SessionTokens {
  readonly #box: SecretBox;
  /** Tokens that did not open are not kept: they would push out those that do. */
  readonly #opened = new RecentMap<string, Session>(CACHED_TOKENS);

  constructor(box: SecretBox) {
    this.#box = box;
  }

  issue(session: Session): string {
    const sealed: SealedSession = { ...session, sessionTags: sortedTagPairs(session.sessionTags) };
    return this.#box.seal(PURPOSE, JSON.stringify(sealed));
  }

  /** The same object for the same token, while it is remembered. Undefined when this installation did not issue it. */
  open(token: string): Session | undefined {
    const known = this.#opened.get(token);
    if (known) return known;
    const session = this.#unseal(token);
    if (!session) return undefined;
    this.#opened.set(token, session);
    return session;
  }

  /** A master key is gone: what it opened is looked at anew. */
  forgetOpened(): void {
    this.#opened.clear();
  }

  #unseal(token: string): Session | undefined {
    if (token.length > LONGEST_TOKEN) return undefined;
    let text: string;
    try {
      text = this.#box.open(PURPOSE, token);
    } catch {
      return undefined;
    }
    const sealed = JSON.parse(text) as SealedSession;
    const sessionTags: TagSet = new Map(sealed.sessionTags);
    return { ...sealed, sessionTags };
  }
}
