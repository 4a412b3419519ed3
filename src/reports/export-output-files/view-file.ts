import { CUR_TABLE } from '../cur-query.ts';
import { bedrockDaily } from './bedrock-daily.ts';
import type { Dialect } from './dialect.ts';
import { legacyReport } from './legacy-report.ts';
import type { OutputFile, OutputFileRequest } from './output-file.ts';
import { exportIdentifier, quoted } from './place.ts';

/** A view of the delivered rows, and for CUR 2.0 the views that are made from it, in a schema named like the export. */
export function viewFile(request: OutputFileRequest, dialect: Dialect): OutputFile {
  const schema = exportIdentifier(request.definition);
  const isCur = request.plan.table.name === CUR_TABLE.name;
  const base = isCur ? 'cur' : 'focus';
  const rows = `${quoted(schema)}.${base}`;
  const views = [
    [base, dialect.delivered(request)],
    ...(isCur ? legacyReport(request, rows) : []),
    ...(isCur ? bedrockDaily(request, rows, dialect) : []),
  ] as const;
  const content = `-- Run in the folder that holds data/ and metadata/: ${dialect.command}
-- To read the bucket itself, ${dialect.readBucket(request.definition)} below.
${dialect.createSchema(schema)}

${views.map(([name, select]) => `CREATE OR REPLACE VIEW ${quoted(schema)}.${quoted(name)} AS\n${select};\n`).join('\n')}`;
  return { path: `views/${dialect.name}.sql`, content };
}
