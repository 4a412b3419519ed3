import { tableOf, type WireExport } from '../exports/export-calls.ts';

/** An export that is being made or changed. */
export interface ExportDraft {
  readonly name: string;
  readonly description: string;
  readonly table: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Names, in the table's order; undefined: the statement is written by hand. */
  readonly columns: readonly string[] | undefined;
  /** In force where `columns` are undefined. */
  readonly statement: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly format: 'PARQUET' | 'TEXT_OR_CSV';
  readonly overwrite: 'OVERWRITE_REPORT' | 'CREATE_NEW_REPORT';
  readonly outputType: 'CUSTOM' | 'ATHENA' | 'REDSHIFT';
}

export function emptyDraft(region: string): ExportDraft {
  return {
    ...{ name: '', description: '', table: '', properties: {}, columns: [], statement: '' },
    ...{ bucket: 'finops', prefix: 'exports', region },
    ...{ format: 'PARQUET', overwrite: 'OVERWRITE_REPORT', outputType: 'CUSTOM' },
  };
}

export function statementOf({ columns, statement, table }: ExportDraft): string {
  return columns === undefined ? statement : `SELECT ${columns.join(', ')} FROM ${table}`;
}

export function exportOf(draft: ExportDraft): WireExport {
  const { name, description, table, properties, bucket, prefix, region, format, overwrite, outputType } = draft;
  return {
    Name: name,
    ...(description !== '' && { Description: description }),
    DataQuery: { QueryStatement: statementOf(draft), TableConfigurations: { [table]: properties } },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket: bucket, S3Prefix: prefix, S3Region: region },
        S3OutputConfigurations: {
          ...{ OutputType: outputType, Format: format, Compression: format === 'PARQUET' ? 'PARQUET' : 'GZIP' },
          Overwrite: overwrite,
        },
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
  };
}

export function draftOf(found: WireExport): ExportDraft {
  const { QueryStatement, TableConfigurations = {} } = found.DataQuery;
  const { S3Bucket, S3Prefix, S3Region, S3OutputConfigurations } = found.DestinationConfigurations.S3Destination;
  const { OutputType, Format, Overwrite } = S3OutputConfigurations;
  const table = tableOf(found);
  return {
    ...{ name: found.Name, description: found.Description ?? '', table, properties: TableConfigurations[table] ?? {} },
    ...{ columns: plainColumns(QueryStatement), statement: QueryStatement },
    ...{ bucket: S3Bucket, prefix: S3Prefix, region: S3Region },
    format: Format as ExportDraft['format'],
    overwrite: Overwrite as ExportDraft['overwrite'],
    outputType: OutputType as ExportDraft['outputType'],
  };
}

/** Undefined for a statement that says more than which columns. */
function plainColumns(statement: string): string[] | undefined {
  const list = /^\s*SELECT\s+((?:\w+\s*,\s*)*\w+)\s+FROM\s+\w+\s*$/i.exec(statement)?.[1];
  return list?.split(',').map((name) => name.trim());
}

/** The AWS CLI's command for the same. */
export function createCommand(draft: ExportDraft, endpoint: string): string {
  const json = JSON.stringify(exportOf({ ...draft, name: draft.name || 'NAME' }), null, 2).replaceAll("'", "'\\''");
  return `aws bcm-data-exports create-export --endpoint-url ${endpoint} --region us-east-1 \\\n  --export '${json}'`;
}
