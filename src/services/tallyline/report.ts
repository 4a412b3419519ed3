import { formatUsd } from '../../kernel/money.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { type ReportDeps, report } from '../../paths/report-path.ts';
import { OTHER, type ReportRow } from '../../reports/report-query.ts';
import { type ReportInput, readReport } from './report-input.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface ReportParts extends ReportDeps, ReportScopeParts {}

/** GetReport: one question of any form, answered with exact sums. */
export function getReport(parts: ReportParts): OperationHandler<ReportInput & ScopedInput, unknown> {
  return {
    access: scopedAccess('GetReport'),
    run: async ({ input, caller }) => {
      const query = { ...readReport(input), visible: visibilityOf(input, caller, parts) };
      return { Rows: (await report(query, parts)).map(wireRow) };
    },
  };
}

function wireRow(row: ReportRow): unknown {
  return {
    Start: new Date(row.bucketStartMs),
    End: new Date(row.bucketEndMs),
    Keys: row.keys.map((key) => (key === OTHER ? '' : key)),
    ...(row.keys[0] === OTHER && { IsOther: true }),
    CostUsd: formatUsd(row.costPicoUsd),
    NetCostUsd: formatUsd(row.netCostPicoUsd),
    Tokens: row.tokens.toString(),
    Requests: row.requests.toString(),
    Unpriced: row.unpricedQuantity.toString(),
  };
}
