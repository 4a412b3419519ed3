import { NO_TAGS } from '../kernel/tags.ts';
import type { AccessKey } from './access-key.ts';
import type { Account } from './account.ts';
import type { Directory } from './directory.ts';
import { put } from './directory-records.ts';
import { newAccessKeyId, newSecretAccessKey, newUniqueId, type RandomBytes } from './identifier.ts';
import { newOrganization } from './organization-founding.ts';
import { NO_POLICIES } from './policy-holder.ts';
import type { User } from './user.ts';

/** The management account, which pays for all others. */
export interface BootstrapRequest {
  /** Twelve digits. */
  readonly id: string;
  readonly name: string;
  readonly nowMs: number;
  readonly random: RandomBytes;
  /**
   * Told the key before it is in force, to keep it: whatever happens then leaves a key that opens nothing, and never an
   * administrator whose key nobody has. Absent: the caller keeps what is returned.
   */
  readonly keep?: (key: AdministratorKey) => void;
}

/** The administrator's access key. The secret is told this once and cannot be read again. */
export interface AdministratorKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const ADMINISTRATOR = 'admin';
const ADMINISTRATOR_ACCESS = 'arn:aws:iam::aws:policy/AdministratorAccess';

/**
 * Creates the management account of a new organization with the IAM user `admin`, who has AdministratorAccess and one access key: all of it
 * or nothing. Throws RecordConflict when the account exists.
 */
export async function bootstrap(directory: Directory, request: BootstrapRequest): Promise<AdministratorKey> {
  const { id: accountId, name, nowMs, random } = request;
  const account: Account = { version: 0, id: accountId, name, isManagement: true, createdAtMs: nowMs };
  const user: User = {
    version: 0,
    accountId,
    id: newUniqueId('AIDA', random),
    name: ADMINISTRATOR,
    path: '/',
    createdAtMs: nowMs,
    tags: NO_TAGS,
    ...NO_POLICIES,
    attachedPolicyArns: [ADMINISTRATOR_ACCESS],
    groupIds: [],
  };
  const secretAccessKey = newSecretAccessKey(random);
  const accessKey: AccessKey = {
    version: 0,
    id: newAccessKeyId('AKIA', accountId, random),
    accountId,
    ownerId: user.id,
    sealedSecret: directory.sealSecret(secretAccessKey),
    status: 'Active',
    createdAtMs: nowMs,
  };
  const key = { accessKeyId: accessKey.id, secretAccessKey };
  request.keep?.(key);
  const organization = newOrganization({ managementAccountId: accountId, nowMs, random });
  await directory.write([
    put('account', account),
    put('organization', organization),
    put('user', user),
    put('access-key', accessKey),
  ]);
  return key;
}
