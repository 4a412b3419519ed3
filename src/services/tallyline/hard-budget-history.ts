import { amountText, readAmount } from '../../admission/hard-budget.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { type DefinitionInput, type HardBudgetParts, readDraft } from './hard-budgets.ts';
import { managementOnly } from './management-only.ts';

interface PreviewInput extends Omit<DefinitionInput, 'Name'> {
  /** How many windows, with the one that is under way. */
  readonly Windows?: number;
}

/** A name that no budget is kept under: only the definition matters. */
const PREVIEWED = 'preview';
const DEFAULT_WINDOWS = 8;
const LISTED_VALUES = 20;

/** PreviewHardBudget: how its last windows would have gone, asked of the ledger; nothing is kept. */
export function hardBudgetHistory({ admission, managementAccountId }: HardBudgetParts): OperationTable {
  const ofManagement = managementOnly(managementAccountId, 'has to do with hard budgets');
  return {
    PreviewHardBudget: ofManagement<PreviewInput>('PreviewHardBudget', async ({ input }) => {
      const { Windows = DEFAULT_WINDOWS, ...definition } = input;
      const draft = readDraft({ ...definition, Name: PREVIEWED });
      const limit = readAmount(draft.limit, draft.unit);
      const windows = await admission.history(draft, Windows);
      return {
        Windows: windows.map(({ startMs, endMs, used }) => ({
          Start: new Date(startMs),
          End: new Date(endMs),
          Values: used
            .slice(0, LISTED_VALUES)
            .map(([value, amount]) => ({ Value: value, Used: amountText(amount, draft.unit) })),
          ValueCount: used.length,
          OverLimit: used.filter(([, amount]) => amount > limit).length,
        })),
      };
    }),
  };
}
