import type { NoticeAddress } from '../kernel/notice.ts';
import type { NotificationType, Threshold } from './budget.ts';

/** What a budget does when a threshold is crossed. */
export interface BudgetAction {
  readonly accountId: string;
  readonly budgetName: string;
  /** UUID. */
  readonly id: string;
  readonly notificationType: NotificationType;
  readonly threshold: Threshold;
  readonly definition: ActionDefinition;
  /** Whose permissions the action has. */
  readonly executionRoleArn: string;
  readonly approval: 'AUTOMATIC' | 'MANUAL';
  readonly subscribers: readonly NoticeAddress[];
  readonly status: ActionStatus;
  /** Period whose amounts crossed the threshold; absent while the action stands by. */
  readonly periodStartMs?: number;
  /** What the action has attached and not taken off again. What was attached before is not among it. */
  readonly applied: readonly Attachment[];
  /** Events that its history has had so far. */
  readonly eventCount: number;
  readonly tags: readonly (readonly [string, string])[];
}

export type ActionDefinition = IamActionDefinition | ScpActionDefinition;

export interface IamActionDefinition {
  readonly type: 'APPLY_IAM_POLICY';
  readonly policyArn: string;
  /** Names, with a path or without; absent: none was named. */
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly roles?: readonly string[];
}

export interface ScpActionDefinition {
  readonly type: 'APPLY_SCP_POLICY';
  readonly policyId: string;
  readonly targetIds: readonly string[];
}

/** One policy at one place. */
export type Attachment =
  | { readonly kind: 'user' | 'role' | 'group'; readonly name: string; readonly policyArn: string }
  | { readonly kind: 'target'; readonly targetId: string; readonly policyId: string };

export type ActionStatus =
  | 'STANDBY'
  | 'PENDING'
  | 'EXECUTION_IN_PROGRESS'
  | 'EXECUTION_SUCCESS'
  | 'EXECUTION_FAILURE'
  | 'REVERSE_IN_PROGRESS'
  | 'REVERSE_SUCCESS'
  | 'REVERSE_FAILURE'
  | 'RESET_IN_PROGRESS'
  | 'RESET_FAILURE';

export type ExecutionType =
  | 'APPROVE_BUDGET_ACTION'
  | 'RETRY_BUDGET_ACTION'
  | 'REVERSE_BUDGET_ACTION'
  | 'RESET_BUDGET_ACTION';

/** One line of an action's history, with the action as it was then. */
export interface ActionEvent {
  readonly action: BudgetAction;
  /** Counts from 1. */
  readonly sequence: number;
  readonly atMs: number;
  readonly type: 'SYSTEM' | 'CREATE_ACTION' | 'DELETE_ACTION' | 'UPDATE_ACTION' | 'EXECUTE_ACTION';
  readonly message: string;
}

/** From which states each execution may be asked for, and what it starts. */
const EXECUTIONS: Readonly<
  Record<ExecutionType, { readonly from: readonly ActionStatus[]; readonly to: ActionStatus }>
> = {
  APPROVE_BUDGET_ACTION: { from: ['PENDING'], to: 'EXECUTION_IN_PROGRESS' },
  RETRY_BUDGET_ACTION: { from: ['EXECUTION_FAILURE'], to: 'EXECUTION_IN_PROGRESS' },
  REVERSE_BUDGET_ACTION: {
    from: ['EXECUTION_SUCCESS', 'EXECUTION_FAILURE', 'REVERSE_FAILURE'],
    to: 'REVERSE_IN_PROGRESS',
  },
  RESET_BUDGET_ACTION: { from: ['REVERSE_SUCCESS', 'RESET_FAILURE'], to: 'RESET_IN_PROGRESS' },
};

/** The state that the execution starts; undefined when it cannot be asked for now. */
export function statusAfter(type: ExecutionType, status: ActionStatus): ActionStatus | undefined {
  const { from, to } = EXECUTIONS[type];
  return from.includes(status) ? to : undefined;
}

/** While something is under way, the action can neither be changed nor deleted. */
export function isLocked({ status }: Pick<BudgetAction, 'status'>): boolean {
  return status.endsWith('_IN_PROGRESS');
}

/** What a crossed threshold makes of an action that stands by. */
export function triggeredStatus({ approval }: Pick<BudgetAction, 'approval'>): ActionStatus {
  return approval === 'AUTOMATIC' ? 'EXECUTION_IN_PROGRESS' : 'PENDING';
}

/**
 * What the end of its period makes of an action: what it has attached is taken off, then it stands by again. Undefined
 * when there is nothing to do, or something is under way, or that has failed already and waits for somebody.
 */
export function statusInNewPeriod(action: Pick<BudgetAction, 'status' | 'applied'>): ActionStatus | undefined {
  if (action.status === 'STANDBY' || action.status === 'REVERSE_FAILURE' || isLocked(action)) return undefined;
  return action.applied.length > 0 ? 'REVERSE_IN_PROGRESS' : 'STANDBY';
}

/** Armed for the next time. */
export function standingBy(action: BudgetAction): BudgetAction {
  const { periodStartMs: _, ...rest } = action;
  return { ...rest, status: 'STANDBY' };
}

/** Everything that an action attaches. */
export function attachmentsOf(definition: ActionDefinition): Attachment[] {
  if (definition.type === 'APPLY_SCP_POLICY') {
    const { policyId, targetIds } = definition;
    return targetIds.map((targetId) => ({ kind: 'target', targetId, policyId }));
  }
  const { policyArn, users = [], groups = [], roles = [] } = definition;
  const named = (kind: 'user' | 'role' | 'group', names: readonly string[]) =>
    // A path may stand before the name; names are unique without it.
    names.map((text): Attachment => ({ kind, name: text.slice(text.lastIndexOf('/') + 1), policyArn }));
  return [...named('user', users), ...named('group', groups), ...named('role', roles)];
}

export function isSameAttachment(one: Attachment, other: Attachment): boolean {
  if (one.kind === 'target' || other.kind === 'target') {
    return (
      one.kind === 'target' &&
      other.kind === 'target' &&
      one.targetId === other.targetId &&
      one.policyId === other.policyId
    );
  }
  return one.kind === other.kind && one.name === other.name && one.policyArn === other.policyArn;
}

/** As errors and histories call it. */
export function attachmentText(attachment: Attachment): string {
  return attachment.kind === 'target'
    ? `${attachment.policyId} at ${attachment.targetId}`
    : `${attachment.policyArn} at the ${attachment.kind} ${attachment.name}`;
}

export function actionArn({
  accountId,
  budgetName,
  id,
}: Pick<BudgetAction, 'accountId' | 'budgetName' | 'id'>): string {
  return `arn:aws:budgets::${accountId}:budget/${budgetName}/action/${id}`;
}
