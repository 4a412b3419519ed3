import { budgetArn } from '../../budgets/budget.ts';
import type { Attachment, BudgetAction } from '../../budgets/budget-action.ts';
import type { Directory } from '../../identity/directory.ts';
import { groupArn } from '../../identity/group.ts';
import { hypotheticalCaller } from '../../identity/hypothetical-caller.ts';
import { findTarget } from '../../identity/organization-target.ts';
import { requirePolicyHolder } from '../../identity/policy-attachment.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Role } from '../../identity/role.ts';
import { serviceControlPolicyArn } from '../../identity/service-control-policy.ts';
import { roleArn, userArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';
import { authorize, authorizeService } from '../../policy/authorize.ts';
import { globalContext, requestContext, resourceTagContext, withContext } from '../../policy/context.ts';
import { deniedMessage } from '../../policy/denied-message.ts';
import { organizationContext } from '../../policy/organization-context.ts';
import type { AccessNeed } from '../operation-handler.ts';

export const BUDGETS_SERVICE = 'budgets.amazonaws.com';

export type AttachmentVerb = 'Attach' | 'Detach';

/** The session in which an action acts. Throws AccessDeniedException for a role that is gone or does not trust AWS Budgets. */
export function actingCaller(action: BudgetAction, directory: Directory, nowMs: number): Caller {
  const { executionRoleArn, accountId, budgetName } = action;
  const name = executionRoleArn.slice(executionRoleArn.lastIndexOf('/') + 1);
  const role = directory.role(accountId, name);
  if (!role || directory.isSuspended(accountId) || executionRoleArn !== arnOf(role)) {
    throw new Fault('AccessDeniedException', `The execution role ${executionRoleArn} does not exist.`);
  }
  const context = withContext(requestContext(factsAt(nowMs)), [
    ['aws:SourceAccount', [accountId]],
    ['aws:SourceArn', [budgetArn({ accountId, name: budgetName })]],
    ...resourceTagContext(role.tags, 'iam'),
  ]);
  const decision = authorizeService(
    { servicePrincipal: BUDGETS_SERVICE, action: 'sts:AssumeRole', resource: executionRoleArn, context },
    { id: `trust policy of ${executionRoleArn}`, text: role.trustPolicy },
  );
  if (!decision.allowed) {
    throw new Fault(
      'AccessDeniedException',
      `The trust policy of the execution role ${executionRoleArn} does not let ${BUDGETS_SERVICE} assume it.`,
    );
  }
  return hypotheticalCaller(role, { sessionName: `BudgetAction-${action.id}`, sessionTags: NO_TAGS }, nowMs);
}

/** Throws AccessDeniedException in the words that the role itself would get. */
export function requireAllowed(
  verb: AttachmentVerb,
  attachment: Attachment,
  caller: Caller,
  directory: Directory,
  nowMs: number,
): void {
  const policies = directory.policySetOf(caller);
  const context = globalContext(caller, factsAt(nowMs));
  for (const need of needsOf(verb, attachment, caller.accountId, directory)) {
    const { action, resource } = need;
    const known = organizationContext(context, { caller, resource }, directory.organization);
    const asked = { caller, action, resource, context: need.context ? withContext(known, need.context) : known };
    const decision = authorize(asked, policies);
    if (!decision.allowed) throw new Fault('AccessDeniedException', deniedMessage(caller, action, resource, decision));
  }
}

/** What IAM and Organizations ask of whoever attaches a policy. */
function needsOf(verb: AttachmentVerb, attachment: Attachment, accountId: string, directory: Directory): AccessNeed[] {
  if (attachment.kind === 'target') {
    const { policyId, targetId } = attachment;
    const organization = directory.organization.record;
    const context = new Map([['organizations:PolicyType', ['SERVICE_CONTROL_POLICY']]]);
    const arns = organization ? [policyId, targetId].map((id) => serviceControlPolicyArn(organization, id)) : ['*'];
    const tags = findTarget(directory, targetId)?.tags ?? NO_TAGS;
    return arns.map((resource) => ({
      action: `organizations:${verb}Policy`,
      resource,
      context: new Map([...resourceTagContext(tags), ...context]),
    }));
  }
  const { kind, name, policyArn } = attachment;
  const holder = requirePolicyHolder(directory, kind, accountId, name) as {
    readonly path: string;
    readonly name: string;
    readonly tags?: TagSet;
    readonly boundaryArn?: string;
  };
  const makeArn = { user: userArn, role: roleArn, group: groupArnOf }[kind];
  return [
    {
      action: `iam:${verb}${kind[0]!.toUpperCase()}${kind.slice(1)}Policy`,
      resource: makeArn(accountId, holder.path, holder.name),
      context: new Map([
        ...resourceTagContext(holder.tags ?? NO_TAGS, 'iam'),
        ['iam:PolicyARN', [policyArn]],
        ...(holder.boundaryArn === undefined ? [] : [['iam:PermissionsBoundary', [holder.boundaryArn]] as const]),
      ]),
    },
  ];
}

function groupArnOf(accountId: string, path: string, name: string): string {
  return groupArn({ accountId, path, name });
}

function arnOf({ accountId, path, name }: Role): string {
  return roleArn(accountId, path, name);
}

/** No request stands behind what a service does by itself. */
function factsAt(nowMs: number) {
  return { nowMs, sourceIp: BUDGETS_SERVICE, userAgent: BUDGETS_SERVICE, isTls: true, region: 'us-east-1' };
}
