import type { Directory } from '../../identity/directory.ts';
import type { User } from '../../identity/user.ts';
import { userArn } from '../../kernel/arn.ts';
import { DAY_MS } from '../../kernel/time.ts';
import type { Finding, FindingKind, Severity } from './finding.ts';

/** A key that nobody has used for this long is kept for nothing. */
const UNUSED_DAYS = 90;

/** Keys that several people may hold, or that nobody holds any more. */
export function keyFindings(user: User, directory: Directory, nowMs: number): Finding[] {
  const found = (kind: FindingKind, severity: Severity, risk: string, fix: string): Finding => {
    return { kind, severity, subjectArn: userArn(user.accountId, user.path, user.name), risk, fix };
  };
  const active = directory.accessKeysOf(user.id).filter(({ status }) => status === 'Active');
  const apiKeys = directory
    .serviceCredentialsOf(user.id)
    .filter(({ status, expiresAtMs }) => status === 'Active' && (expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs);
  return [
    ...(active.length > 1
      ? [
          found(
            'two-active-keys',
            'low',
            'has two access keys in force, so that two people may be one user in the bill',
            `make a user for each person, or end one: \`aws iam update-access-key --user-name ${user.name} --access-key-id ${active[0]!.id} --status Inactive\``,
          ),
        ]
      : []),
    ...active
      .filter(({ id, createdAtMs }) => nowMs - (directory.lastKeyUse(id)?.atMs ?? createdAtMs) > UNUSED_DAYS * DAY_MS)
      .map(({ id }) =>
        found(
          'key-unused',
          'low',
          `has the access key ${id}, unused for more than ${UNUSED_DAYS} days: who finds it spends in its name`,
          `end it: \`aws iam delete-access-key --user-name ${user.name} --access-key-id ${id}\``,
        ),
      ),
    ...(apiKeys.length > 1
      ? [
          found(
            'api-key-shared',
            'low',
            `has ${apiKeys.length} Bedrock API keys in force, which are one user in the bill`,
            'make a user for each person or application, with one key each',
          ),
        ]
      : []),
    ...apiKeys
      .filter(({ expiresAtMs }) => expiresAtMs === undefined)
      .map(({ id }) =>
        found(
          'api-key-without-end',
          'low',
          `has the Bedrock API key ${id}, which never expires and can be handed on`,
          `make one that does: \`aws iam create-service-specific-credential --user-name ${user.name} --service-name bedrock.amazonaws.com --credential-age-days 90\``,
        ),
      ),
  ];
}
