import type { AuditRecord, UserIdentity } from './audit-record.ts';
import { isDenied } from './error-code.ts';

/** What a look-up asks for; what is absent does not matter. Texts are compared letter by letter. */
export interface EventFilter {
  readonly eventId?: string | undefined;
  readonly eventName?: string | undefined;
  /** `iam.amazonaws.com` or `iam`. */
  readonly eventSource?: string | undefined;
  readonly isReadOnly?: boolean | undefined;
  /** As `usernameOf` says. */
  readonly username?: string | undefined;
  /** Anything that names the caller: user name, ARN, unique id, role, session, source identity. */
  readonly caller?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly sourceIp?: string | undefined;
  readonly resourceType?: string | undefined;
  readonly resourceName?: string | undefined;
  /** Only calls that were refused because of who called. */
  readonly isDenied?: boolean | undefined;
  /** Calls of this account, or of others to its roles. */
  readonly accountId?: string | undefined;
}

export interface EventResource {
  readonly type: string;
  readonly name: string;
}

/** Members that name a resource, at whatever depth, and its type as CloudTrail calls it. */
const RESOURCE_MEMBERS: Readonly<Record<string, string>> = {
  accessKeyId: 'AWS::IAM::AccessKey',
  exportArn: 'AWS::BCMDataExports::Export',
  groupName: 'AWS::IAM::Group',
  modelId: 'AWS::Bedrock::FoundationModel',
  openIDConnectProviderArn: 'AWS::IAM::OIDCProvider',
  policyArn: 'AWS::IAM::Policy',
  roleArn: 'AWS::IAM::Role',
  roleName: 'AWS::IAM::Role',
  sAMLProviderArn: 'AWS::IAM::SAMLProvider',
  serviceSpecificCredentialId: 'AWS::IAM::ServiceSpecificCredential',
  userName: 'AWS::IAM::User',
};
/** Members of an answer that stand for what was made; their `arn` names it. */
const MADE: Readonly<Record<string, string>> = {
  group: 'AWS::IAM::Group',
  policy: 'AWS::IAM::Policy',
  role: 'AWS::IAM::Role',
  user: 'AWS::IAM::User',
};

export function matchesEvent(record: AuditRecord, filter: EventFilter): boolean {
  const { userIdentity } = record;
  const is = (wanted: string | boolean | undefined, found: string | boolean | undefined) =>
    wanted === undefined || wanted === found;
  return (
    is(filter.eventId, record.eventID) &&
    is(filter.eventName, record.eventName) &&
    (is(filter.eventSource, record.eventSource) || `${filter.eventSource}.amazonaws.com` === record.eventSource) &&
    is(filter.isReadOnly, record.readOnly) &&
    is(filter.isDenied || undefined, isDenied(record.errorCode)) &&
    is(filter.accessKeyId, userIdentity.accessKeyId) &&
    is(filter.sourceIp, record.sourceIPAddress) &&
    is(filter.username, usernameOf(record)) &&
    (filter.caller === undefined || namesOf(userIdentity).includes(filter.caller)) &&
    (filter.accountId === undefined || concerns(record, filter.accountId)) &&
    hasResource(record, filter)
  );
}

/** `Username` of LookupEvents: the session name of a role session; undefined where nobody is known. */
export function usernameOf({ userIdentity }: AuditRecord): string | undefined {
  const { type, userName, principalId } = userIdentity;
  if (type === 'Root') return 'root';
  return userName ?? principalId?.slice(principalId.indexOf(':') + 1);
}

/** What the call was about, each once. */
export function resourcesOf({ resources = [], requestParameters, responseElements }: AuditRecord): EventResource[] {
  const found = new Map<string, EventResource>();
  const add = (type: string, name: unknown) => {
    if (typeof name === 'string' && name !== '') found.set(`${type} ${name}`, { type, name });
  };
  for (const { type, ARN } of resources) add(type, ARN);
  for (const [member, value] of Object.entries(requestParameters ?? {})) {
    const type = RESOURCE_MEMBERS[member];
    if (type) add(type, value);
  }
  for (const [member, made] of Object.entries(responseElements ?? {})) {
    const { arn, accessKeyId } = (made ?? {}) as { readonly arn?: unknown; readonly accessKeyId?: unknown };
    const type = MADE[member];
    if (type) add(type, arn);
    if (member === 'accessKey') add('AWS::IAM::AccessKey', accessKeyId);
  }
  return [...found.values()];
}

function hasResource(record: AuditRecord, { resourceType, resourceName }: EventFilter): boolean {
  if (resourceType === undefined && resourceName === undefined) return true;
  return resourcesOf(record).some(
    ({ type, name }) =>
      (resourceType === undefined || type === resourceType) && (resourceName === undefined || name === resourceName),
  );
}

function concerns({ recipientAccountId, resources = [] }: AuditRecord, accountId: string): boolean {
  return recipientAccountId === accountId || resources.some((resource) => resource.accountId === accountId);
}

function namesOf({ userName, arn, principalId, sessionContext }: UserIdentity): (string | undefined)[] {
  const issuer = sessionContext?.sessionIssuer;
  const [id, sessionName] = principalId?.split(':') ?? [];
  const names = [userName, arn, principalId, id, sessionName];
  return [...names, issuer?.userName, issuer?.arn, sessionContext?.sourceIdentity];
}
