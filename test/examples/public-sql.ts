import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './guide.ts';

export type EngineName = 'duckdb' | 'clickhouse';

/** A query that people run on CUR 2.0 or FOCUS: the shape of a public one, with where that is. */
export interface PublicQuery {
  readonly name: string;
  /** `athena` asks for the functions of `examples/athena/` first. */
  readonly dialect: string;
  readonly engines: readonly EngineName[];
  /** A column of the answer, and which spend its sum has to be. */
  readonly total: { readonly column: string; readonly of: string };
  readonly sql: string;
}

const FOLDER = join(ROOT, 'test/vectors/cur-sql');

export const PUBLIC_QUERIES: readonly PublicQuery[] = readdirSync(FOLDER).map((file) => {
  const sql = readFileSync(join(FOLDER, file), 'utf8');
  const head = (name: string) => new RegExp(`^-- ${name}: (.+)$`, 'm').exec(sql)![1]!;
  const [, column, of] = /^(\w+) to (\w+)$/.exec(head('adds up'))!;
  return {
    name: file.replace('.sql', ''),
    dialect: head('dialect'),
    engines: head('engines').split(' ') as EngineName[],
    total: { column: column!, of: of! },
    sql,
  };
});

/** Functions of Athena that an engine lacks, as statements. */
export function athenaFunctions(engine: EngineName): readonly string[] {
  const text = readFileSync(join(ROOT, `examples/athena/${engine}.sql`), 'utf8');
  return text.split(/;\n/).filter((statement) => /^\w/m.test(statement));
}

/** The one rewriting of ours: ClickHouse's `date_add` takes the unit as a word. */
export function inDialect(sql: string, engine: EngineName): string {
  return engine === 'clickhouse' ? sql.replaceAll(/\bdate_add\('(\w+)'/gi, 'date_add($1') : sql;
}
