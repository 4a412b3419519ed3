import type {
  CreateExportRequest,
  CreateExportResponse,
  DeleteExportRequest,
  DeleteExportResponse,
  GetExportRequest,
  GetExportResponse,
  ListExportsRequest,
  ListExportsResponse,
  UpdateExportRequest,
  UpdateExportResponse,
} from '@aws-sdk/client-bcm-data-exports';
import { Fault } from '../kernel/fault.ts';
import { type ObjectStoreOf, PROBE_KEY } from '../kernel/object-store.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { bucketOf, type ExportDefinition, planExport } from '../reports/export-definition.ts';
import { type ExportRegistry, exportArn } from '../reports/export-registry.ts';
import type { ExportRunner } from '../reports/export-run.ts';
import { exportNeed, newExportArn, requestTagContext } from './data-exports/access.ts';
import { executionOperations } from './data-exports/executions.ts';
import { exportStatus, readDefinition, wireExport } from './data-exports/export-shape.ts';
import { pageOf } from './data-exports/page.ts';
import { tableOperations } from './data-exports/tables.ts';
import { checkTags, tagOperations } from './data-exports/tags.ts';

export interface DataExportsParts {
  readonly registry: ExportRegistry;
  readonly runner: ExportRunner;
  readonly destination: ObjectStoreOf;
  /** A new UUID for every export. */
  readonly newId: () => string;
}

/** AWS Data Exports (`bcm-data-exports`, API version 2023-11-26). An account sees its own exports alone. */
export function dataExportsOperations(parts: DataExportsParts): OperationTable {
  return {
    CreateExport: createExport(parts),
    GetExport: getExport(parts),
    ListExports: listExports(parts),
    UpdateExport: updateExport(parts),
    DeleteExport: deleteExport(parts),
    ...executionOperations(parts.registry),
    ...tableOperations(),
    ...tagOperations(parts.registry),
  };
}

function createExport(parts: DataExportsParts): OperationHandler<CreateExportRequest, CreateExportResponse> {
  const { registry, runner, newId } = parts;
  return {
    access: ({ caller, input }) => [
      {
        action: 'bcm-data-exports:CreateExport',
        resource: newExportArn(caller.accountId, input.Export!.Name!),
        context: requestTagContext(input.ResourceTags),
      },
      { action: 'cur:PutReportDefinition', resource: '*' },
    ],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const definition = readDefinition(input.Export!);
      const { table } = planExport(definition, accountId);
      const tags = checkTags(new Map(), input.ResourceTags ?? []);
      await probe(parts, accountId, definition);
      const arn = exportArn(accountId, definition.name, newId());
      await registry.create(
        { arn, accountId, definition, table: table.name, tags: [...tags], createdAtMs: nowMs, updatedAtMs: nowMs },
        table.maxExports,
      );
      runner.start(arn);
      return { ExportArn: arn };
    },
  };
}

function updateExport(parts: DataExportsParts): OperationHandler<UpdateExportRequest, UpdateExportResponse> {
  const { registry, runner } = parts;
  return {
    access: exportNeed('UpdateExport', registry),
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const arn = input.ExportArn!;
      const { definition: before, table: tableBefore } = registry.get(accountId, arn);
      const definition = readDefinition(input.Export!);
      const { table } = planExport(definition, accountId);
      if (definition.name !== before.name) throw fixed('name');
      if (table.name !== tableBefore) throw fixed('table');
      await probe(parts, accountId, definition);
      await registry.change(accountId, arn, () => ({ definition, updatedAtMs: nowMs }));
      runner.start(arn);
      return { ExportArn: arn };
    },
  };
}

function deleteExport({
  registry,
  runner,
}: DataExportsParts): OperationHandler<DeleteExportRequest, DeleteExportResponse> {
  return {
    access: exportNeed('DeleteExport', registry),
    run: async ({ caller, input }) => {
      await registry.delete(caller.accountId, input.ExportArn!);
      runner.cancel(input.ExportArn!);
      return { ExportArn: input.ExportArn };
    },
  };
}

function getExport({ registry }: DataExportsParts): OperationHandler<GetExportRequest, GetExportResponse> {
  return {
    access: exportNeed('GetExport', registry),
    run: ({ caller, input }) => {
      const record = registry.get(caller.accountId, input.ExportArn!);
      return {
        Export: wireExport(record.definition, record.arn),
        ExportStatus: exportStatus(record, registry.executions(record.arn)),
      };
    },
  };
}

function listExports({ registry }: DataExportsParts): OperationHandler<ListExportsRequest, ListExportsResponse> {
  return {
    access: () => [{ action: 'bcm-data-exports:ListExports', resource: '*' }],
    run: ({ caller, input }: OperationCall<ListExportsRequest>) => {
      const { items, rest } = pageOf(registry.list(caller.accountId), ({ definition }) => definition.name, input);
      const Exports = items.map((record) => ({
        ExportArn: record.arn,
        ExportName: record.definition.name,
        ExportStatus: exportStatus(record, registry.executions(record.arn)),
      }));
      return { Exports, ...rest };
    },
  };
}

/** Proves that the destination can be written, as AWS does, before anything is promised. */
async function probe(
  { registry, destination }: DataExportsParts,
  accountId: string,
  definition: ExportDefinition,
): Promise<void> {
  const bucket = bucketOf(definition);
  registry.owners.claim(accountId, bucket.name);
  await destination(bucket.name).put(bucket, PROBE_KEY, '');
}

function fixed(what: string): Fault {
  return new Fault('ValidationException', `The ${what} of an export cannot be changed`, {
    Reason: 'fieldValidationFailed',
  });
}
