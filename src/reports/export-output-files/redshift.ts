import type { ColumnType } from '../export-table.ts';
import type { OutputFile, OutputFileRequest } from './output-file.ts';
import { exportIdentifier, exportUri, literal, quoted } from './place.ts';

/** Maps are values of type SUPER: `tags."iamPrincipal/team"`. */
const REDSHIFT_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'varchar(65535)',
  double: 'double precision',
  timestamp: 'timestamp',
  'map<string,string>': 'super',
  'map<string,double>': 'super',
};

/** Set-up of Redshift under AWS's name; the content is our own. The role is the reader's to fill in, as in AWS's file. */
export function redshiftFiles({ definition, plan }: OutputFileRequest): readonly OutputFile[] {
  const { name, destination } = definition;
  const table = quoted(exportIdentifier(definition));
  const columns = plan.statement.outputs.map((column) => `  ${quoted(column.name)} ${REDSHIFT_TYPES[column.type]}`);
  const format =
    destination.format === 'PARQUET'
      ? 'FORMAT AS PARQUET SERIALIZETOJSON'
      : "GZIP CSV IGNOREHEADER 1 TIMEFORMAT 'auto' EMPTYASNULL";
  const content = `CREATE TABLE IF NOT EXISTS ${table} (
${columns.join(',\n')}
);

-- Every delivery holds whole billing periods: what was loaded before goes first.
TRUNCATE ${table};
COPY ${table} FROM ${literal(`${exportUri(definition)}data/`)}
IAM_ROLE '<AWS_ROLE>' REGION ${literal(destination.region)} ${format};
`;
  return [{ path: `${name}-RedshiftCommands.sql`, content }];
}
