import type { AuditLog } from '../../audit/audit-log.ts';
import { serviceCallRecord } from '../../audit/service-call.ts';
import type { Budget } from '../../budgets/budget.ts';
import {
  type ActionStatus,
  type Attachment,
  attachmentsOf,
  attachmentText,
  type BudgetAction,
  isLocked,
  isSameAttachment,
  standingBy,
} from '../../budgets/budget-action.ts';
import { actionMessage, noticesTo } from '../../budgets/budget-notice.ts';
import type { BudgetRegistry } from '../../budgets/budget-registry.ts';
import type { Directory } from '../../identity/directory.ts';
import { attachPolicy, detachPolicy } from '../../identity/policy-attachment.ts';
import type { Caller } from '../../identity/principal.ts';
import { attachServiceControl, detachServiceControl } from '../../identity/service-control-attachment.ts';
import { Fault } from '../../kernel/fault.ts';
import type { NoticeOutbox } from '../../kernel/notice.ts';
import { anewOnConflict, type RecordChange, type StoredRecord } from '../../kernel/record-store.ts';
import { type AttachmentVerb, actingCaller, BUDGETS_SERVICE, requireAllowed } from './execution-role.ts';

export interface ActParts {
  readonly registry: BudgetRegistry;
  readonly directory: Directory;
  readonly outbox: NoticeOutbox;
  readonly auditLog: AuditLog;
  /** A new UUID. */
  readonly newId: () => string;
}

/** What carrying out an action came to; written as one. */
interface Outcome {
  readonly after: BudgetAction;
  readonly message: string;
  /** Changes of users, roles, groups and of the organization. */
  readonly changes: readonly RecordChange[];
  readonly done: readonly Attachment[];
  readonly caller?: Caller;
}

/** Failures that a message spells out: every event of the action keeps it, and subscribers get it. */
const MAX_TOLD_FAILURES = 10;

/**
 * Carries out what is under way of a budget's actions; true when anything was. What is attached and the action's new state are
 * one transaction: a process that dies has done all of it or nothing, and the next look goes on.
 */
export async function actOnBudget(
  named: Pick<Budget, 'accountId' | 'name'>,
  parts: ActParts,
  nowMs: number,
): Promise<boolean> {
  const underWay = parts.registry.actionsOf(named).filter(({ body }) => isLocked(body));
  for (const { body } of underWay) await carryOut(body, parts, nowMs);
  return underWay.length > 0;
}

async function carryOut(action: BudgetAction, parts: ActParts, nowMs: number): Promise<void> {
  const { registry, outbox, auditLog, newId } = parts;
  const carried = await anewOnConflict(async () => {
    const before = registry.action(action);
    if (!before || !isLocked(before.body)) return undefined;
    const { after, message, changes, done, caller } = outcomeOf(before, parts, nowMs);
    const told = actionMessage(after, message);
    await auditLog.requireWritable();
    await registry.write([
      ...changes,
      ...registry.putAction(before, after, { atMs: nowMs, type: 'SYSTEM', message }),
      ...(told ? outbox.changesFor(noticesTo(after.subscribers, after.accountId, told, newId)) : []),
    ]);
    return { before, done, caller };
  });
  if (!carried) return;
  const { before, done, caller } = carried;
  const verb = before.body.status === 'EXECUTION_IN_PROGRESS' ? 'Attach' : 'Detach';
  for (const attachment of done) {
    const call = { service: BUDGETS_SERVICE, caller: caller!, ...calledOperation(verb, attachment), atMs: nowMs };
    await auditLog.append(serviceCallRecord(call, newId));
  }
}

function outcomeOf(before: StoredRecord<BudgetAction>, parts: ActParts, nowMs: number): Outcome {
  const action = before.body;
  if (action.status === 'RESET_IN_PROGRESS') {
    return { after: standingBy(action), message: 'The action stands by again.', changes: [], done: [] };
  }
  if (action.status === 'EXECUTION_IN_PROGRESS') {
    const missing = attachmentsOf(action.definition).filter(
      (attachment) => !action.applied.some((one) => isSameAttachment(one, attachment)),
    );
    return changeAll('Attach', missing, action, parts, nowMs);
  }
  return changeAll('Detach', action.applied, action, parts, nowMs);
}

