import type { FederatedIdentity } from '../identity/federated-identity.ts';
import type { Caller } from '../identity/principal.ts';
import type { User } from '../identity/user.ts';
import { rootArn, userArn } from '../kernel/arn.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { WireRequest } from '../wire/exchange.ts';
import type { SessionContext, UserIdentity } from './audit-record.ts';
import { auditText } from './audit-values.ts';

/** Access keys look like this; what does not is not repeated, because it may be a secret in the wrong place. */
const ACCESS_KEY_ID = /^A[A-Z0-9]{15,31}$/;

/** Who called, in CloudTrail's shapes. `issuer`: the user behind a federated user; absent where root is. */
export function userIdentityOf(caller: Caller, issuer?: User): UserIdentity {
  const { arn, accountId, accessKeyId, userId, userName, session } = caller;
  const common = { principalId: userId, arn, accountId, accessKeyId };
  const context = session && sessionContextOf(caller, issuer);
  switch (caller.kind) {
    case 'user':
      return { type: 'IAMUser', ...common, userName: userName!, ...(context && { sessionContext: context }) };
    case 'root':
      return { type: 'Root', ...common, ...(context && { sessionContext: context }) };
    case 'assumed-role':
      return { type: 'AssumedRole', ...common, ...(context && { sessionContext: context }) };
    case 'federated-user':
      return { type: 'FederatedUser', ...common, ...(context && { sessionContext: context }) };
  }
}

/**
 * Somebody whom an identity provider vouched for, before there is a session: `provider:audience:subject` for a web identity,
 * as in AWS's records of GitHub's tokens; for SAML the name qualifier and the subject.
 */
export function federatedUserIdentity({ type, providerArn, subject, contextKeys }: FederatedIdentity): UserIdentity {
  const qualifier = type === 'SAMLUser' ? contextKeys.get('saml:namequalifier')?.[0] : undefined;
  const identityProvider = auditText(qualifier ?? providerArn);
  const userName = auditText(subject);
  const audience = [...contextKeys].find(([key]) => type === 'WebIdentityUser' && key.endsWith(':aud'))?.[1][0];
  const parts = [identityProvider, ...(audience === undefined ? [] : [auditText(audience)]), userName];
  return { type, principalId: parts.join(':'), userName, identityProvider };
}

/** A caller that was not proven: all there is to say is which access key it claimed to have. */
export function unknownUserIdentity(request: WireRequest): UserIdentity {
  const accessKeyId = presentedAccessKeyId(request);
  return { type: 'Unknown', ...(accessKeyId !== undefined && { accessKeyId }) };
}

/** The region in the request's credential scope, believed or not; undefined when none can be read. */
export function presentedRegion(request: WireRequest): string | undefined {
  return /^[a-z]{2}(-[a-z]+)+-\d$/.exec(presentedCredential(request)[2] ?? '')?.[0];
}

function presentedAccessKeyId(request: WireRequest): string | undefined {
  return ACCESS_KEY_ID.exec(presentedCredential(request)[0] ?? '')?.[0];
}

/** `keyid/date/region/service/term`, from the header or a signed URL. */
function presentedCredential({ headers, query }: WireRequest): string[] {
  const inHeader = /^AWS4-[^\s]+ .*?Credential=([^\s,]{1,256})/.exec(headers.authorization ?? '')?.[1];
  const inQuery = /(?:^|&)X-Amz-Credential=([^&]{1,256})/.exec(query)?.[1];
  return (inHeader ?? inQuery?.replaceAll('%2F', '/') ?? '').split('/');
}

function sessionContextOf(caller: Caller, issuer: User | undefined): SessionContext {
  const { session, sourceIdentity } = caller;
  const sessionIssuer = issuerOf(caller, issuer);
  const federatedProvider = session!.issuedBy === 'AssumeRoleWithWebIdentity' ? session!.federatedProvider : undefined;
  return {
    ...(sessionIssuer && { sessionIssuer }),
    ...(federatedProvider !== undefined && { webIdFederationData: { federatedProvider, attributes: {} } }),
    // There are no MFA devices here.
    attributes: { creationDate: isoSeconds(session!.issuedAtMs), mfaAuthenticated: 'false' },
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
}

/** The role of a role session, the user or root behind a federated user; GetSessionToken's sessions have none. */
function issuerOf(caller: Caller, issuer: User | undefined): SessionContext['sessionIssuer'] {
  const { kind, principalArn, principalId, accountId, roleName } = caller;
  if (kind === 'assumed-role') {
    return { type: 'Role', principalId, arn: principalArn, accountId, userName: roleName! };
  }
  if (kind !== 'federated-user') return undefined;
  if (!issuer) return { type: 'Root', principalId, arn: rootArn(accountId), accountId };
  const { name, path } = issuer;
  return { type: 'IAMUser', principalId, arn: userArn(accountId, path, name), accountId, userName: name };
}
