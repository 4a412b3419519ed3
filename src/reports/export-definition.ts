import { Fault } from '../kernel/fault.ts';
import { type Bucket, isBucketName, isObjectKey } from '../kernel/object-store.ts';
import { billingView } from './billing-view.ts';
import { inBook } from './book.ts';
import { type BoundStatement, bindStatement } from './export-sql/bind.ts';
import type { FileFormat } from './export-sql/compile.ts';
import { parseExportSql } from './export-sql.ts';
import {
  type BillFacts,
  columnsOf,
  configureTable,
  type ExportTable,
  type TableConfiguration,
} from './export-table.ts';
import { exportTable } from './export-tables.ts';

/** What an account asked to be exported, and where to; kept as it was given. */
export interface ExportDefinition {
  /** Unique in its account, and part of every delivered path. */
  readonly name: string;
  readonly description?: string;
  readonly queryStatement: string;
  /** Properties by table name. Absent: all defaults. */
  readonly tableConfigurations?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly destination: ExportTarget;
  /** `SYNCHRONOUS`: refreshed when the usage behind it changed, at most three times a day. */
  readonly refreshFrequency: string;
}

export interface ExportTarget {
  readonly bucket: string;
  /** Account that must own the bucket. Absent: whoever does. */
  readonly bucketOwner?: string;
  /** Folders inside the bucket; may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** ATHENA and REDSHIFT add files that set these services up: `export-output-files.ts`. */
  readonly outputType: 'CUSTOM' | 'ATHENA' | 'REDSHIFT';
  readonly format: FileFormat;
  readonly compression: string;
  readonly overwrite: 'OVERWRITE_REPORT' | 'CREATE_NEW_REPORT';
}

/** A definition that has been checked against the tables: what a run carries out. */
export interface ExportPlan {
  readonly table: ExportTable;
  readonly configuration: TableConfiguration;
  readonly statement: BoundStatement;
}

/** Compression that goes with each format. Parquet is compressed inside, with snappy. */
const COMPRESSION: Readonly<Record<FileFormat, string>> = { PARQUET: 'PARQUET', TEXT_OR_CSV: 'GZIP' };

/** Leaves room for the longest name and folders below it in S3's 1,024 bytes of a key. */
const MAX_PREFIX_BYTES = 600;

/** Checks a definition of an account. Throws ValidationException. */
export function planExport(definition: ExportDefinition, accountId: string): ExportPlan {
  checkTarget(definition.destination);
  return planQuery(definition, accountId);
}

/** The part that is about rows and columns, wherever they go. Throws ValidationException. */
export function planQuery(
  definition: Pick<ExportDefinition, 'queryStatement' | 'tableConfigurations'>,
  accountId: string,
): ExportPlan {
  const statement = parseExportSql(definition.queryStatement);
  const table = exportTable(statement.table);
  if (!table) throw invalid('QueryStatement', `The table ${statement.table} does not exist`);
  const given = new Map(Object.entries(definition.tableConfigurations ?? {}));
  for (const name of given.keys()) {
    if (name !== table.name) throw invalid('TableConfigurations', `The table ${name} is not the table of the query`);
  }
  const configuration = configureTable(table, given.get(table.name) ?? {});
  const view = configuration.get('BILLING_VIEW_ARN');
  if (view !== undefined && !billingView(view, accountId)) {
    throw invalid('TableConfigurations', `The billing view ${view.slice(0, 200)} does not exist`);
  }
  return { table, configuration, statement: bindStatement(statement, columnsOf(table, configuration)) };
}

/** What an account's definition, which was checked, is exported of. */
export function billOf(
  { tableConfigurations = {} }: Pick<ExportDefinition, 'tableConfigurations'>,
  accountId: string,
  bill: BillFacts,
): BillFacts {
  const viewArn = Object.values(tableConfigurations).find(({ BILLING_VIEW_ARN }) => BILLING_VIEW_ARN)?.BILLING_VIEW_ARN;
  return viewArn === undefined ? bill : inBook(bill, billingView(viewArn, accountId)?.book);
}

/** Where the port puts a definition's objects. */
export function bucketOf({ destination: { bucket, region, bucketOwner } }: ExportDefinition): Bucket {
  return { name: bucket, region, ...(bucketOwner !== undefined && { ownerAccountId: bucketOwner }) };
}

/** The prefix without slashes at its ends: `a/b`. */
export function trimPrefix(prefix: string): string {
  return prefix.replace(/^\//, '').replace(/\/$/, '');
}

function checkTarget({ bucket, prefix, region, format, compression }: ExportTarget): void {
  if (!isBucketName(bucket)) throw invalid('S3Bucket', `The S3 bucket name ${bucket.slice(0, 100)} is not valid`);
  if (!/^[a-z0-9-]{1,50}$/.test(region)) {
    throw invalid('S3Region', `The S3 region ${region.slice(0, 100)} is not valid`);
  }
  const folders = trimPrefix(prefix);
  if (folders !== '' && (!isObjectKey(folders) || Buffer.byteLength(folders) > MAX_PREFIX_BYTES)) {
    throw invalid('S3Prefix', `The S3 prefix ${prefix.slice(0, 100)} is not valid`);
  }
  if (COMPRESSION[format] !== compression) {
    throw invalid('Compression', `The compression ${compression} cannot be used with the format ${format}`);
  }
}

function invalid(field: string, message: string): Fault {
  return new Fault('ValidationException', message, {
    Reason: 'fieldValidationFailed',
    Fields: [{ Name: field, Message: message }],
  });
}
