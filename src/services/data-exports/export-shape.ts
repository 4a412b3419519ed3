import type { ExecutionStatus, Export, ExportStatus, S3Destination } from '@aws-sdk/client-bcm-data-exports';
import type { ExportDefinition } from '../../reports/export-definition.ts';
import { type ExecutionRecord, type ExportRecord, isFinal } from '../../reports/export-registry.ts';

/** The installed client's types are older than this member. */
type S3Target = S3Destination & { readonly S3BucketOwner?: string };

/** The wire's `Export` as a definition. Required members are there: the wire has checked them against the model. */
export function readDefinition(wire: Export): ExportDefinition {
  const { QueryStatement, TableConfigurations } = wire.DataQuery!;
  const target: S3Target = wire.DestinationConfigurations!.S3Destination!;
  const { S3Bucket, S3BucketOwner, S3Prefix, S3Region, S3OutputConfigurations } = target;
  const { OutputType, Format, Compression, Overwrite } = S3OutputConfigurations!;
  return {
    name: wire.Name!,
    ...(wire.Description !== undefined && { description: wire.Description }),
    queryStatement: QueryStatement!,
    ...(TableConfigurations !== undefined && { tableConfigurations: TableConfigurations }),
    destination: {
      ...{ bucket: S3Bucket!, prefix: S3Prefix!, region: S3Region! },
      ...(S3BucketOwner !== undefined && { bucketOwner: S3BucketOwner }),
      ...{ outputType: OutputType!, format: Format!, compression: Compression!, overwrite: Overwrite! },
    },
    refreshFrequency: wire.RefreshCadence!.Frequency!,
  };
}

export function wireExport(definition: ExportDefinition, exportArn: string): Export {
  const { bucket, bucketOwner, prefix, region, outputType, format, compression, overwrite } = definition.destination;
  return {
    ExportArn: exportArn,
    Name: definition.name,
    ...(definition.description !== undefined && { Description: definition.description }),
    DataQuery: {
      QueryStatement: definition.queryStatement,
      ...(definition.tableConfigurations && { TableConfigurations: definition.tableConfigurations }),
    },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket: bucket, ...(bucketOwner !== undefined && { S3BucketOwner: bucketOwner }) },
        ...{ S3Prefix: prefix, S3Region: region },
        S3OutputConfigurations: {
          ...{ OutputType: outputType, Format: format, Compression: compression, Overwrite: overwrite },
        },
      },
    },
    RefreshCadence: { Frequency: definition.refreshFrequency },
  } as Export;
}

/** Healthy unless the last execution that ended has failed. `executions`: newest first. */
export function exportStatus(record: ExportRecord, executions: readonly ExecutionRecord[]): ExportStatus {
  const last = executions.find(({ status }) => isFinal(status));
  const delivered = executions.find(({ status }) => status === 'DELIVERY_SUCCESS');
  return {
    StatusCode: last === undefined || last === delivered ? 'HEALTHY' : 'UNHEALTHY',
    ...(last?.statusReason && { StatusReason: last.statusReason }),
    CreatedAt: new Date(record.createdAtMs),
    LastUpdatedAt: new Date(record.updatedAtMs),
    ...(delivered && { LastRefreshedAt: new Date(delivered.completedAtMs!) }),
  };
}

export function executionStatus(execution: ExecutionRecord): ExecutionStatus {
  return {
    StatusCode: execution.status,
    ...(execution.statusReason && { StatusReason: execution.statusReason }),
    CreatedAt: new Date(execution.createdAtMs),
    ...(execution.completedAtMs !== undefined && { CompletedAt: new Date(execution.completedAtMs) }),
    LastUpdatedAt: new Date(execution.updatedAtMs),
  };
}
