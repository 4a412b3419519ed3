import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isSamePrincipal, type PrincipalName, readPrincipal, roleOrSelf } from './principal-name.ts';

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/vectors/bill/principals.json', import.meta.url), 'utf8'),
) as { cases: { arn: string; name: PrincipalName; roleOrSelf: string }[] };

it.each(cases)('reads $arn', ({ arn, name, roleOrSelf: common }) => {
  expect(readPrincipal(arn)).toEqual(name);
  expect(roleOrSelf(arn)).toBe(common);
});

const ROLE = 'arn:aws:iam::123456789012:role/teams/nlp/app';
const SESSION = 'arn:aws:sts::123456789012:assumed-role/app/run-1';

it.each([
  [ROLE, SESSION, true],
  [SESSION, SESSION, true],
  [SESSION, 'arn:aws:sts::123456789012:assumed-role/app/run-2', false],
  [ROLE, 'arn:aws:sts::210987654321:assumed-role/app/run-1', false],
  ['arn:aws:iam::123456789012:user/app', SESSION, false],
  ['', '', true],
] as const)('tells whether %s and %s may be one caller', (a, b, expected) => {
  expect(isSamePrincipal(a, b)).toBe(expected);
  expect(isSamePrincipal(b, a)).toBe(expected);
});
