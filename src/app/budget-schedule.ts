import type { Budget } from '../budgets/budget.ts';
import { Fault } from '../kernel/fault.ts';

type Named = Pick<Budget, 'accountId' | 'name'>;

export interface BudgetScheduleParts {
  readonly all: () => Iterable<Named>;
  /** Looks at one budget. Throws when the cost store is down. */
  readonly look: (named: Named) => Promise<void>;
  readonly refreshMs: number;
  readonly onTrouble: (message: string) => void;
}

/** Budgets looked at side by side; each asks the cost store once or twice. */
const AT_ONCE = 2;

/**
 * Looks at every budget again and again, and soon at those that were changed: account by account in turn, so that one with
 * very many holds up no other.
 */
export class BudgetSchedule {
  readonly #parts: BudgetScheduleParts;
  /** Names of waiting budgets by their accounts, in order; none is in it twice, and no account is without any. */
  readonly #waiting = new Map<string, Set<string>>();
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = true;

  constructor(parts: BudgetScheduleParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isStopped = false;
    const lookAtAll = () => {
      for (const named of this.#parts.all()) this.soon(named);
    };
    lookAtAll();
    this.#timer = setInterval(lookAtAll, this.#parts.refreshMs).unref();
  }

  /** Looks at a budget after those of its account that wait already. */
  soon({ accountId, name }: Named): void {
    const names = this.#waiting.get(accountId) ?? new Set();
    this.#waiting.set(accountId, names.add(name));
    this.#fill();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#waiting.clear();
    await Promise.all(this.#underWay);
  }

  #fill(): void {
    while (!this.#isStopped && this.#underWay.size < AT_ONCE) {
      const next = this.#take();
      if (!next) return;
      const look = this.#look(next).finally(() => {
        this.#underWay.delete(look);
        this.#fill();
      });
      this.#underWay.add(look);
    }
  }

  /** The first budget of the account whose turn it is, which is then behind all others. */
  #take(): Named | undefined {
    const [turn] = this.#waiting;
    if (!turn) return undefined;
    const [accountId, names] = turn;
    const [name] = names;
    this.#waiting.delete(accountId);
    names.delete(name!);
    if (names.size > 0) this.#waiting.set(accountId, names);
    return { accountId, name: name! };
  }

  async #look(named: Named): Promise<void> {
    try {
      await this.#parts.look(named);
    } catch (error) {
      if (this.#isStopped) return;
      // The others would fare no better; all are looked at again after a while.
      if (error instanceof Fault && error.code === 'StoreUnavailable') this.#waiting.clear();
      this.#parts.onTrouble(
        `the budget ${named.name} cannot be compared with what was spent: ${(error as Error).message}`,
      );
    }
  }
}
