import type { Directory } from '../../identity/directory.ts';
import { type HypotheticalSession, hypotheticalCaller } from '../../identity/hypothetical-caller.ts';
import type { Caller } from '../../identity/principal.ts';
import { parseArn, roleArn, userArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';

/** Whose request is asked about. */
export interface PrincipalInput {
  /** Name or ARN of a user or role, ARN of a role session or of the account's root. */
  readonly Principal?: string;
  /** For a role; absent: `explain`. */
  readonly SessionName?: string;
  readonly SessionTags?: Readonly<Record<string, string>>;
  readonly SourceIdentity?: string;
}

const DEFAULT_SESSION_NAME = 'explain';

/** The caller that the principal would be. Throws ValidationException when there is none, or it is not for the asker. */
export function askedPrincipal(
  directory: Directory,
  { caller, input, nowMs }: Pick<OperationCall<PrincipalInput>, 'caller' | 'input' | 'nowMs'>,
): Caller {
  const { Principal: asked = '' } = input;
  const arn = parseArn(asked);
  const accountId = arn?.accountId ?? caller.accountId;
  const isForAsker = accountId === caller.accountId || directory.account(caller.accountId)?.isManagement;
  const session = (sessionName: string): HypotheticalSession => ({
    sessionName: input.SessionName ?? sessionName,
    sessionTags: new Map(Object.entries(input.SessionTags ?? {})),
    ...(input.SourceIdentity !== undefined && { sourceIdentity: input.SourceIdentity }),
  });
  const found = isForAsker ? findPrincipal(directory, accountId, arn ? arn.resource : asked, asked) : undefined;
  if (!found) {
    throw new Fault(
      'ValidationException',
      `there is no user or role \`${asked}\`: use a name, or the ARN of a principal`,
    );
  }
  return hypotheticalCaller(found.principal, session(found.sessionName), nowMs);
}

interface FoundPrincipal {
  readonly principal: Parameters<typeof hypotheticalCaller>[0];
  readonly sessionName: string;
}

/** `resource` is the last part of an ARN, or a bare name. A user goes before a role of the same name. */
function findPrincipal(
  directory: Directory,
  accountId: string,
  resource: string,
  asked: string,
): FoundPrincipal | undefined {
  const parts = resource.split('/');
  const name = parts.at(-1)!;
  const account = resource === 'root' ? directory.account(accountId) : undefined;
  if (account) return { principal: account, sessionName: DEFAULT_SESSION_NAME };
  if (parts[0] === 'assumed-role' && parts.length === 3) {
    const role = directory.role(accountId, parts[1]!);
    return role && { principal: role, sessionName: name };
  }
  const user = directory.user(accountId, name);
  const role = directory.role(accountId, name);
  const isBareName = asked === resource;
  if (user && (isBareName || userArn(accountId, user.path, user.name) === asked)) {
    return { principal: user, sessionName: DEFAULT_SESSION_NAME };
  }
  if (role && (isBareName || roleArn(accountId, role.path, role.name) === asked)) {
    return { principal: role, sessionName: DEFAULT_SESSION_NAME };
  }
  return undefined;
}
