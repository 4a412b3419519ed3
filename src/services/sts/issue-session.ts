import type { Credentials } from '@aws-sdk/client-sts';
import { newAccessKeyId, newSecretAccessKey } from '../../identity/identifier.ts';
import type { Session } from '../../identity/session-token.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { StsParts } from './sts-parts.ts';

/** A session but for what is given to it when it is issued. */
export type SessionGrant = Omit<Session, 'accessKeyId' | 'secretAccessKey' | 'issuedAtMs' | 'expiresAtMs'>;

/** Temporary credentials, good from this second for so many seconds. */
export function issueSession(
  { sessions, random }: StsParts,
  grant: SessionGrant,
  nowMs: number,
  durationSeconds: number,
): Credentials {
  const issuedAtMs = Math.floor(nowMs / SECOND_MS) * SECOND_MS;
  const session: Session = {
    ...grant,
    accessKeyId: newAccessKeyId('ASIA', grant.accountId, random),
    secretAccessKey: newSecretAccessKey(random),
    issuedAtMs,
    expiresAtMs: issuedAtMs + durationSeconds * SECOND_MS,
  };
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: sessions.issue(session),
    Expiration: new Date(session.expiresAtMs),
  };
}
