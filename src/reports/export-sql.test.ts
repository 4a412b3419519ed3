import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../test/vectors/cur/export-sql.json' with { type: 'json' };
import { Fault } from '../kernel/fault.ts';
import { planExport } from './export-definition.ts';
import { type BoundCondition, bindStatement } from './export-sql/bind.ts';
import { parseExportSql } from './export-sql.ts';
import { columnsOf, configureTable } from './export-table.ts';
import { EXPORT_TABLES } from './export-tables.ts';

const CUR = EXPORT_TABLES[0]!;
const COLUMNS = columnsOf(CUR, configureTable(CUR, {}));

/** The condition with columns by name, as the vectors write it. */
function named(condition: BoundCondition): unknown {
  if ('and' in condition) return { and: condition.and.map(named) };
  if ('or' in condition) return { or: condition.or.map(named) };
  if ('not' in condition) return { not: named(condition.not) };
  const { column, key } = condition.ref;
  return { ...condition, ref: key === undefined ? column.name : `${column.name}.${key}` };
}

function plan(queryStatement: string) {
  const destination = {
    ...{ bucket: 'bills', prefix: '', region: 'us-east-1' },
    ...({ outputType: 'CUSTOM', format: 'PARQUET', compression: 'PARQUET', overwrite: 'OVERWRITE_REPORT' } as const),
  };
  return planExport({ name: 'x', queryStatement, destination, refreshFrequency: 'SYNCHRONOUS' }, '123456789012');
}

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a query statement', () => {
  test.each(vectors.accept)('is read: $sql', ({ sql, outputs, where, limit }) => {
    const { statement } = plan(sql);
    expect(statement.outputs.map(({ name, type }) => `${name}:${type}`)).toEqual(outputs);
    expect(statement.where && named(statement.where)).toEqual(where);
    expect(statement.limit).toBe(limit);
  });

  test.each(vectors.reject)('is refused: $sql', ({ sql, message }) => {
    const fault = faultOf(() => plan(sql));
    expect(fault.code).toBe('ValidationException');
    expect(fault.message).toBe(message);
  });

  test('may nest conditions, but not without end', () => {
    const nested = (levels: number) => `SELECT tags FROM T WHERE ${'('.repeat(levels)}tags = 'x'${')'.repeat(levels)}`;
    expect(parseExportSql(nested(100)).where).toBeDefined();
    expect(faultOf(() => parseExportSql(nested(20_000))).message).toContain('more than 100 levels');
    expect(faultOf(() => parseExportSql(`SELECT a FROM T WHERE ${'NOT '.repeat(8_000)}a = 1`)).code).toBe(
      'ValidationException',
    );
  });

  test('names a thousand columns at most', () => {
    const conditions = (count: number) => Array.from({ length: count }, () => "a = ''").join(' OR ');
    expect(parseExportSql(`SELECT a FROM T WHERE ${conditions(999)}`).where).toBeDefined();
    expect(faultOf(() => parseExportSql(`SELECT a FROM T WHERE ${conditions(1_000)}`)).message).toContain(
      'more than 1000 column names',
    );
  });

  test('fails only with a ValidationException, whatever it is made of', () => {
    const pieces = [
      'SELECT',
      'FROM',
      'WHERE',
      'AND',
      'NOT',
      'IN',
      'LIMIT',
      'AS',
      '(',
      ')',
      ',',
      '.',
      '=',
      '-',
      '1',
      "'",
    ];
    const piece = fc.oneof(fc.constantFrom(...pieces, 'tags', 'product', 'COST_AND_USAGE_REPORT'), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
        try {
          const statement = parseExportSql(parts.join(' '));
          bindStatement(statement, COLUMNS);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
          expect((error as Fault).code).toBe('ValidationException');
        }
      }),
      { seed: 20261122, numRuns: 2_000 },
    );
  });
});
