import type { AssumedRoleUser, Credentials, PolicyDescriptorType } from '@aws-sdk/client-sts';
import { lastingContext } from '../../identity/federated-identity.ts';
import { packedPolicySize } from '../../identity/packed-policy-size.ts';
import { assumedRoleArn } from '../../kernel/arn.ts';
import { requireFederatedTrust, type TrustRequest } from '../../paths/federated-trust.ts';
import type { FederationCall } from '../../paths/federation-handler.ts';
import { issueSession, type SessionGrant } from './issue-session.ts';
import { DEFAULT_DURATION_SECONDS, requireRoleAllowsDuration } from './session-duration.ts';
import { readSessionPolicies } from './session-policies.ts';
import type { StsParts } from './sts-parts.ts';

/** What AssumeRoleWithWebIdentity and AssumeRoleWithSAML have in common in their requests. */
export interface FederatedInput {
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
  readonly PolicyArns?: PolicyDescriptorType[] | undefined;
}

export interface FederatedSessionRequest extends TrustRequest {
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
  const role = requireFederatedTrust(parts.directory, call, request);
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
    federatedContext: lastingContext(identity),
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
