import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import { type HeldSplitParts, heldSplit } from '../../paths/held-split-path.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';

export interface HeldSplitServiceParts extends HeldSplitParts {
  readonly managementAccountId: string;
}

/** GetHeldModelSplit: who used the models that are paid for by the hour. For the management account. */
export function getHeldModelSplit(
  parts: HeldSplitServiceParts,
): OperationHandler<{ readonly Period: string }, unknown> {
  return {
    access: () => [{ action: 'tallyline:GetHeldModelSplit', resource: '*' }],
    run: async ({ input, caller }) => {
      if (caller.accountId !== parts.managementAccountId) {
        throw new Fault('ValidationException', 'only the management account sees split charges');
      }
      const shares = await heldSplit(input.Period, parts);
      return {
        Rows: shares.map(({ resourceArn, principalArn, costPicoUsd, rule }) => ({
          BillingPeriod: input.Period,
          Resource: resourceArn,
          Principal: principalArn,
          CostUsd: formatUsd(costPicoUsd),
          Rule: rule,
        })),
      };
    },
  };
}
