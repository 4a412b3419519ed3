import type { NoticeFile } from '../kernel/notice.ts';
import type { Statement, StatementPaper } from './statement.ts';
import { statementCsv } from './statement-csv.ts';

/** Forms of a statement as a file. */
export type StatementFormat = 'PDF' | 'CSV' | 'JSON';

const CONTENT_TYPES: Readonly<Record<StatementFormat, string>> = {
  PDF: 'application/pdf',
  CSV: 'text/csv; charset=utf-8',
  JSON: 'application/json',
};

/** `SHB-2026-0001-v1.pdf`. */
export function fileName({ number, version }: Pick<Statement, 'number' | 'version'>, format: StatementFormat): string {
  return `${number}-v${version}.${format.toLowerCase()}`;
}

/** A version as a file: the same bytes whenever it is written. */
export async function statementFile(
  statement: Statement,
  format: StatementFormat,
  paper: StatementPaper,
): Promise<NoticeFile> {
  const name = fileName(statement, format);
  return { name, contentType: CONTENT_TYPES[format], bytes: await bytesOf(statement, format, paper) };
}

async function bytesOf(statement: Statement, format: StatementFormat, paper: StatementPaper): Promise<Uint8Array> {
  if (format === 'PDF') return await paper.write(statement);
  return Buffer.from(format === 'CSV' ? statementCsv(statement) : statementJson(statement));
}

/** Everything of the version; times as ISO 8601. */
function statementJson({ issuedAtMs, dueAtMs, ...statement }: Statement): string {
  const times = { issuedAt: new Date(issuedAtMs), dueAt: new Date(dueAtMs) };
  return `${JSON.stringify({ ...statement, ...times }, null, 2)}\n`;
}
