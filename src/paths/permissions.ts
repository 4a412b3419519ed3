import type { Directory } from '../identity/directory.ts';
import { AccessDenied } from '../policy/access-denied.ts';
import { authorize, type Decision } from '../policy/authorize.ts';
import { globalContext, withContext } from '../policy/context.ts';
import { deniedMessage } from '../policy/denied-message.ts';
import { organizationContext } from '../policy/organization-context.ts';
import type { AccessNeed, OperationCall } from './operation-handler.ts';
import { requestFacts } from './request-facts.ts';

/** What presenting a Bedrock API key takes, besides what the operation itself needs. */
const BEARER_NEED: AccessNeed = { action: 'bedrock:CallWithBearerToken', resource: '*' };

/** Who asks, and from where. */
type Asking = Pick<OperationCall<unknown>, 'caller' | 'request' | 'region' | 'nowMs'>;

/** Asks policy for every need; throws AccessDenied for the first that is not allowed. `asResource`: what it names then. */
export function requirePermissions(
  operationNeeds: readonly AccessNeed[],
  asking: Asking,
  directory: Directory,
  asResource?: string,
): Decision[] {
  const needs = asking.caller.bearerTokenType ? [BEARER_NEED, ...operationNeeds] : operationNeeds;
  return decide(needs, asking, directory, ({ allowed }) => allowed, asResource);
}

/** For what every verified caller may do: throws AccessDenied only when a policy denies it. */
export function requireNotDenied(need: AccessNeed, asking: Asking, directory: Directory): Decision[] {
  return decide([need], asking, directory, ({ reason }) => reason !== 'explicitDeny');
}

/** Whether policy allows it; nothing is refused or recorded. */
export function isPermitted(need: AccessNeed, asking: Asking, directory: Directory): boolean {
  return decide([need], asking, directory, () => true).every(({ allowed }) => allowed);
}

function decide(
  needs: readonly AccessNeed[],
  asking: Asking,
  directory: Directory,
  isEnough: (decision: Decision) => boolean,
  asResource?: string,
): Decision[] {
  if (needs.length === 0) return [];
  const { caller } = asking;
  const policies = directory.policySetOf(caller);
  const context = globalContext(caller, requestFacts(asking));
  return needs.map((need) => {
    const { action, resource } = need;
    const known = organizationContext(context, { caller, resource }, directory.organization);
    const asked = { caller, action, resource, context: need.context ? withContext(known, need.context) : known };
    const decision = authorize(asked, policies);
    if (isEnough(decision)) return decision;
    const operationKeys = [...(need.context?.keys() ?? [])];
    throw new AccessDenied(deniedMessage(caller, action, asResource ?? resource, decision), {
      ...asked,
      decision,
      policies,
      operationKeys,
    });
  });
}
