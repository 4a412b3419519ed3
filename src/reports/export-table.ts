import { Fault } from '../kernel/fault.ts';
import type { BilledModel } from '../rating/billed-model.ts';
import type { BillingEntity } from '../rating/line-item.ts';
import type { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { Chunk } from './export-chunks.ts';

/** Types of exported columns, spelled as in a delivery's manifest. AWS's spelling of the map types is not published. */
export type ColumnType = ScalarType | 'map<string,string>' | 'map<string,double>';
export type ScalarType = 'string' | 'double' | 'timestamp';

/** One column of a table that can be exported: GetTable, the SELECT and the manifest are all made from this. */
export interface ExportColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  /** SQL over the table's row source. Absent: nothing here ever fills it; null, or the empty map. */
  readonly sql?: string;
  /** The column exists only when this property has this value. Absent: always. */
  readonly onlyWith?: readonly [property: string, value: string];
}

/** A setting of a table in an export (`TableConfigurations`); all values are strings. */
export interface TableProperty {
  readonly name: string;
  readonly description: string;
  /** Empty: free text. */
  readonly validValues: readonly string[];
  /** Absent: AWS lists none; the property then counts as FALSE or not given. */
  readonly defaultValue?: string;
}

/** What a table's properties are set to: defaults filled in. */
export type TableConfiguration = ReadonlyMap<string, string>;

/** What line items do not say: whose bill it is, what it is about. Read anew for every delivery. */
export interface BillFacts extends CostCatalog {
  readonly payerAccountId: string;
  /** Also names models that no list knows. */
  readonly modelOf: (modelId: string) => BilledModel;
  /** Number of the seller's invoice for a billing period; empty until the period is final. */
  readonly invoiceIdOf: (period: string, seller: BillingEntity) => string;
  /** What is said of a charge that is no usage. Undefined for one that is not on record. */
  readonly chargeOf: (chargeId: string) => { readonly description: string; readonly taxType: string } | undefined;
}

/** What one file of a table is made from. */
export interface RowRequest {
  /** `2026-05`: what rows say of their billing period. */
  readonly period: string;
  /** The rows of the period that are asked for; other rows would be delivered twice. */
  readonly chunk: Chunk;
  readonly configuration: TableConfiguration;
  /** Only this account's usage; absent: the whole organization (the payer's own exports). */
  readonly onlyAccountId?: string;
  readonly bill: BillFacts;
}

/** Asks the store for a few rows that the row source needs in advance. */
export type Ask = <Row>(query: CompiledQuery) => Promise<Row[]>;

/** A table of Data Exports. A further table is one more value of this type in `export-tables.ts`. */
export interface ExportTable {
  readonly name: string;
  readonly description: string;
  readonly properties: readonly TableProperty[];
  /** Every column of every configuration, in AWS's order. */
  readonly columns: readonly ExportColumn[];
  /** Exports of this table that one account may have. */
  readonly maxExports: number;
  /** Name of the period partition in delivered paths; its letter case differs between AWS's tables. */
  readonly partitionName: string;
  /**
   * A SELECT without SETTINGS whose columns the `sql` of `columns` refers to, its rows in a repeatable order. Its values go
   * into `parameters`.
   */
  readonly rows: (request: RowRequest, parameters: Parameters, ask: Ask) => Promise<string>;
}

/** The properties in force for what an export or GetTable gives. Throws ValidationException in AWS's words. */
export function configureTable(table: ExportTable, given: Readonly<Record<string, string>>): TableConfiguration {
  const configuration = new Map<string, string>();
  for (const { name, defaultValue } of table.properties) {
    if (defaultValue !== undefined) configuration.set(name, defaultValue);
  }
  for (const [name, value] of Object.entries(given)) {
    const property = table.properties.find((candidate) => candidate.name === name);
    if (!property) {
      throw new Fault(
        'ValidationException',
        `Invalid parameters: Table property ${name} provided but table has no such property`,
      );
    }
    if (property.validValues.length > 0 && !property.validValues.includes(value)) {
      throw new Fault(
        'ValidationException',
        `Invalid parameters: Table property ${name} must be one of ${property.validValues.join(', ')}`,
      );
    }
    configuration.set(name, value);
  }
  return configuration;
}

/** The columns that the table has in a configuration. */
export function columnsOf(table: ExportTable, configuration: TableConfiguration): readonly ExportColumn[] {
  return table.columns.filter(({ onlyWith }) => {
    if (!onlyWith) return true;
    const [property, value] = onlyWith;
    return (configuration.get(property) ?? 'FALSE') === value;
  });
}
