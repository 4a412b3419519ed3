import type { Budget } from '../budgets/budget.ts';
import { actionMessage, noticesTo, thresholdMessage } from '../budgets/budget-notice.ts';
import type { Notice } from '../kernel/notice.ts';
import { type RecordChange, RecordConflict } from '../kernel/record-store.ts';
import { type ActParts, actOnBudget } from './budget-path/act.ts';
import { type AskParts, ask } from './budget-path/ask.ts';
import { type ComparedBudget, compare } from './budget-path/compare.ts';
import { due } from './budget-path/due.ts';
import { retirement } from './budget-path/retire.ts';

export interface BudgetPathParts extends AskParts, ActParts {}

/**
 * The budget path: act > due > ask > compare > tell > record. One look at one budget; true when there is to be another one
 * at once, so that what was set off is carried out. Whoever looks at the same budget at the same time records nothing: all is written over the versions that were read.
 * Throws StoreUnavailable when the cost store is down.
 */
export async function lookAtBudget(
  named: Pick<Budget, 'accountId' | 'name'>,
  parts: BudgetPathParts,
  nowMs: number,
): Promise<boolean> {
  const hasActed = await actOnBudget(named, parts, nowMs);
  return (await lookAt(named, parts, nowMs)) || hasActed;
}

async function lookAt(
  named: Pick<Budget, 'accountId' | 'name'>,
  parts: BudgetPathParts,
  nowMs: number,
): Promise<boolean> {
  const found = due(named, parts.registry, nowMs);
  if (!found) return false;
  if ('over' in found) {
    const { changes, isUndoing } = retirement(found.over, parts.registry, nowMs);
    return (await write(changes, parts)) && isUndoing;
  }
  const asked = await ask(found, parts);
  const compared = compare(asked, parts.registry.actionsOf(named));
  const notices = tell(compared, parts.newId);
  return (await record(compared, notices, parts)) && (compared.isClosing || compared.moved.length > 0);
}

/** Who is to know of what was found. */
function tell({ record: { budget }, told, moved, standing, period }: ComparedBudget, newId: () => string): Notice[] {
  const { accountId } = budget.body;
  return [
    ...told.flatMap((notification) => {
      const message = thresholdMessage(budget.body, notification, standing!, period);
      return noticesTo(notification.subscribers, accountId, message, newId);
    }),
    ...moved.flatMap(({ after, message: detail }) => {
      const message = actionMessage(after, detail);
      return message ? noticesTo(after.subscribers, accountId, message, newId) : [];
    }),
  ];
}

/** Writes state, actions and notices in one transaction. False when somebody else came first. */
async function record(compared: ComparedBudget, notices: readonly Notice[], parts: BudgetPathParts): Promise<boolean> {
  const { registry, outbox } = parts;
  const { record: read, state, moved, nowMs } = compared;
  const isSame = JSON.stringify(state) === JSON.stringify(read.state.body);
  const changes: RecordChange[] = [
    ...(isSame ? [] : [registry.replaceState(read, state)]),
    ...moved.flatMap(({ before, after, message }) =>
      registry.putAction(before, after, { atMs: nowMs, type: 'SYSTEM', message }),
    ),
    ...outbox.changesFor(notices),
  ];
  return write(changes, parts);
}

async function write(changes: readonly RecordChange[], { registry }: BudgetPathParts): Promise<boolean> {
  if (changes.length === 0) return true;
  try {
    await registry.write(changes);
    return true;
  } catch (error) {
    if (error instanceof RecordConflict) return false;
    throw error;
  }
}
