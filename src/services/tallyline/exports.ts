import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { outputFileUris } from '../../reports/export-output-files.ts';
import { type ExportRegistry, manifestUri } from '../../reports/export-registry.ts';
import type { Execution } from '../../reports/export-run.ts';
import type { ExportSample, SampleQuestion } from '../../reports/export-sample.ts';

export interface ExportParts {
  readonly registry: ExportRegistry;
  /** Runs an export now; resolves when it has been delivered or has failed. */
  readonly runExport: (exportArn: string) => Promise<Execution>;
  readonly sampleExport: (question: SampleQuestion, signal: AbortSignal) => Promise<ExportSample>;
}

interface SampleInput {
  readonly QueryStatement: string;
  readonly TableConfigurations?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly BillingPeriod?: string;
  readonly MaxRows?: number;
}

const SAMPLE_ROWS = 20;

/** What AWS's operations do not say of exports. An account sees its own alone. */
export function exportOperations({ registry, runExport }: ExportParts): OperationTable {
  const start: OperationHandler<{ ExportName: string }, unknown> = {
    access: () => [{ action: 'tallyline:StartExportExecution', resource: '*' }],
    run: async ({ input, caller }) => {
      const found = registry.list(caller.accountId).find(({ definition }) => definition.name === input.ExportName);
      if (!found) throw new Fault('ResourceNotFoundException', `there is no export \`${input.ExportName}\``);
      const { executionId, status, detail, dataFiles } = await runExport(found.arn);
      const ended = { Status: status, ...(detail !== undefined && { Reason: detail }) };
      return { ExportArn: found.arn, ExecutionId: executionId, ...ended, DataFiles: dataFiles };
    },
  };
  const delivery: OperationHandler<{ ExportArn: string }, unknown> = {
    access: ({ input }) => [{ action: 'tallyline:GetExportDelivery', resource: input.ExportArn }],
    run: ({ input, caller }) => {
      const record = registry.get(caller.accountId, input.ExportArn);
      const periods = [...registry.delivered(record.arn)].sort(([a], [b]) => (a > b ? -1 : 1));
      return {
        Periods: periods.map(([period, { dataFiles, files, executionId, deliveredAtMs }]) => ({
          BillingPeriod: period,
          ManifestUri: manifestUri(record, period),
          ...(executionId !== undefined && { ExecutionId: executionId }),
          ...(deliveredAtMs !== undefined && { DeliveredAt: new Date(deliveredAtMs) }),
          Files: files
            ? files.map(({ uri, bytes, rows }) => ({
                Uri: uri,
                Bytes: bytes,
                ...(rows !== undefined && { Rows: rows }),
              }))
            : dataFiles.map((uri) => ({ Uri: uri })),
        })),
        SetUpFiles: periods.length === 0 ? [] : outputFileUris(record.definition, caller.accountId),
      };
    },
  };
  return { StartExportExecution: start, GetExportDelivery: delivery };
}

/** GetExportSample: some rows that a query would deliver. */
export function getExportSample({
  sampleExport,
}: Pick<ExportParts, 'sampleExport'>): OperationHandler<SampleInput, unknown> {
  return {
    access: () => [{ action: 'tallyline:GetExportSample', resource: '*' }],
    run: async ({ input, caller, request, nowMs }) => {
      const { QueryStatement, TableConfigurations, BillingPeriod: period, MaxRows: maxRows = SAMPLE_ROWS } = input;
      const query = {
        queryStatement: QueryStatement,
        ...(TableConfigurations && { tableConfigurations: TableConfigurations }),
      };
      const question = { query, accountId: caller.accountId, period, maxRows, nowMs };
      const { columns, rows } = await sampleExport(question, request.client.gone);
      return { Columns: columns.map(({ name, type }) => ({ Name: name, Type: type })), Rows: rows };
    },
  };
}
