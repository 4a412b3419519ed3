import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { ReportDeps } from '../../paths/report-path.ts';
import { type SplitRow, splitReport } from '../../paths/split-charge-path.ts';

export interface SplitChargeParts extends ReportDeps {
  readonly managementAccountId: string;
}

interface GetSplitChargesInput {
  readonly CostCategory: string;
  readonly FirstPeriod: string;
  /** Absent: the first. */
  readonly LastPeriod?: string;
}

/** GetSplitCharges: what AWS shows on the page of a cost category alone. For the management account. */
export function getSplitCharges(parts: SplitChargeParts): OperationHandler<GetSplitChargesInput, unknown> {
  return {
    access: () => [{ action: 'tallyline:GetSplitCharges', resource: '*' }],
    run: async ({ input, caller, request }) => {
      if (caller.accountId !== parts.managementAccountId) {
        throw new Fault('ValidationException', 'only the management account sees split charges');
      }
      const { CostCategory: costCategory, FirstPeriod: firstPeriod, LastPeriod: lastPeriod = firstPeriod } = input;
      const rows = await splitReport({ costCategory, firstPeriod, lastPeriod }, parts, request.client.gone);
      return { Rows: rows.map(wireRow) };
    },
  };
}

function wireRow(row: SplitRow): unknown {
  return {
    BillingPeriod: row.period,
    Value: row.value,
    CostUsd: formatUsd(row.costPicoUsd),
    AllocatedInUsd: formatUsd(row.allocatedInPicoUsd),
    AllocatedOutUsd: formatUsd(row.allocatedOutPicoUsd),
    TotalUsd: formatUsd(row.totalPicoUsd),
  };
}
