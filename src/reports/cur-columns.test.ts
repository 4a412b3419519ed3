import { expect, test } from 'vitest';
import vector from '../../test/vectors/cur/columns.json' with { type: 'json' };
import { CUR_COLUMNS } from './cur-columns.ts';
import { CUR_TABLE } from './cur-query.ts';
import { columnsOf, configureTable } from './export-table.ts';

function names(properties: Record<string, string>): string[] {
  return columnsOf(CUR_TABLE, configureTable(CUR_TABLE, properties)).map(({ name }) => name);
}

test('the columns are those of CUR 2.0, in its order, with its types and table configurations', () => {
  const ours = CUR_COLUMNS.map(({ name, type, onlyWith }) => {
    return { name, type, ...(onlyWith && { config: onlyWith.join('=') }) };
  });
  expect(ours).toEqual(vector.columns);
});

test('each table configuration adds or removes its columns and no others', () => {
  const standard = names({});
  expect(standard).toHaveLength(115);
  expect(standard).not.toContain('line_item_iam_principal');
  const added = (property: string) => names({ [property]: 'TRUE' }).filter((name) => !standard.includes(name));
  expect(added('INCLUDE_IAM_PRINCIPAL_DATA')).toEqual(['line_item_iam_principal']);
  expect(added('INCLUDE_RESOURCES')).toEqual(['line_item_resource_id']);
  expect(added('INCLUDE_CAPACITY_RESERVATION_DATA')).toHaveLength(3);
  expect(added('INCLUDE_SPLIT_COST_ALLOCATION_DATA')).toHaveLength(11);
  const compatible = names({ INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'TRUE' });
  expect(standard.filter((name) => !compatible.includes(name))).toEqual(['discount', 'discount_total_discount']);
});

test('a property of another table is refused in AWS’s words', () => {
  expect(() => names({ INCLUDE_CALLER_IDENTITY: 'TRUE' })).toThrow(
    'Invalid parameters: Table property INCLUDE_CALLER_IDENTITY provided but table has no such property',
  );
  expect(() => names({ TIME_GRANULARITY: 'WEEKLY' })).toThrow('Table property TIME_GRANULARITY must be one of');
});
