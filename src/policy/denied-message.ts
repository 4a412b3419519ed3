import type { Caller } from '../identity/principal.ts';
import type { PermissionDecision } from './assume-role.ts';
import type { Decision, DecisionLayer } from './authorize.ts';

/** How AWS calls each kind of policy (IAM User Guide, "Access denied error message examples"). */
const POLICY_NAMES: Readonly<Record<DecisionLayer, string | undefined>> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  serviceControl: 'service control policy',
  root: undefined,
};

/** AWS's AccessDenied sentence with the reason, as most services word it. */
export function deniedMessage(caller: Caller, action: string, resource: string, decision: Decision): string {
  return `${notAuthorized(caller.arn, action, resource)}${reason(action, decision)}`;
}

/** STS gives no reason, so that no one can probe a trust policy. */
export function assumeRoleDeniedMessage(caller: Caller, roleArn: string, refused: PermissionDecision): string {
  if (refused.decision.layer === 'root') return 'Roles may not be assumed by root accounts.';
  return notAuthorized(caller.arn, refused.action, roleArn);
}

/** The caller of AssumeRoleWithWebIdentity and AssumeRoleWithSAML has no ARN to be named by. */
export function federatedDeniedMessage(action: string): string {
  return `Not authorized to perform ${action}`;
}

/** An action that is about no resource names none, but for the one that Bedrock asks of API keys (as reported, 2026-11). */
function notAuthorized(callerArn: string, action: string, resource: string): string {
  const isUnnamed = resource === '*' && action !== 'bedrock:CallWithBearerToken';
  const onResource = isUnnamed ? '' : ` on resource: ${resource}`;
  return `User: ${callerArn} is not authorized to perform: ${action}${onResource}`;
}

function reason(action: string, decision: Decision): string {
  const policyName = POLICY_NAMES[decision.layer];
  if (!policyName) return '';
  if (decision.reason === 'implicitDeny') return ` because no ${policyName} allows the ${action} action`;
  return ` with an explicit deny in ${policyName.startsWith('identity') ? 'an' : 'a'} ${policyName}`;
}
