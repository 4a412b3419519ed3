import type { WireRequest } from './exchange.ts';

/** The console's session; only paths below the API see it. */
export const SESSION_COOKIE = 'tallyline_session';
/** What a sign-in at an identity provider was begun with, while it is under way. */
export const SIGN_IN_COOKIE = 'tallyline_sign_in';

/** The first cookie of a name; undefined when there is none. Values of ours need no quotes. */
export function cookieOf({ headers }: Pick<WireRequest, 'headers'>, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(/[;,]/)) {
    const mark = pair.indexOf('=');
    if (mark > 0 && pair.slice(0, mark).trim() === name) return pair.slice(mark + 1).trim();
  }
  return undefined;
}

export interface CookieOptions {
  /** 0: the browser forgets it now. */
  readonly maxAgeSeconds: number;
  /** True: only over TLS. */
  readonly isSecure: boolean;
  /** `Lax`: also sent when another site leads here, as an identity provider does. */
  readonly sameSite: 'Strict' | 'Lax';
}

/** A `Set-Cookie` that no script can read and only the API gets back. */
export function setCookie(name: string, value: string, options: CookieOptions): string {
  const { maxAgeSeconds, isSecure, sameSite } = options;
  const attributes = `Path=/api/v1; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`;
  return `${name}=${value}; ${attributes}`;
}
