import type { AssumedRoleUser, Credentials, PolicyDescriptorType } from '@aws-sdk/client-sts';
import type { Directory } from '../../identity/directory.ts';
import type { FederatedIdentity } from '../../identity/federated-identity.ts';
import type { Role } from '../../identity/role.ts';
import { assumedRoleArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { FederationCall } from '../../paths/federation-handler.ts';
import { requestFacts } from '../../paths/request-facts.ts';
import { authorizeFederatedAssumeRole } from '../../policy/assume-role.ts';
import { requestContext, withContext } from '../../policy/context.ts';
import { federatedDeniedMessage } from '../../policy/denied-message.ts';
import { organizationContext } from '../../policy/organization-context.ts';
import type { FoundRole } from './find-role.ts';
import { issueSession, type SessionGrant } from './issue-session.ts';
import { packedPolicySize } from './packed-policy-size.ts';
import { DEFAULT_DURATION_SECONDS, requireRoleAllowsDuration } from './session-duration.ts';
import { readSessionPolicies } from './session-policies.ts';
import type { StsParts } from './sts-parts.ts';

/** What AssumeRoleWithWebIdentity and AssumeRoleWithSAML have in common in their requests. */
export interface FederatedInput {
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
  readonly PolicyArns?: PolicyDescriptorType[] | undefined;
}

export interface FederatedSessionRequest {
  readonly issuedBy: 'AssumeRoleWithWebIdentity' | 'AssumeRoleWithSAML';
  readonly identity: FederatedIdentity;
  readonly found: FoundRole;
  readonly roleArn: string;
  readonly sessionName: string;
  /** The provider's own limit, which only shortens the session; absent: none. */
  readonly longestSeconds?: number;
}

export interface FederatedSessionAnswer {
  readonly AssumedRoleUser: AssumedRoleUser;
  readonly Credentials: Credentials;
  readonly PackedPolicySize?: number;
  readonly SourceIdentity?: string;
}

/**
 * Opens a role session for an identity that has been verified, when the role's trust policy allows it. Throws
 * AccessDeniedException in the same words whether the role is missing or does not trust the identity.
 */
export function openFederatedSession(
  parts: StsParts,
  call: FederationCall<FederatedInput>,
  request: FederatedSessionRequest,
): FederatedSessionAnswer {
  const { identity, sessionName, issuedBy, found } = request;
  call.noteIdentity(identity);
  const { sessionTags, transitiveTagKeys, sourceIdentity } = identity;
  const policies = readSessionPolicies(parts.directory, found.accountId, call.input);
  const packedSize = packedPolicySize(policies, sessionTags);
  const role = requireTrusted(parts.directory, call, request);
  const requestedSeconds = call.input.DurationSeconds ?? DEFAULT_DURATION_SECONDS;
  requireRoleAllowsDuration(role, requestedSeconds);
  const seconds = Math.min(requestedSeconds, request.longestSeconds ?? requestedSeconds);
  const grant: SessionGrant = {
    kind: 'assumed-role',
    accountId: role.accountId,
    principalId: role.id,
    sessionName,
    issuedBy,
    sessionTags,
    transitiveTagKeys,
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    federatedProvider: identity.providerArn,
    federatedContext: identity.lastingKeys.flatMap((key) => {
      const values = identity.contextKeys.get(key);
      return values ? [[key, values] as const] : [];
    }),
    ...policies,
  };
  return {
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${sessionName}`,
      Arn: assumedRoleArn(role.accountId, role.name, sessionName),
    },
    Credentials: issueSession(parts, grant, call.nowMs, seconds),
    ...(packedSize > 0 && { PackedPolicySize: packedSize }),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
}

function requireTrusted(directory: Directory, call: FederationCall<unknown>, request: FederatedSessionRequest): Role {
  const { identity, found, roleArn, sessionName, issuedBy } = request;
  const action = `sts:${issuedBy}` as const;
  const { role } = found;
  if (!role) throw denied(action);
  const { refused } = authorizeFederatedAssumeRole({
    federatedProvider: identity.providerArn,
    action,
    roleArn,
    roleTags: role.tags,
    trustPolicyText: role.trustPolicy,
    sessionName,
    sessionTags: identity.sessionTags,
    transitiveTagKeys: identity.transitiveTagKeys,
    ...(identity.sourceIdentity !== undefined && { sourceIdentity: identity.sourceIdentity }),
    context: withContext(
      organizationContext(requestContext(requestFacts(call)), { resource: roleArn }, directory.organization),
      [['aws:FederatedProvider', [identity.providerArn]], ...identity.contextKeys],
    ),
  });
  if (refused) throw denied(refused.action);
  return role;
}

function denied(action: string): Fault {
  return new Fault('AccessDeniedException', federatedDeniedMessage(action));
}
