import { nameUuid } from '../kernel/name-uuid.ts';
import type { Notice, NoticeOutbox } from '../kernel/notice.ts';
import { type Clock, isoSeconds } from '../kernel/time.ts';
import type { BudgetState } from './budget-table.ts';
import { reachedPercent } from './budget-warning.ts';
import { windowText } from './budget-window.ts';
import { amountText } from './hard-budget.ts';
import type { SpendCounter } from './spend-counter.ts';
import { scopeText } from './spend-scope.ts';

export interface BudgetAlertsParts {
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** What was told of a counter in the window that begins with its oldest slice. */
interface Told {
  readonly windowStartMs: number;
  percent: number;
  refusal: boolean;
}

/** Tells a budget's subscribers of each threshold and of the first refusal, once in a window, on however many nodes. */
export class BudgetAlerts {
  readonly #parts: BudgetAlertsParts;
  readonly #told = new WeakMap<SpendCounter, Told>();

  constructor(parts: BudgetAlertsParts) {
    this.#parts = parts;
  }

  noteSpend(state: BudgetState, counter: SpendCounter): void {
    if (state.budget.subscribers.length === 0) return;
    const told = this.#toldOf(counter);
    const percent = reachedPercent(state, counter, this.#parts.clock()) ?? 0;
    if (percent > told.percent) this.#tell(state, counter, `${percent}%`, `has reached ${percent} % of its limit`);
    // A rolling window may fall below a threshold and reach it again.
    told.percent = percent;
  }

  noteRefusal(state: BudgetState, counter: SpendCounter): void {
    if (state.budget.subscribers.length === 0) return;
    const told = this.#toldOf(counter);
    if (told.refusal) return;
    told.refusal = true;
    this.#tell(state, counter, 'refusal', 'refuses calls');
  }

  #toldOf(counter: SpendCounter): Told {
    const windowStartMs = counter.slices[0]?.startMs ?? 0;
    const known = this.#told.get(counter);
    if (known?.windowStartMs === windowStartMs) return known;
    const told = { windowStartMs, percent: 0, refusal: false };
    this.#told.set(counter, told);
    return told;
  }

  #tell(state: BudgetState, counter: SpendCounter, event: string, what: string): void {
    const { outbox, managementAccountId, clock, onTrouble } = this.#parts;
    const { budget } = state;
    const nowMs = clock();
    const resetsAtMs = counter.resetsAtMs(nowMs);
    const amount = (value: bigint) => `${amountText(value, budget.unit)} ${budget.unit}`;
    const rows: readonly (readonly [string, string])[] = [
      ['Budget', budget.name],
      ['For', counter.value || scopeText(budget.scope)],
      ['Limit', `${amount(state.limit(nowMs))}${budget.window ? ` ${windowText(budget.window)}` : ''}`],
      ['Spent', amount(counter.spent)],
      ['Held', amount(counter.held)],
      ...(resetsAtMs === undefined ? [] : [['Resets', isoSeconds(resetsAtMs)] as const]),
    ];
    const windowStartMs = counter.slices[0]?.startMs ?? 0;
    const notices = budget.subscribers.map(
      (address): Notice => ({
        id: nameUuid('hard-budget', budget.name, state.basis, counter.value, windowStartMs, event, address.address),
        accountId: managementAccountId,
        address,
        subject: `Tallyline: the hard budget ${budget.name} ${what}`,
        text: `${rows.map(([name, text]) => `${name}: ${text}`).join('\n')}\n`,
        facts: {
          event: event === 'refusal' ? 'hardBudgetRefusal' : 'hardBudgetThreshold',
          budgetName: budget.name,
          value: counter.value,
          unit: budget.unit,
          limit: amountText(state.limit(nowMs), budget.unit),
          spent: amountText(counter.spent, budget.unit),
          ...(event !== 'refusal' && { threshold: event }),
          ...(resetsAtMs !== undefined && { resetsAt: isoSeconds(resetsAtMs) }),
        },
      }),
    );
    outbox.post(notices).catch((error) => onTrouble(`hard budgets: ${error}`));
  }
}
