import { parseArn } from '../../kernel/arn.ts';
import { isoSeconds, MINUTE_MS } from '../../kernel/time.ts';
import type { QueryAnswer } from '../query-call.ts';

/** Temporary credentials of a role session, as STS gave them. */
export interface WorkloadCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** ARN of the session: the identity that the cost then has. */
  readonly sessionArn: string;
}

/**
 * How long before the end new ones are fetched: a quarter of their life, at most this. botocore asks for new ones from 15
 * minutes before the end on, and should then get them.
 */
const REFRESH_MARGIN_MS = 16 * MINUTE_MS;

export function refreshAtMs({ issuedAtMs, expiresAtMs }: WorkloadCredentials): number {
  return expiresAtMs - Math.min(REFRESH_MARGIN_MS, (expiresAtMs - issuedAtMs) / 4);
}

/** Of an answer to AssumeRole, AssumeRoleWithWebIdentity or AssumeRoleWithSAML. */
export function readCredentials(answer: QueryAnswer, nowMs: number): WorkloadCredentials {
  return {
    accessKeyId: answer.required('AccessKeyId'),
    secretAccessKey: answer.required('SecretAccessKey'),
    sessionToken: answer.required('SessionToken'),
    issuedAtMs: nowMs,
    expiresAtMs: Date.parse(answer.required('Expiration')),
    sessionArn: answer.required('Arn'),
  };
}

/** What a `credential_process` prints: version 1 of its form. */
export function processJson(credentials: WorkloadCredentials): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: isoSeconds(credentials.expiresAtMs),
    AccountId: parseArn(credentials.sessionArn)?.accountId,
  });
}

/** What a container credentials endpoint answers. */
export function containerJson(credentials: WorkloadCredentials, roleArn: string): string {
  return JSON.stringify({
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: isoSeconds(credentials.expiresAtMs),
    RoleArn: roleArn,
    AccountId: parseArn(credentials.sessionArn)?.accountId,
  });
}
