import type { Budget } from '../../budgets/budget.ts';
import type { BudgetRecord, BudgetRegistry } from '../../budgets/budget-registry.ts';
import type { Directory } from '../../identity/directory.ts';
import { Fault } from '../../kernel/fault.ts';
import { anewOnConflict, type RecordChange } from '../../kernel/record-store.ts';
import type { ReportDeps } from '../../paths/report-path.ts';

export interface BudgetsParts extends ReportDeps {
  readonly registry: BudgetRegistry;
  readonly directory: Directory;
  /** The payer: its budgets count every account, those of the others their own usage. */
  readonly managementAccountId: string;
  /** A new UUID for every action. */
  readonly newId: () => string;
  /** Looks at a budget soon: something about it has changed. */
  readonly onChange: (named: Pick<Budget, 'accountId' | 'name'>) => void;
}

/** The account and budget that a request names. */
export interface NamedBudget {
  readonly AccountId?: string | undefined;
  readonly BudgetName?: string | undefined;
}

/** `attempt`: what was to be done, as AWS's sentence says it: `get budget: team`, `create notification`. */
export function requireBudget({ registry }: BudgetsParts, input: NamedBudget, attempt: string): BudgetRecord {
  const name = input.BudgetName!;
  const record = registry.find({ accountId: input.AccountId!, name });
  if (record) return record;
  throw new Fault('NotFoundException', `Unable to ${attempt} - the budget doesn't exist.`);
}

export function invalid(message: string): Fault {
  return new Fault('InvalidParameterException', message);
}

/** Reads, decides and writes, anew when another writer came in between. */
export async function repeated<Output>(
  { registry }: BudgetsParts,
  decide: () => { readonly changes: readonly RecordChange[]; readonly output: Output },
): Promise<Output> {
  return anewOnConflict(async () => {
    const { changes, output } = decide();
    await registry.write(changes);
    return output;
  });
}
