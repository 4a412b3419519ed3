import type { GenerateCredentialReportResponse, GetCredentialReportResponse } from '@aws-sdk/client-iam';
import type { AccessKey } from '../../identity/access-key.ts';
import type { Directory } from '../../identity/directory.ts';
import { rootArn, userArn } from '../../kernel/arn.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { IamParts } from './iam-parts.ts';
import { nameKey } from './page.ts';
import { QUOTAS } from './quota.ts';

const COLUMNS = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  ...[1, 2].flatMap((number) =>
    ['active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service'].map(
      (fact) => `access_key_${number}_${fact}`,
    ),
  ),
  ...[1, 2].flatMap((number) => [`cert_${number}_active`, `cert_${number}_last_rotated`]),
];

/** Nobody has a password, a second factor or a certificate here. */
const NO_PASSWORD = ['false', 'N/A', 'N/A', 'N/A', 'false'];
const NO_CERTIFICATES = ['false', 'N/A', 'false', 'N/A'];
const NO_KEY = ['false', 'N/A', 'N/A', 'N/A', 'N/A'];

/** The report is made when it is asked for, so it is always complete and of this moment. */
export function credentialReportOperations({ directory }: IamParts): OperationTable {
  const generate: OperationHandler<object, GenerateCredentialReportResponse> = {
    access: () => [{ action: 'iam:GenerateCredentialReport', resource: '*' }],
    run: () => ({ State: 'COMPLETE' }),
  };
  const get: OperationHandler<object, GetCredentialReportResponse> = {
    access: () => [{ action: 'iam:GetCredentialReport', resource: '*' }],
    run: ({ caller, nowMs }) => ({
      Content: Buffer.from(report(directory, caller.accountId)),
      ReportFormat: 'text/csv',
      GeneratedTime: new Date(nowMs),
    }),
  };
  return { GenerateCredentialReport: generate, GetCredentialReport: get };
}

function report(directory: Directory, accountId: string): string {
  const account = directory.account(accountId)!;
  const users = [...directory.users(accountId)].sort((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1));
  const rows = [
    row('<root_account>', rootArn(accountId), account.createdAtMs, account.id, directory),
    ...users.map(({ name, path, id, createdAtMs }) =>
      row(name, userArn(accountId, path, name), createdAtMs, id, directory),
    ),
  ];
  return [COLUMNS, ...rows].map((cells) => cells.join(',')).join('\n');
}

function row(user: string, arn: string, createdAtMs: number, ownerId: string, directory: Directory): string[] {
  const keys = directory.accessKeysOf(ownerId).slice(0, QUOTAS.AccessKeysPerUser);
  const keyCells = [0, 1].flatMap((index) => (keys[index] ? accessKeyCells(keys[index], directory) : NO_KEY));
  // Names may hold commas.
  const name = user.includes(',') ? `"${user}"` : user;
  const quotedArn = arn.includes(',') ? `"${arn}"` : arn;
  return [name, quotedArn, isoTime(createdAtMs), ...NO_PASSWORD, ...keyCells, ...NO_CERTIFICATES];
}

function accessKeyCells(key: AccessKey, directory: Directory): string[] {
  const use = directory.lastKeyUse(key.id);
  const used = use ? [isoTime(use.atMs), use.region, use.service] : ['N/A', 'N/A', 'N/A'];
  return [String(key.status === 'Active'), isoTime(key.createdAtMs), ...used];
}

/** `2026-05-01T12:00:00+00:00`, as the report writes times. */
function isoTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, '+00:00');
}
