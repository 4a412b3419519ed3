import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../kernel/secret-box.ts';

/** Who signed in to the console: a key, which is looked up again at every request, so that what becomes of it counts at once. */
export interface ConsoleSession {
  readonly accessKeyId: string;
  /** Of temporary credentials; absent for long-term ones. */
  readonly sessionToken?: string;
  /** What pages send along with every request, and no other site knows. */
  readonly csrfToken: string;
  readonly expiresAtMs: number;
}

interface SealedSession {
  readonly accessKeyId: string;
  readonly csrfToken: string;
  readonly expiresAtMs: number;
  /** SHA-256 of the session token that travels beside; absent when there is none. */
  readonly tokenDigest?: string;
}

const PURPOSE = 'console-session';
/** Browsers keep 4,096 bytes of a cookie, its name and attributes among them. */
const COOKIE_CHARACTERS_MAX = 3_900;

/** Sessions of browsers, kept nowhere: the browser carries them, sealed, in a cookie that no script can read. */
export class ConsoleSessions {
  readonly #box: SecretBox;

  constructor(box: SecretBox) {
    this.#box = box;
  }

  /** The cookie's value; undefined when it is longer than browsers keep. A session token is sealed already, and stands beside. */
  seal({ sessionToken, ...session }: ConsoleSession): string | undefined {
    const sealed: SealedSession = {
      ...session,
      ...(sessionToken !== undefined && { tokenDigest: digest(sessionToken) }),
    };
    // Both are base64url, in which there is no dot.
    const value = [this.#box.seal(PURPOSE, JSON.stringify(sealed)), sessionToken ?? []].flat().join('.');
    return value.length > COOKIE_CHARACTERS_MAX ? undefined : value;
  }

  /** Undefined for what this installation did not seal, or what has run out. */
  open(value: string, nowMs: number): ConsoleSession | undefined {
    if (value.length > COOKIE_CHARACTERS_MAX) return undefined;
    const sealed = this.#unseal(value.split('.'));
    return sealed && nowMs < sealed.expiresAtMs ? sealed : undefined;
  }

  #unseal([text = '', sessionToken]: readonly string[]): ConsoleSession | undefined {
    let opened: SealedSession;
    try {
      opened = JSON.parse(this.#box.open(PURPOSE, text)) as SealedSession;
    } catch {
      return undefined;
    }
    const { tokenDigest, ...session } = opened;
    if (tokenDigest !== (sessionToken === undefined ? undefined : digest(sessionToken))) return undefined;
    return { ...session, ...(sessionToken !== undefined && { sessionToken }) };
  }
}

/** In constant time. */
export function isSameSecret(presented: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(digest(presented)), Buffer.from(digest(expected)));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
