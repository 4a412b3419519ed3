import { engineError } from './engine-error.ts';

/** One request of the ClickHouse HTTP interface. */
export interface Statement {
  readonly sql: string;
  /** What an insert takes in; absent for every other statement. */
  readonly rows?: { readonly target: InsertTarget; readonly file: string };
  readonly database?: string;
  /** Result format of a statement that names none. */
  readonly format: string;
  /** Settings, and parameters as `param_<name>`. */
  readonly settings: ReadonlyMap<string, string>;
  readonly queryId: string;
  /** The caller wants the whole result or an error (`wait_end_of_query`). */
  readonly isBuffered: boolean;
}

/** The two parts of `INSERT INTO table (columns) FORMAT x`. */
export interface InsertTarget {
  readonly target: string;
  readonly format: string;
}

/** Where the body of a request went. */
export type RequestBody = { readonly sql: string } | { readonly rowsFile: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const FORMAT = /^[A-Za-z0-9]{1,64}$/;
const QUERY_ID = /^[A-Za-z0-9_.:-]{0,128}$/;
const INSERT = /^(INSERT\s+INTO\s.*)\sFORMAT\s+([A-Za-z0-9]{1,64})$/is;

/** Parameters of the URL that are no settings of the engine: read here, or without meaning on a loopback connection. */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'wait_end_of_query',
  'buffer_size',
  'send_progress_in_http_headers',
  'enable_http_compression',
  'http_response_buffer_size',
  'http_headers_progress_interval_ms',
]);

/** Parameters whose promise the embedded engine cannot keep. */
const UNSUPPORTED = new Set(['session_id', 'role', 'compress', 'decompress', 'user', 'password', 'quota_key']);

/** Throws BAD_ARGUMENTS for whatever is not plainly a name, a format, a setting. */
export function readStatement({ searchParams }: URL, body: RequestBody): Statement {
  const sql = ('sql' in body ? body.sql : (searchParams.get('query') ?? '')).trim();
  if (sql === '') throw engineError('SYNTAX_ERROR', 'Empty query');
  const database = searchParams.get('database');
  if (database !== null && !NAME.test(database)) throw engineError('BAD_ARGUMENTS', 'Not a database name');
  const format = searchParams.get('default_format') ?? 'TabSeparated';
  if (!FORMAT.test(format)) throw engineError('BAD_ARGUMENTS', 'Not a format name');
  const queryId = searchParams.get('query_id') ?? '';
  if (!QUERY_ID.test(queryId)) throw engineError('BAD_ARGUMENTS', 'Not a query id');
  return {
    sql,
    ...('rowsFile' in body && { rows: { target: insertTarget(sql), file: body.rowsFile } }),
    ...(database !== null && { database }),
    format,
    settings: readSettings(searchParams),
    queryId,
    isBuffered: searchParams.get('wait_end_of_query') === '1',
  };
}

function insertTarget(sql: string): InsertTarget {
  const [, target, format] = INSERT.exec(sql) ?? [];
  if (target === undefined || format === undefined) {
    throw engineError('BAD_ARGUMENTS', 'A body beside the statement goes with `INSERT INTO ... FORMAT ...` alone');
  }
  return { target, format };
}

function readSettings(searchParams: URLSearchParams): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (NOT_SETTINGS.has(name)) continue;
    if (UNSUPPORTED.has(name) || !NAME.test(name)) throw engineError('BAD_ARGUMENTS', 'Not a setting of the embedded engine');
    if (settings.has(name)) throw engineError('BAD_ARGUMENTS', 'A setting is given twice');
    settings.set(name, value);
  }
  return settings;
}
