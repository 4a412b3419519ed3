import { type ExportDefinition, trimPrefix } from '../export-definition.ts';

/** `s3://bucket/prefix/name/`: what every URI in a manifest of this export begins with. */
export function exportUri({ name, destination }: ExportDefinition): string {
  const folders = [destination.bucket, trimPrefix(destination.prefix), name].filter((folder) => folder !== '');
  return `s3://${folders.join('/')}/`;
}

/** A name for the export's table or schema: `llm-cur2` is `llm_cur2`. */
export function exportIdentifier({ name }: ExportDefinition): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** A string literal of standard SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A quoted name of standard SQL. Names of columns have letters, digits, `_` and, for keys of maps, anything. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