const OUTCOMES: Readonly<Record<AttachmentVerb, { success: ActionStatus; failure: ActionStatus; done: string }>> = {
  Attach: { success: 'EXECUTION_SUCCESS', failure: 'EXECUTION_FAILURE', done: 'attached' },
  Detach: { success: 'REVERSE_SUCCESS', failure: 'REVERSE_FAILURE', done: 'detached' },
};

/** Does what can be done: a guardrail that one deleted user keeps from the nine others would be none. */
function changeAll(
  verb: AttachmentVerb,
  attachments: readonly Attachment[],
  action: BudgetAction,
  { directory }: ActParts,
  nowMs: number,
): Outcome {
  const { success, failure, done: doneText } = OUTCOMES[verb];
  const changes: RecordChange[] = [];
  const done: Attachment[] = [];
  const failures: string[] = [];
  let caller: Caller | undefined;
  try {
    caller = actingCaller(action, directory, nowMs);
  } catch (error) {
    const message = sentenceOf(error);
    return { after: { ...action, status: failure }, message, changes, done };
  }
  // What is gone, or was taken off by somebody else, needs no undoing.
  const settled: Attachment[] = [];
  for (const attachment of attachments) {
    try {
      const change = changeOf(verb, attachment, caller, directory, nowMs);
      if (change.length > 0) done.push(attachment);
      else settled.push(attachment);
      changes.push(...change);
    } catch (error) {
      failures.push(`${attachmentText(attachment)}: ${sentenceOf(error)}`);
    }
  }
  const without = (gone: readonly Attachment[]) =>
    action.applied.filter((one) => !gone.some((other) => isSameAttachment(one, other)));
  const applied = verb === 'Attach' ? [...action.applied, ...done] : without([...done, ...settled]);
  const after = { ...action, applied, status: failures.length === 0 ? success : failure };
  const summary = `${done.length} of ${attachments.length} policies were ${doneText}.`;
  const untold = failures.length - MAX_TOLD_FAILURES;
  const told = [...failures.slice(0, MAX_TOLD_FAILURES), ...(untold > 0 ? [`${untold} more failed.`] : [])];
  return { after, message: [summary, ...told].join(' '), changes, done, caller };
}

/** None where there is nothing to do. Throws what the service throws that the change belongs to. */
function changeOf(
  verb: AttachmentVerb,
  attachment: Attachment,
  caller: Caller,
  directory: Directory,
  nowMs: number,
): RecordChange[] {
  const { accountId } = caller;
  const organization = directory.organization.record;
  try {
    requireAllowed(verb, attachment, caller, directory, nowMs);
    if (attachment.kind !== 'target') {
      return (verb === 'Attach' ? attachPolicy : detachPolicy)(directory, { accountId, ...attachment });
    }
    if (!organization) throw new Fault('AWSOrganizationsNotInUseException', 'There is no organization.');
    const change = verb === 'Attach' ? attachServiceControl : detachServiceControl;
    return change(directory, organization, attachment);
  } catch (error) {
    if (error instanceof Fault && NOTHING_TO_DO[verb].includes(error.code)) return [];
    throw error;
  }
}

const NOTHING_TO_DO: Readonly<Record<AttachmentVerb, readonly string[]>> = {
  Attach: ['DuplicatePolicyAttachmentException'],
  Detach: ['NoSuchEntityException', 'PolicyNotAttachedException', 'PolicyNotFoundException', 'TargetNotFoundException'],
};

/** As the audit log names what was done. */
function calledOperation(verb: AttachmentVerb, attachment: Attachment) {
  if (attachment.kind === 'target') {
    const { policyId, targetId } = attachment;
    const requestParameters = { policyId, targetId };
    return { eventSource: 'organizations.amazonaws.com', eventName: `${verb}Policy`, requestParameters };
  }
  const { kind, name, policyArn } = attachment;
  return {
    eventSource: 'iam.amazonaws.com',
    eventName: `${verb}${kind[0]!.toUpperCase()}${kind.slice(1)}Policy`,
    requestParameters: { [`${kind}Name`]: name, policyArn },
  };
}

function sentenceOf(error: unknown): string {
  if (error instanceof Fault) return error.message;
  throw error;
}
