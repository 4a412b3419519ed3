import { engineError } from './engine-error.ts';

/** One request of the ClickHouse HTTP interface, without the rows of an insert. */
export interface Statement {
  readonly kind: 'insert' | 'select' | 'other';
  /** Without its format clause for `insert` and `select`. */
  readonly sql: string;
  /** Of the rows or the result. */
  readonly format: string;
  readonly database?: string;
  /** Settings, and parameters as `param_<name>`. */
  readonly settings: ReadonlyMap<string, string>;
  readonly queryId: string;
  /** How the result of a `select` is to be compressed, as the request's Accept-Encoding asks. */
  readonly compression: 'gzip' | 'none';
}

export type FormattedStatement = Pick<Statement, 'sql' | 'format' | 'compression'>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const FORMAT = /^[A-Za-z0-9]{1,64}$/;
const QUERY_ID = /^[A-Za-z0-9_.:-]{0,128}$/;
const FORMAT_CLAUSE = /\sFORMAT\s+([A-Za-z0-9]{1,64})$/i;
const INSERT = /^INSERT\s+INTO\s/i;
const SELECT = /^[\s(]*(SELECT|WITH)\b/i;

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

/**
 * Reads the parameters of a request; `text` is the statement from the URL or the body, and `isInUrl` says that the body
 * holds rows. Throws BAD_ARGUMENTS for whatever is not plainly a name, a format, a setting.
 */
export function readStatement(
  { searchParams }: URL,
  text: string,
  isInUrl: boolean,
  acceptEncoding: string | undefined,
): Statement {
  const database = searchParams.get('database');
  if (database !== null && !NAME.test(database)) throw engineError('BAD_ARGUMENTS', 'Not a database name');
  const defaultFormat = searchParams.get('default_format') ?? 'TabSeparated';
  if (!FORMAT.test(defaultFormat)) throw engineError('BAD_ARGUMENTS', 'Not a format name');
  const queryId = searchParams.get('query_id') ?? '';
  if (!QUERY_ID.test(queryId)) throw engineError('BAD_ARGUMENTS', 'Not a query id');
  const isBuffered = searchParams.get('wait_end_of_query') === '1';
  return {
    ...formatted(text.trim(), defaultFormat, isInUrl, isBuffered),
    ...(database !== null && { database }),
    settings: readSettings(searchParams),
    queryId,
    compression: searchParams.get('enable_http_compression') === '1' && acceptEncoding === 'gzip' ? 'gzip' : 'none',
  };
}

/** A result that the caller wants as a whole (`wait_end_of_query`) is `other`: it fits in memory. */
function formatted(
  sql: string,
  defaultFormat: string,
  isInUrl: boolean,
  isBuffered: boolean,
): Pick<Statement, 'kind' | 'sql' | 'format'> {
  if (sql === '') throw engineError('SYNTAX_ERROR', 'Empty query');
  const clause = FORMAT_CLAUSE.exec(sql);
  const bare = sql.slice(0, clause?.index);
  if (isInUrl && INSERT.test(sql) && clause) return { kind: 'insert', sql: bare, format: clause[1]! };
  if (!isBuffered && SELECT.test(sql)) return { kind: 'select', sql: bare, format: clause?.[1] ?? defaultFormat };
  return { kind: 'other', sql, format: defaultFormat };
}

function readSettings(searchParams: URLSearchParams): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (NOT_SETTINGS.has(name)) continue;
    if (UNSUPPORTED.has(name) || !NAME.test(name))
      throw engineError('BAD_ARGUMENTS', 'Not a setting of the embedded engine');
    if (settings.has(name)) throw engineError('BAD_ARGUMENTS', 'A setting is given twice');
    settings.set(name, value);
  }
  return settings;
}
