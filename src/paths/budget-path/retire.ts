import { isLocked } from '../../budgets/budget-action.ts';
import type { BudgetRecord, BudgetRegistry } from '../../budgets/budget-registry.ts';
import type { RecordChange } from '../../kernel/record-store.ts';

/**
 * What becomes of a budget whose end has come: its actions are undone, then it is deleted with all that belongs to it. One
 * whose action cannot be undone stays, so that somebody sees it.
 */
export function retirement(
  record: BudgetRecord,
  registry: BudgetRegistry,
  nowMs: number,
): { readonly changes: readonly RecordChange[]; readonly isUndoing: boolean } {
  const holding = registry.actionsOf(record.budget.body).filter(({ body }) => body.applied.length > 0);
  if (holding.length === 0) return { changes: registry.delete(record), isUndoing: false };
  const toUndo = holding.filter(({ body }) => !isLocked(body) && body.status !== 'REVERSE_FAILURE');
  const event = { atMs: nowMs, type: 'SYSTEM', message: 'The budget ended: the action is undone.' } as const;
  const changes = toUndo.flatMap((before) =>
    registry.putAction(before, { ...before.body, status: 'REVERSE_IN_PROGRESS' }, event),
  );
  return { changes, isUndoing: changes.length > 0 };
}
