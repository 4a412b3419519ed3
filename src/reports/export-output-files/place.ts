import type { ExportDefinition } from '../export-definition.ts';
import { exportFolder, objectUri } from '../export-layout.ts';
import type { OutputColumn } from '../export-sql/bind.ts';
import type { OutputFileRequest } from './output-file.ts';

/** `s3://bucket/prefix/name/`: what every URI in a manifest of this export begins with. */
export function exportUri(definition: ExportDefinition): string {
  return objectUri(definition, exportFolder(definition));
}

/** A name for the export's table or schema: `llm-cur2` is `llm_cur2`. */
export function exportIdentifier({ name }: ExportDefinition): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** Whether an export gives a column of the table as it is, under its own name. */
export function isAsIs({ name, column, key }: OutputColumn): boolean {
  return key === undefined && name === column.name;
}

/** Column of the views that says a row's billing period: the first of these names that the export does not use itself. */
export function periodColumn({ plan }: Pick<OutputFileRequest, 'plan'>): string {
  const taken = new Set(plan.statement.outputs.map(({ name }) => name.toLowerCase()));
  return taken.has('billing_period') ? 'delivered_billing_period' : 'billing_period';
}

/** A string literal of standard SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A quoted name of standard SQL. Names of columns have letters, digits, `_` and, for keys of maps, anything. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
