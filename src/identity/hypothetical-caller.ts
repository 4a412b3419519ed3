import type { TagSet } from '../kernel/tags.ts';
import { HOUR_MS } from '../kernel/time.ts';
import type { Account } from './account.ts';
import { roleCaller, rootCaller, userCaller } from './identify.ts';
import type { Caller } from './principal.ts';
import type { Role } from './role.ts';
import type { User } from './user.ts';

/** What a session of a role would be opened with. */
export interface HypotheticalSession {
  readonly sessionName: string;
  readonly sessionTags: TagSet;
  /** Absent: none. */
  readonly sourceIdentity?: string;
}

/** What a request would come from that is only asked about; no access key stands behind it. */
const NO_KEY = '';

/** The caller that somebody's next request would have, to ask policies about it. It proves nothing. */
export function hypotheticalCaller(
  principal: User | Role | Account,
  session: HypotheticalSession,
  nowMs: number,
): Caller {
  if ('isManagement' in principal) return rootCaller(principal, NO_KEY);
  if (!('trustPolicy' in principal)) return userCaller(principal, NO_KEY);
  return roleCaller(
    {
      accessKeyId: NO_KEY,
      issuedBy: 'AssumeRole',
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + HOUR_MS,
      transitiveTagKeys: [],
      ...session,
    },
    principal,
  );
}
