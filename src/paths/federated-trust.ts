import type { Directory } from '../identity/directory.ts';
import type { FederatedIdentity } from '../identity/federated-identity.ts';
import type { FoundRole } from '../identity/find-role.ts';
import type { Role } from '../identity/role.ts';
import { Fault } from '../kernel/fault.ts';
import { authorizeFederatedAssumeRole } from '../policy/assume-role.ts';
import { requestContext, withContext } from '../policy/context.ts';
import { federatedDeniedMessage } from '../policy/denied-message.ts';
import { organizationContext } from '../policy/organization-context.ts';
import type { WireRequest } from '../wire/exchange.ts';
import { requestFacts } from './request-facts.ts';

/** A verified identity, and the session that is wanted for it. */
export interface TrustRequest {
  readonly issuedBy: 'AssumeRoleWithWebIdentity' | 'AssumeRoleWithSAML';
  readonly identity: FederatedIdentity;
  readonly found: FoundRole;
  readonly roleArn: string;
  readonly sessionName: string;
}

/** The request in which it is presented, as far as trust policies ask about it. */
interface TrustCall {
  readonly request: WireRequest;
  readonly region: string;
  readonly nowMs: number;
}

/**
 * The role, when its trust policy allows the identity to assume it, pass its tags and set its source identity. Throws
 * AccessDeniedException in the same words whether the role is missing or does not trust the identity.
 */
export function requireFederatedTrust(directory: Directory, call: TrustCall, request: TrustRequest): Role {
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
