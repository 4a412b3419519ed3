import type { AssumeRoleRequest, AssumeRoleResponse } from '@aws-sdk/client-sts';
import type { Directory } from '../../identity/directory.ts';
import { findRole } from '../../identity/find-role.ts';
import { packedPolicySize } from '../../identity/packed-policy-size.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Role } from '../../identity/role.ts';
import { assumedRoleArn, parseArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { TagSet } from '../../kernel/tags.ts';
import { HOUR_MS, SECOND_MS } from '../../kernel/time.ts';
import type { OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { requestFacts } from '../../paths/request-facts.ts';
import { AccessDenied } from '../../policy/access-denied.ts';
import { authorizeAssumeRole, inheritedTags, type PermissionDecision } from '../../policy/assume-role.ts';
import { globalContext, requestTagContext, withContext } from '../../policy/context.ts';
import { assumeRoleDeniedMessage } from '../../policy/denied-message.ts';
import { organizationContext } from '../../policy/organization-context.ts';
import { issueSession, type SessionGrant } from './issue-session.ts';
import { DEFAULT_DURATION_SECONDS, requireRoleAllowsDuration } from './session-duration.ts';
import { readSessionPolicies, type SessionPolicies } from './session-policies.ts';
import { checkTransitiveKeys, readSessionTags } from './session-tags.ts';
import type { StsParts } from './sts-parts.ts';

const CHAINED_DURATION_SECONDS = HOUR_MS / SECOND_MS;

/**
 * AssumeRole. The order of checks: what is wrong with the request by itself, then whether the caller may, then what the
 * role limits (observed on AWS: parameter errors come before denials, and durations are compared last).
 */
export function assumeRole(parts: StsParts): OperationHandler<AssumeRoleRequest, AssumeRoleResponse> {
  return {
    access: { unchecked: 'decided together with the trust policy of the role, when the operation runs' },
    run: (call) => {
      const { input, caller } = call;
      const requested = readRequest(parts, call);
      const role = requireAuthorized(parts.directory, call, requested);
      const sourceIdentity = input.SourceIdentity ?? caller.sourceIdentity;
      const grant: SessionGrant = {
        kind: 'assumed-role',
        accountId: role.accountId,
        principalId: role.id,
        sessionName: input.RoleSessionName!,
        issuedBy: 'AssumeRole',
        // Passed and inherited keys are disjoint: `checkTransitiveKeys` has seen to it.
        sessionTags: new Map([...requested.inherited, ...requested.tags]),
        transitiveTagKeys: [...requested.inherited.keys(), ...requested.transitiveKeys],
        ...(sourceIdentity !== undefined && { sourceIdentity }),
        ...requested.policies,
      };
      return {
        AssumedRoleUser: {
          AssumedRoleId: `${role.id}:${grant.sessionName}`,
          Arn: assumedRoleArn(role.accountId, role.name, grant.sessionName!),
        },
        Credentials: issueSession(parts, grant, call.nowMs, durationOf(call, role)),
        ...(requested.packedSize > 0 && { PackedPolicySize: requested.packedSize }),
        ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
      };
    },
  };
}

interface SessionRequest {
  /** Undefined when there is no such role. */
  readonly role: Role | undefined;
  readonly tags: TagSet;
  readonly transitiveKeys: readonly string[];
  readonly inherited: TagSet;
  readonly policies: SessionPolicies;
  /** Per cent. */
  readonly packedSize: number;
}

function readRequest({ directory }: StsParts, { input, caller }: OperationCall<AssumeRoleRequest>): SessionRequest {
  const { accountId, role } = findRole(directory, input.RoleArn!);
  const tags = readSessionTags(input.Tags);
  const transitiveKeys = input.TransitiveTagKeys ?? [];
  const inherited = inheritedTags(caller);
  checkTransitiveKeys(tags, transitiveKeys, inherited);
  checkSourceIdentity(input, caller);
  refuseUnsupported(input);
  const policies = readSessionPolicies(directory, accountId, input);
  const packedSize = packedPolicySize(policies, new Map([...inherited, ...tags]));
  return { role, tags, transitiveKeys, inherited, policies, packedSize };
}

/** A source identity stays what it is for the rest of a chain; naming it again is allowed. */
function checkSourceIdentity(input: AssumeRoleRequest, caller: Caller): void {
  const isChange =
    input.SourceIdentity !== undefined &&
    caller.sourceIdentity !== undefined &&
    input.SourceIdentity !== caller.sourceIdentity;
  if (isChange) {
    throw new Fault('ValidationException', 'The source identity is already set for this assume role session');
  }
}

/** What would change who the session is for must not be passed over in silence. */
function refuseUnsupported(input: AssumeRoleRequest): void {
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined) throw unknownMfaDevice();
  if (input.ProvidedContexts?.length) {
    throw new Fault('ValidationException', 'The ProvidedContexts parameter is not supported.');
  }
}

/** Users have no MFA devices here, so every one that is named is one that AWS would not find. */
export function unknownMfaDevice(): Fault {
  return new Fault(
    'AccessDeniedException',
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
  );
}

/** Throws AccessDeniedException in the same words whether the role is missing or does not trust the caller. */
function requireAuthorized(
  directory: Directory,
  call: OperationCall<AssumeRoleRequest>,
  { role, tags, transitiveKeys }: SessionRequest,
): Role {
  const { caller, input } = call;
  const isFederated = caller.kind === 'federated-user';
  if (!role || isFederated) throw denied(call, { action: 'sts:AssumeRole', decision: NO_SUCH_TRUST });
  const { refused } = authorizeAssumeRole({
    caller,
    callerPolicies: directory.policySetOf(caller),
    roleArn: input.RoleArn!,
    roleTags: role.tags,
    trustPolicyText: role.trustPolicy,
    sessionName: input.RoleSessionName!,
    sessionTags: tags,
    transitiveTagKeys: transitiveKeys,
    ...(input.SourceIdentity !== undefined && { sourceIdentity: input.SourceIdentity }),
    ...(input.ExternalId !== undefined && { externalId: input.ExternalId }),
    context: organizationContext(
      globalContext(caller, requestFacts(call)),
      { caller, resource: input.RoleArn! },
      directory.organization,
    ),
  });
  if (refused) throw denied(call, refused);
  return role;
}

const NO_SUCH_TRUST = { allowed: false, reason: 'implicitDeny', layer: 'resource', decidedBy: [] } as const;

/**
 * The encoded message tells what decided only where role and caller belong to the same account; nobody is to learn from
 * it what another account's trust policy says, or whether there is such a role.
 */
function denied(call: OperationCall<AssumeRoleRequest>, refused: PermissionDecision): Fault {
  const { caller, input } = call;
  const { action } = refused;
  const resource = input.RoleArn!;
  const isOwn = parseArn(resource)?.accountId === caller.accountId;
  const requested = new Map([
    ...requestTagContext(readSessionTags(input.Tags)),
    ['sts:RoleSessionName', [input.RoleSessionName!]] as const,
    ['sts:SourceIdentity', input.SourceIdentity === undefined ? [] : [input.SourceIdentity]] as const,
  ]);
  return new AccessDenied(assumeRoleDeniedMessage(caller, resource, refused), {
    caller,
    action,
    resource,
    decision: isOwn ? refused.decision : NO_SUCH_TRUST,
    policies: (isOwn && refused.policies) || { identity: [] },
    context: withContext(globalContext(caller, requestFacts(call)), requested),
    operationKeys: [...requested.keys()],
  });
}

function durationOf({ input, caller }: OperationCall<AssumeRoleRequest>, role: Role): number {
  const seconds = input.DurationSeconds ?? DEFAULT_DURATION_SECONDS;
  requireRoleAllowsDuration(role, seconds);
  if (caller.kind === 'assumed-role' && seconds > CHAINED_DURATION_SECONDS) {
    throw new Fault(
      'ValidationException',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return seconds;
}
