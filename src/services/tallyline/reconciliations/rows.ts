import { formatUsd, parsePicoUsd } from '../../../kernel/money.ts';
import { SECOND_MS } from '../../../kernel/time.ts';
import type { OperationCall, OperationHandler } from '../../../paths/operation-handler.ts';
import {
  type BillRowsQuery,
  billRowsQuery,
  requestsQuery,
  type StoredBillRow,
} from '../../../reconciliation/row-query.ts';
import type { CostStore } from '../../../reports/cost-store.ts';
import { managementOnly } from '../management-only.ts';

interface RowsInput {
  readonly SourceId: string;
  readonly BillingPeriod: string;
  /** Start of the hour, day or month of the difference. */
  readonly At: Date;
  readonly Grain: BillRowsQuery['grain'];
  readonly Principal: string;
  readonly Callers?: readonly string[];
  readonly ModelId: string;
  readonly Meter: string;
  readonly UsageType?: string;
}

/** GetReconciliationRows: lines of the bill behind one difference, and the calls behind it in the ledger. */
export function getReconciliationRows(parts: {
  readonly store: CostStore;
  readonly managementAccountId: string;
}): OperationHandler<RowsInput, unknown> {
  const ofManagement = managementOnly(parts.managementAccountId, 'compares bills with the ledger');
  return ofManagement('GetReconciliationRows', async ({ input, request }: OperationCall<RowsInput>) => {
    const query: BillRowsQuery = {
      ...{ sourceId: input.SourceId, period: input.BillingPeriod, atMs: input.At.getTime(), grain: input.Grain },
      ...{ principalArn: input.Principal, callers: input.Callers ?? [], modelId: input.ModelId, meter: input.Meter },
      usageType: input.UsageType ?? '',
    };
    const bill = await parts.store.query<StoredBillRow>(billRowsQuery(query), request.client.gone);
    const calls = await parts.store.query<{ request_id: string; admittedS: string }>(
      requestsQuery(query),
      request.client.gone,
    );
    return {
      BillLines: bill.map((row) => ({
        ...{ LineId: row.line_id, FileNumber: row.file_number, Start: new Date(Number(row.startS) * SECOND_MS) },
        ...{
          LineType: row.line_type,
          UsageType: row.usage_type,
          Description: row.description,
          Principal: row.principal_arn,
        },
        ...{ UsageAmount: row.usage_amount, Quantity: row.quantity, Usd: formatUsd(parsePicoUsd(row.net_cost)) },
      })),
      Requests: calls.map(({ request_id, admittedS }) => ({
        ...{ RequestId: request_id, AdmittedAt: new Date(Number(admittedS) * SECOND_MS) },
      })),
    };
  });
}
