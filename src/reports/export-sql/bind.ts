import { Fault } from '../../kernel/fault.ts';
import type { ColumnRef, Comparison, Condition, ExportStatement, Literal } from '../export-sql.ts';
import type { ColumnType, ExportColumn, ScalarType } from '../export-table.ts';

/** A statement whose names are columns of a configured table and whose literals have the columns' types. */
export interface BoundStatement {
  readonly outputs: readonly OutputColumn[];
  readonly where?: BoundCondition;
  readonly limit?: number;
}

export interface BoundRef {
  readonly column: ExportColumn;
  readonly key?: string;
  readonly type: ColumnType;
}

/** One column of the delivered files. */
export interface OutputColumn extends BoundRef {
  readonly name: string;
}

/** What can be compared: a column that is no map, or one key of a map. */
export interface ScalarRef extends BoundRef {
  readonly type: ScalarType;
}

/** A literal as the type of its column: text, number, or milliseconds since 1970 for timestamps. */
export type BoundValue = string | number;

export type BoundCondition =
  | { readonly and: readonly BoundCondition[] }
  | { readonly or: readonly BoundCondition[] }
  | { readonly not: BoundCondition }
  | { readonly ref: ScalarRef; readonly op: Comparison; readonly value: BoundValue }
  | { readonly ref: ScalarRef; readonly anyOf: readonly BoundValue[] };

/** Checks a statement against the columns that its table has. Throws ValidationException. */
export function bindStatement(statement: ExportStatement, columns: readonly ExportColumn[]): BoundStatement {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const resolve = (ref: ColumnRef): BoundRef => resolveRef(ref, byName, statement.table);
  const outputs = statement.items.map((item) => ({ ...resolve(item), name: item.alias ?? item.key ?? item.column }));
  const names = new Set<string>();
  for (const { name } of outputs) {
    if (names.has(name)) throw invalid(`The column name ${name} appears more than once in the query`);
    names.add(name);
  }
  return {
    outputs,
    ...(statement.where && { where: bindCondition(statement.where, resolve) }),
    ...(statement.limit !== undefined && { limit: statement.limit }),
  };
}

function resolveRef(ref: ColumnRef, byName: ReadonlyMap<string, ExportColumn>, table: string): BoundRef {
  const column = byName.get(ref.column);
  if (!column) throw invalid(`The columns in the query provided are not a subset of the table [${table}]`);
  if (ref.key === undefined) return { column, type: column.type };
  if (isScalar({ column, type: column.type })) {
    throw invalid(`The column ${column.name} has no keys: it is of type ${column.type}`);
  }
  return { column, key: ref.key, type: column.type === 'map<string,double>' ? 'double' : 'string' };
}

function bindCondition(condition: Condition, resolve: (ref: ColumnRef) => BoundRef): BoundCondition {
  if ('and' in condition) return { and: condition.and.map((part) => bindCondition(part, resolve)) };
  if ('or' in condition) return { or: condition.or.map((part) => bindCondition(part, resolve)) };
  if ('not' in condition) return { not: bindCondition(condition.not, resolve) };
  const ref = resolve(condition.ref);
  if (!isScalar(ref)) {
    throw invalid(`The column ${ref.column.name} of type ${ref.type} cannot be compared; name one of its keys`);
  }
  if ('anyOf' in condition) return { ref, anyOf: condition.anyOf.map((literal) => bindLiteral(literal, ref)) };
  return { ref, op: condition.op, value: bindLiteral(condition.value, ref) };
}

function bindLiteral(literal: Literal, { column, type }: ScalarRef): BoundValue {
  if (type === 'string' && 'text' in literal) return literal.text;
  if (type === 'double' && 'number' in literal) return literal.number;
  if (type === 'timestamp' && 'text' in literal) {
    const atMs = parseInstant(literal.text);
    if (atMs !== undefined) return atMs;
  }
  const value = 'text' in literal ? `'${literal.text.slice(0, 100)}'` : String(literal.number);
  throw invalid(`The column ${column.name} of type ${type} cannot be compared with ${value}`);
}

/** `2026-05-01`, `2026-05-01 12:00:00` or `2026-05-01T12:00:00.000Z`, always UTC. Undefined for what is no such instant. */
function parseInstant(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(\.\d{1,3})?Z?)?$/.exec(text);
  if (!match) return undefined;
  const [, date, time = '00:00:00', fraction = ''] = match;
  const atMs = Date.parse(`${date}T${time}${fraction}Z`);
  const isReal = !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(date!);
  return isReal ? atMs : undefined;
}

function isScalar(ref: BoundRef): ref is ScalarRef {
  return !ref.type.startsWith('map');
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message, { Reason: 'fieldValidationFailed' });
}
