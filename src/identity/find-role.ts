import { parseArn, roleArn } from '../kernel/arn.ts';
import { Fault } from '../kernel/fault.ts';
import type { Directory } from './directory.ts';
import type { Role } from './role.ts';

export interface FoundRole {
  readonly accountId: string;
  /** Undefined when there is no such role, or its account is closed: answered in the same words as one that does not trust the caller. */
  readonly role: Role | undefined;
}

/** The role that a request names. Throws ValidationException for what is no ARN. */
export function findRole(directory: Directory, arn: string): FoundRole {
  const parsed = parseArn(arn);
  if (!parsed) throw new Fault('ValidationException', `${arn} is invalid`);
  const role = directory.role(parsed.accountId, arn.slice(arn.lastIndexOf('/') + 1));
  const isMeant =
    role && roleArn(role.accountId, role.path, role.name) === arn && !directory.isSuspended(role.accountId);
  return { accountId: parsed.accountId, role: isMeant ? role : undefined };
}
