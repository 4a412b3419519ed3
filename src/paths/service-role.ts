import type { Directory } from '../identity/directory.ts';
import { hypotheticalCaller } from '../identity/hypothetical-caller.ts';
import type { Caller } from '../identity/principal.ts';
import { roleArn } from '../kernel/arn.ts';
import { Fault } from '../kernel/fault.ts';
import { NO_TAGS } from '../kernel/tags.ts';
import { authorizeService } from '../policy/authorize.ts';
import { requestContext, resourceTagContext, withContext } from '../policy/context.ts';

/** A service that acts for an account, in a role of that account. */
export interface ServiceRoleUse {
  /** `budgets.amazonaws.com`. */
  readonly servicePrincipal: string;
  readonly roleArn: string;
  readonly accountId: string;
  /** What it acts for: `aws:SourceArn`. */
  readonly sourceArn: string;
  readonly sessionName: string;
  /** How the refusal calls the role: `execution role`. */
  readonly roleWord: string;
}

/** The session in which the service acts. Throws AccessDeniedException for a role that is gone or does not trust it. */
export function serviceRoleCaller(use: ServiceRoleUse, directory: Directory, nowMs: number): Caller {
  const { servicePrincipal, accountId, sourceArn, sessionName, roleWord } = use;
  const name = use.roleArn.slice(use.roleArn.lastIndexOf('/') + 1);
  const role = directory.role(accountId, name);
  if (!role || directory.isSuspended(accountId) || use.roleArn !== roleArn(accountId, role.path, role.name)) {
    throw new Fault('AccessDeniedException', `The ${roleWord} ${use.roleArn} does not exist.`);
  }
  const context = withContext(requestContext(serviceFacts(servicePrincipal, nowMs)), [
    ['aws:SourceAccount', [accountId]],
    ['aws:SourceArn', [sourceArn]],
    ...resourceTagContext(role.tags, 'iam'),
  ]);
  const decision = authorizeService(
    { servicePrincipal, action: 'sts:AssumeRole', resource: use.roleArn, context },
    { id: `trust policy of ${use.roleArn}`, text: role.trustPolicy },
  );
  if (!decision.allowed) {
    const text = `The trust policy of the ${roleWord} ${use.roleArn} does not let ${servicePrincipal} assume it.`;
    throw new Fault('AccessDeniedException', text);
  }
  return hypotheticalCaller(role, { sessionName, sessionTags: NO_TAGS }, nowMs);
}

/** No request stands behind what a service does by itself. */
export function serviceFacts(servicePrincipal: string, nowMs: number) {
  return { nowMs, sourceIp: servicePrincipal, userAgent: servicePrincipal, isTls: true, region: 'us-east-1' };
}
