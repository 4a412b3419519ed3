import { expect, test } from 'vitest';
import { statementPositions } from './statement-positions.ts';

const at = (line: number, column: number) => ({ line, column });

test('one statement without a list, as in the AWS CLI reference', () => {
  const text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
  expect(statementPositions(text)).toEqual([{ start: at(1, 38), end: at(1, text.length) }]);
});

test('AdministratorAccess, as published in answers of AWS', () => {
  const statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2);
  expect(statementPositions(text)).toEqual([{ start: at(3, 17), end: at(8, 6) }]);
});

test('several statements, one behind the other', () => {
  const text = '{"Statement":[{"Sid":"a"},\n {"Sid":"b","Condition":{"StringEquals":{"k":["}","]"]}}}]}';
  expect(statementPositions(text)).toEqual([
    { start: at(1, 15), end: at(1, 26) },
    { start: at(1, 27), end: at(2, 58) },
  ]);
});

test('braces and names inside of texts do not count', () => {
  const text = '{"Id":"Statement\\":[{","Statement":[{"Sid":"x"}]}';
  expect(statementPositions(text)).toEqual([{ start: at(1, 37), end: at(1, 48) }]);
});
