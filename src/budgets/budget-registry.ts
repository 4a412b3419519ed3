import type { RecordChange, RecordStore, StoredRecord } from '../kernel/record-store.ts';
import type { Budget } from './budget.ts';
import type { ActionEvent, BudgetAction } from './budget-action.ts';
import { type BudgetState, freshState } from './budget-state.ts';

const BUDGET = 'budget';
const STATE = 'budget-state';
const ACTION = 'budget-action';
const EVENT = 'budget-action-event';

/** Events kept of one action, each with the whole action. */
const MAX_EVENTS = 100;

/** One budget with everything that was read with it; a change is written over exactly these versions. */
export interface BudgetRecord {
  readonly budget: StoredRecord<Budget>;
  readonly state: StoredRecord<BudgetState>;
}

type Named = Pick<Budget, 'accountId' | 'name'>;
type ActionName = Pick<BudgetAction, 'accountId' | 'budgetName' | 'id'>;

/**
 * Budgets, how they stand, their actions and what became of those, on the record store. Reads are look-ups in memory;
 * changes are given back to be written together (`write`), all or none.
 */
export class BudgetRegistry {
  readonly #records: RecordStore;
  /** Keys of actions by the key of their budget. */
  readonly #actionKeys = new Map<string, Set<string>>();

  constructor(records: RecordStore) {
    this.#records = records;
    for (const { key, body } of records.all<BudgetAction>(ACTION)) this.#index(key, body);
    records.watch((changes) => {
      for (const { kind, key, body } of changes)
        if (kind === ACTION) this.#index(key, body as BudgetAction | undefined);
    });
  }

  /** Throws RecordConflict when one of the records was changed meanwhile. */
  write(changes: readonly RecordChange[]): Promise<void> {
    return this.#records.write(changes);
  }

  find({ accountId, name }: Named): BudgetRecord | undefined {
    const key = budgetKey(accountId, name);
    const budget = this.#records.get<Budget>(BUDGET, key);
    const state = this.#records.get<BudgetState>(STATE, key);
    return budget && state && { budget, state };
  }

  all(): Iterable<Budget> {
    return [...this.#records.all<Budget>(BUDGET)].map(({ body }) => body);
  }

  /** An account's budgets in the order of their names. */
  list(accountId: string): Budget[] {
    const own = [...this.all()].filter((budget) => budget.accountId === accountId);
    return own.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(budget: Budget, nowMs: number): RecordChange[] {
    const key = budgetKey(budget.accountId, budget.name);
    return [
      { kind: BUDGET, key, body: budget, expectedVersion: 0 },
      { kind: STATE, key, body: freshState(nowMs), expectedVersion: 0 },
    ];
  }

  replaceBudget({ budget }: BudgetRecord, changed: Budget): RecordChange {
    return { kind: BUDGET, key: budget.key, body: changed, expectedVersion: budget.version };
  }

  replaceState({ state }: BudgetRecord, changed: BudgetState): RecordChange {
    return { kind: STATE, key: state.key, body: changed, expectedVersion: state.version };
  }

  /** The budget with its state, its actions and their histories. */
  delete({ budget, state }: BudgetRecord): RecordChange[] {
    return [
      { kind: BUDGET, key: budget.key, expectedVersion: budget.version },
      { kind: STATE, key: state.key, expectedVersion: state.version },
      ...this.actionsOf(budget.body).flatMap((action) => this.deleteAction(action)),
    ];
  }

  action(named: ActionName): StoredRecord<BudgetAction> | undefined {
    return this.#records.get<BudgetAction>(ACTION, actionKey(named));
  }

  /** A budget's actions in the order of their ids. */
  actionsOf({ accountId, name }: Named): StoredRecord<BudgetAction>[] {
    const keys = [...(this.#actionKeys.get(budgetKey(accountId, name)) ?? [])].sort();
    return keys.flatMap((key) => this.#records.get<BudgetAction>(ACTION, key) ?? []);
  }

  actionsOfAccount(accountId: string): BudgetAction[] {
    const own = [...this.#records.all<BudgetAction>(ACTION)].map(({ body }) => body);
    return own
      .filter((action) => action.accountId === accountId)
      .sort((a, b) => (actionKey(a) < actionKey(b) ? -1 : 1));
  }

  /** A new action, or its next state, with a line in its history; the oldest line goes when there are too many. */
  putAction(
    before: StoredRecord<BudgetAction> | undefined,
    changed: BudgetAction,
    event: Omit<ActionEvent, 'action' | 'sequence'>,
  ): RecordChange[] {
    const sequence = changed.eventCount + 1;
    const action = { ...changed, eventCount: sequence };
    const key = actionKey(action);
    return [
      { kind: ACTION, key, body: action, expectedVersion: before?.version ?? 0 },
      { kind: EVENT, key: eventKey(key, sequence), body: { ...event, action, sequence } },
      ...(sequence > MAX_EVENTS ? [{ kind: EVENT, key: eventKey(key, sequence - MAX_EVENTS) }] : []),
    ];
  }

  /** The same without a line in the history: for what says nothing about executions. */
  replaceAction(before: StoredRecord<BudgetAction>, changed: BudgetAction): RecordChange {
    return { kind: ACTION, key: before.key, body: changed, expectedVersion: before.version };
  }

  /** With its history. */
  deleteAction({ key, version, body }: StoredRecord<BudgetAction>): RecordChange[] {
    return [
      { kind: ACTION, key, expectedVersion: version },
      ...this.events(body).map(({ sequence }) => ({ kind: EVENT, key: eventKey(key, sequence) })),
    ];
  }

  /** Newest first. */
  events(named: ActionName): ActionEvent[] {
    const { eventCount = 0 } = this.action(named)?.body ?? {};
    const key = actionKey(named);
    const events: ActionEvent[] = [];
    for (let sequence = eventCount; sequence > Math.max(0, eventCount - MAX_EVENTS); sequence -= 1) {
      const event = this.#records.get<ActionEvent>(EVENT, eventKey(key, sequence));
      if (event) events.push(event.body);
    }
    return events;
  }

  #index(key: string, action: BudgetAction | undefined): void {
    const budget = key.slice(0, key.lastIndexOf('/'));
    const keys = this.#actionKeys.get(budget) ?? new Set<string>();
    if (action) keys.add(key);
    else keys.delete(key);
    if (keys.size > 0) this.#actionKeys.set(budget, keys);
    else this.#actionKeys.delete(budget);
  }
}

function budgetKey(accountId: string, name: string): string {
  return `${accountId}/${name}`;
}

/** Names may have slashes; ids have none. */
function actionKey({ accountId, budgetName, id }: ActionName): string {
  return `${budgetKey(accountId, budgetName)}/${id}`;
}

function eventKey(action: string, sequence: number): string {
  return `${action}/${sequence}`;
}
