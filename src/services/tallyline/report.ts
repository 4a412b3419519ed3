import type { OperationHandler } from '../../paths/operation-handler.ts';
import { type ReportDeps, report } from '../../paths/report-path.ts';
import { OTHER, type ReportRow } from '../../reports/report-query.ts';
import { type ReportInput, readReport } from './report-input.ts';
import { wireMeasures } from './report-measures.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface ReportParts extends ReportDeps, ReportScopeParts {}

/** GetReport: one question of any form, answered with exact sums. */
export function getReport(parts: ReportParts): OperationHandler<ReportInput & ScopedInput, unknown> {
  return {
    access: scopedAccess('GetReport'),
    run: async ({ input, caller }) => {
      const query = { ...readReport(input), visible: visibilityOf(input, caller, parts) };
      const rows = await report(query, parts);
      return { Rows: rows.map((row) => wireRow(row, input.Measures)) };
    },
  };
}

function wireRow(row: ReportRow, measures: ReportInput['Measures']): object {
  return {
    Start: new Date(row.bucketStartMs),
    End: new Date(row.bucketEndMs),
    Keys: row.keys.map((key) => (key === OTHER ? '' : key)),
    ...(row.keys[0] === OTHER && { IsOther: true }),
    ...wireMeasures(row, measures),
  };
}
