import type { Definition, Action as WireAction, ActionThreshold as WireThreshold } from '@aws-sdk/client-budgets';
import type { Threshold } from '../../budgets/budget.ts';
import type { ActionDefinition, BudgetAction } from '../../budgets/budget-action.ts';
import { roleArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import { type BudgetsParts, invalid } from './budgets-parts.ts';
import { readThreshold, wireSubscriber } from './notification-shape.ts';

/** Every event of an action keeps its definition; three hundred names of usual length fit. AWS publishes no such limit. */
const MAX_DEFINITION_CHARACTERS = 20_000;

/** AWS's sentences about definitions are not published. */
export function readDefinition(
  type: string,
  definition: Definition,
  accountId: string,
  { managementAccountId }: BudgetsParts,
): ActionDefinition {
  const { IamActionDefinition: iam, ScpActionDefinition: scp, SsmActionDefinition: ssm } = definition;
  if (JSON.stringify(definition).length > MAX_DEFINITION_CHARACTERS) {
    throw invalid(`Definition must have at most ${MAX_DEFINITION_CHARACTERS} characters.`);
  }
  if (type === 'RUN_SSM_DOCUMENTS') {
    throw invalid('Actions of type RUN_SSM_DOCUMENTS are not supported: there are no instances here.');
  }
  if ([iam, scp, ssm].filter(Boolean).length !== 1) throw invalid('Definition must have exactly one member.');
  if (type === 'APPLY_IAM_POLICY') {
    if (!iam) throw invalid('Actions of type APPLY_IAM_POLICY need IamActionDefinition.');
    const { PolicyArn, Users, Groups, Roles } = iam;
    if (!Users && !Groups && !Roles) throw invalid('IamActionDefinition needs Users, Groups or Roles.');
    return {
      type,
      policyArn: PolicyArn!,
      ...(Users && { users: [...new Set(Users)] }),
      ...(Groups && { groups: [...new Set(Groups)] }),
      ...(Roles && { roles: [...new Set(Roles)] }),
    };
  }
  if (!scp) throw invalid('Actions of type APPLY_SCP_POLICY need ScpActionDefinition.');
  if (accountId !== managementAccountId) {
    throw new Fault('AccessDeniedException', 'Actions of type APPLY_SCP_POLICY are for the management account.');
  }
  return { type: 'APPLY_SCP_POLICY', policyId: scp.PolicyId!, targetIds: [...new Set(scp.TargetIds)] };
}

/** The role has to be there and of the same account; what it may do is asked when the action is carried out. */
export function requireExecutionRole(arn: string, accountId: string, { directory }: BudgetsParts): void {
  if (!arn.startsWith(`arn:aws:iam::${accountId}:role/`)) {
    throw invalid('ExecutionRoleArn must be a role of the account of the budget.');
  }
  const role = directory.role(accountId, arn.slice(arn.lastIndexOf('/') + 1));
  if (!role || roleArn(accountId, role.path, role.name) !== arn) {
    throw invalid(`The execution role ${arn} does not exist.`);
  }
}

export function readActionThreshold({ ActionThresholdValue, ActionThresholdType }: WireThreshold): Threshold {
  return readThreshold(ActionThresholdValue!, ActionThresholdType!);
}

export function wireAction(action: BudgetAction): WireAction {
  const { id, budgetName, notificationType, threshold, definition, executionRoleArn, approval, status } = action;
  return {
    ActionId: id,
    BudgetName: budgetName,
    NotificationType: notificationType,
    ActionType: definition.type,
    ActionThreshold: { ActionThresholdValue: threshold.value, ActionThresholdType: threshold.type },
    Definition: wireDefinition(definition),
    ExecutionRoleArn: executionRoleArn,
    ApprovalModel: approval,
    Status: status,
    Subscribers: action.subscribers.map(wireSubscriber),
  };
}

function wireDefinition(definition: ActionDefinition): Definition {
  if (definition.type === 'APPLY_SCP_POLICY') {
    const { policyId, targetIds } = definition;
    return { ScpActionDefinition: { PolicyId: policyId, TargetIds: [...targetIds] } };
  }
  const { policyArn, users, groups, roles } = definition;
  return {
    IamActionDefinition: {
      PolicyArn: policyArn,
      ...(users && { Users: [...users] }),
      ...(groups && { Groups: [...groups] }),
      ...(roles && { Roles: [...roles] }),
    },
  };
}
