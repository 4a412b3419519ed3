import { CUR_TABLE } from './cur-query.ts';
import type { ExportTable } from './export-table.ts';
import { FOCUS_TABLES } from './focus-tables.ts';

/** The tables that can be exported, in the order of ListTables. */
export const EXPORT_TABLES: readonly ExportTable[] = [CUR_TABLE, ...FOCUS_TABLES];

/** Undefined when there is no such table. Names are case-sensitive. */
export function exportTable(name: string): ExportTable | undefined {
  return EXPORT_TABLES.find((table) => table.name === name);
}
