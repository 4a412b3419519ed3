import { budgetArn } from '../../budgets/budget.ts';
import type { Attachment, BudgetAction } from '../../budgets/budget-action.ts';
import type { Directory } from '../../identity/directory.ts';
import { groupArn } from '../../identity/group.ts';
import { findTarget } from '../../identity/organization-target.ts';
import { requirePolicyHolder } from '../../identity/policy-attachment.ts';
import type { Caller } from '../../identity/principal.ts';
import { serviceControlPolicyArn } from '../../identity/service-control-policy.ts';
import { roleArn, userArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';
import { authorize } from '../../policy/authorize.ts';
import { globalContext, resourceTagContext, withContext } from '../../policy/context.ts';
import { deniedMessage } from '../../policy/denied-message.ts';
import { organizationContext } from '../../policy/organization-context.ts';
import type { AccessNeed } from '../operation-handler.ts';
import { serviceFacts, serviceRoleCaller } from '../service-role.ts';

export const BUDGETS_SERVICE = 'budgets.amazonaws.com';

export type AttachmentVerb = 'Attach' | 'Detach';

/** The session in which an action acts. Throws AccessDeniedException for a role that is gone or does not trust AWS Budgets. */
export function actingCaller(action: BudgetAction, directory: Directory, nowMs: number): Caller {
  const { executionRoleArn, accountId, budgetName, id } = action;
  const use = {
    servicePrincipal: BUDGETS_SERVICE,
    roleArn: executionRoleArn,
    accountId,
    sourceArn: budgetArn({ accountId, name: budgetName }),
    sessionName: `BudgetAction-${id}`,
    roleWord: 'execution role',
  };
  return serviceRoleCaller(use, directory, nowMs);
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
  const context = globalContext(caller, serviceFacts(BUDGETS_SERVICE, nowMs));
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
