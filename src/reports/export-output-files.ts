import { type ExportDefinition, planExport } from './export-definition.ts';
import { objectUri, outputFileKey } from './export-layout.ts';
import { athenaFiles } from './export-output-files/athena.ts';
import { clickHouseDialect } from './export-output-files/clickhouse.ts';
import { duckDbDialect } from './export-output-files/duckdb.ts';
import type { OutputFile, OutputFileRequest } from './export-output-files/output-file.ts';
import { redshiftFiles } from './export-output-files/redshift.ts';
import { viewFile } from './export-output-files/view-file.ts';

/**
 * The files that go with an export, the same for every billing period: AWS's set-up files for the query service that its
 * output type names, and views for DuckDB and ClickHouse always. None is under `data/`, so that no glob over data meets one.
 */
export function outputFiles(request: OutputFileRequest): readonly OutputFile[] {
  const { outputType } = request.definition.destination;
  return [
    ...(outputType === 'ATHENA' ? athenaFiles(request) : []),
    ...(outputType === 'REDSHIFT' ? redshiftFiles(request) : []),
    viewFile(request, duckDbDialect),
    viewFile(request, clickHouseDialect),
  ];
}

/** Where they are, also before the first delivery. */
export function outputFileUris(definition: ExportDefinition, accountId: string): string[] {
  const files = outputFiles({ definition, plan: planExport(definition, accountId), tagKeys: [] });
  return files.map(({ path }) => objectUri(definition, outputFileKey(definition, path)));
}
