import { CUR_PROPERTIES } from './cur-query/properties.ts';
import { CUR_TABLE } from './cur-query.ts';
import { typedColumn } from './export-sql/compile.ts';
import { columnsOf, type ExportTable, type RowRequest, type TableConfiguration } from './export-table.ts';
import { type FocusVersion, focusColumns } from './focus-columns.ts';

/**
 * The properties that FOCUS has in common with CUR 2.0. AWS's tables have TIME_GRANULARITY at most; asking for principals
 * is an extension that changes nothing for who does not ask.
 */
const PROPERTIES = CUR_PROPERTIES.filter(({ name }) => {
  return name === 'TIME_GRANULARITY' || name === 'INCLUDE_IAM_PRINCIPAL_DATA';
});

/** The FOCUS tables, the oldest version first. AWS has none for 1.4 yet (2026-11): its name is made like the others'. */
export const FOCUS_TABLES: readonly ExportTable[] = (['1.0', '1.2', '1.4'] as const).map(focusTable);

function focusTable(version: FocusVersion): ExportTable {
  return {
    name: `FOCUS_${version.replace('.', '_')}_AWS`,
    description: `Cost and usage in the form of the FinOps Open Cost and Usage Specification ${version}.`,
    properties: PROPERTIES,
    columns: focusColumns(version),
    maxExports: 2,
    partitionName: 'billing_period',
    rows: async (request, parameters, ask) => {
      const configuration = curConfiguration(request);
      const rows = await CUR_TABLE.rows({ ...request, configuration }, parameters, ask);
      const columns = columnsOf(CUR_TABLE, configuration).map(typedColumn);
      return `SELECT ${columns.join(', ')}, quantity_sum, is_correction FROM (${rows})`;
    },
  };
}

/** FOCUS always names the resource. */
function curConfiguration({ configuration }: RowRequest): TableConfiguration {
  return new Map([...configuration, ['INCLUDE_RESOURCES', 'TRUE'], ['INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY', 'FALSE']]);
}
