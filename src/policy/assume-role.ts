import type { PolicySource } from '../identity/policy-set.ts';
import type { Caller } from '../identity/principal.ts';
import { NO_TAGS, overlayTags, type TagSet } from '../kernel/tags.ts';
import { authorize, authorizeFederated, type Decision, type PolicySet } from './authorize.ts';
import { type ConditionContext, requestTagContext, resourceTagContext, withContext } from './context.ts';

/** What every way of assuming a role asks for. */
interface SessionRequest {
  readonly roleArn: string;
  readonly roleTags: TagSet;
  /** JSON. */
  readonly trustPolicyText: string;
  readonly sessionName: string;
  /** Tags passed with this request or in the federated identity's token; inherited ones are not among them. */
  readonly sessionTags: TagSet;
  /** Keys asked to become transitive. */
  readonly transitiveTagKeys: readonly string[];
  /** Passed with this request or in the token. */
  readonly sourceIdentity?: string;
  /** The global keys, with those of the federated identity where there is one. */
  readonly context: ConditionContext;
}

/** AssumeRole. */
export interface AssumeRoleRequest extends SessionRequest {
  readonly caller: Caller;
  /** Without a resource-based policy: the trust policy takes its place. */
  readonly callerPolicies: Omit<PolicySet, 'resource'>;
  readonly externalId?: string;
}

/** AssumeRoleWithWebIdentity and AssumeRoleWithSAML. */
export interface FederatedAssumeRoleRequest extends SessionRequest {
  /** ARN of the provider that vouched for the identity. */
  readonly federatedProvider: string;
  readonly action: 'sts:AssumeRoleWithWebIdentity' | 'sts:AssumeRoleWithSAML';
}

/** One permission that assuming the role takes, and whether it is there. */
export interface PermissionDecision {
  readonly action: string;
  readonly decision: Decision;
  /** What it was decided by; absent where no policy was asked. */
  readonly policies?: PolicySet;
}

export interface AssumeRoleDecision {
  readonly allowed: boolean;
  /** The first permission that is missing, to be named in the error; absent when allowed. */
  readonly refused?: PermissionDecision;
  readonly permissions: readonly PermissionDecision[];
}

/**
 * May the caller open this session? Besides `sts:AssumeRole` it takes `sts:TagSession` when any tag is passed or
 * inherited, and `sts:SetSourceIdentity` when a source identity is set or inherited (IAM User Guide, session tags and
 * source identity). Root users never may.
 */
export function authorizeAssumeRole(request: AssumeRoleRequest): AssumeRoleDecision {
  const { caller } = request;
  if (caller.kind === 'root') return permissionsDecision([{ action: 'sts:AssumeRole', decision: ROOT_REFUSED }]);
  const inherited = inheritedTags(caller);
  const context = sessionContext(request, inherited, request.externalId);
  const resource = { source: trustPolicy(request), kind: 'role-trust' } as const;
  const policies: PolicySet = { ...request.callerPolicies, resource };
  const needs = neededActions('sts:AssumeRole', {
    hasTags: request.sessionTags.size > 0 || inherited.size > 0,
    hasSourceIdentity: request.sourceIdentity !== undefined || caller.sourceIdentity !== undefined,
  });
  return permissionsDecision(
    needs.map((action) => ({
      action,
      decision: authorize({ caller, action, resource: request.roleArn, context }, policies),
      policies,
    })),
  );
}

/** May the federated identity open this session? Only the trust policy is asked, for the same three permissions. */
export function authorizeFederatedAssumeRole(request: FederatedAssumeRoleRequest): AssumeRoleDecision {
  const { federatedProvider, roleArn } = request;
  const context = sessionContext(request, NO_TAGS, undefined);
  const needs = neededActions(request.action, {
    hasTags: request.sessionTags.size > 0,
    hasSourceIdentity: request.sourceIdentity !== undefined,
  });
  return permissionsDecision(
    needs.map((action) => ({
      action,
      decision: authorizeFederated({ federatedProvider, action, resource: roleArn, context }, trustPolicy(request)),
    })),
  );
}

/** The transitive tags of the caller's session, which its next session inherits. */
export function inheritedTags(caller: Caller): TagSet {
  const { session } = caller;
  if (!session || session.transitiveTagKeys.length === 0) return NO_TAGS;
  const transitive = new Set(session.transitiveTagKeys.map((key) => key.toLowerCase()));
  return new Map([...session.sessionTags].filter(([key]) => transitive.has(key.toLowerCase())));
}

const ROOT_REFUSED: Decision = { allowed: false, reason: 'implicitDeny', layer: 'root', decidedBy: [] };

function trustPolicy(request: SessionRequest): PolicySource {
  return { id: `trust policy of ${request.roleArn}`, text: request.trustPolicyText };
}

function neededActions(action: string, session: { hasTags: boolean; hasSourceIdentity: boolean }): string[] {
  return [
    action,
    ...(session.hasTags ? ['sts:TagSession'] : []),
    ...(session.hasSourceIdentity ? ['sts:SetSourceIdentity'] : []),
  ];
}

/** Inherited values stand in for the role's own tags of the same key while its trust is decided. */
function sessionContext(request: SessionRequest, inherited: TagSet, externalId: string | undefined): ConditionContext {
  const replaced = new Map([...inherited].filter(([key]) => hasKey(request.roleTags, key)));
  const transitiveKeys = [...inherited.keys(), ...request.transitiveTagKeys];
  return withContext(request.context, [
    ...requestTagContext(request.sessionTags),
    ...resourceTagContext(overlayTags(request.roleTags, replaced), 'iam'),
    ['sts:rolesessionname', [request.sessionName]],
    ['sts:transitivetagkeys', transitiveKeys],
    ['sts:sourceidentity', request.sourceIdentity === undefined ? [] : [request.sourceIdentity]],
    ['sts:externalid', externalId === undefined ? [] : [externalId]],
  ]);
}

function permissionsDecision(permissions: readonly PermissionDecision[]): AssumeRoleDecision {
  const refused = permissions.find(({ decision }) => !decision.allowed);
  return { allowed: !refused, ...(refused && { refused }), permissions };
}

function hasKey(tags: TagSet, key: string): boolean {
  const wanted = key.toLowerCase();
  return [...tags.keys()].some((own) => own.toLowerCase() === wanted);
}
