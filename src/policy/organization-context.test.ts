import { expect, test } from 'vitest';
import { callerNamed, FACTS } from '../../test/vectors/policy/vectors.ts';
import { globalContext, withContext } from './context.ts';
import { organizationContext } from './organization-context.ts';

const CALLER = callerNamed('alice');
const PLACES = {
  placeOf: (accountId: string) =>
    accountId === '999999999999' ? undefined : { organizationId: 'o-1', path: `o-1/r-1/ou-${accountId}/` },
};
const KEYS = [
  'aws:PrincipalOrgID',
  'aws:PrincipalOrgPaths',
  'aws:ResourceAccount',
  'aws:ResourceOrgID',
  'aws:ResourceOrgPaths',
];

function valuesOf(resource: string, caller?: typeof CALLER) {
  const context = organizationContext(globalContext(CALLER, FACTS), { resource, ...(caller && { caller }) }, PLACES);
  return KEYS.map((key) => context.get(key.toLowerCase())?.join());
}

const own = CALLER.accountId;

test('both parties are placed', () => {
  const role = 'arn:aws:iam::210987654321:role/App';
  expect(valuesOf(role, CALLER)).toEqual([
    'o-1',
    `o-1/r-1/ou-${own}/`,
    '210987654321',
    'o-1',
    'o-1/r-1/ou-210987654321/',
  ]);
});

test('an account outside of the organization has no place in it', () => {
  const role = 'arn:aws:iam::999999999999:role/App';
  expect(valuesOf(role, CALLER).slice(2)).toEqual(['999999999999', undefined, undefined]);
});

test('an action about no resource is about the account of its caller', () => {
  expect(valuesOf('*', CALLER).slice(2)).toEqual([own, 'o-1', `o-1/r-1/ou-${own}/`]);
});

test('what belongs to AWS belongs to no account', () => {
  const model = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0';
  expect(valuesOf(model, CALLER).slice(2)).toEqual([undefined, undefined, undefined]);
});

test('nobody who has not signed is in an organization', () => {
  expect(valuesOf('*')).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test('an operation cannot claim another organization, and other keys are as they were', () => {
  const context = withContext(
    organizationContext(globalContext(CALLER, FACTS), { caller: CALLER, resource: '*' }, PLACES),
    [['aws:PrincipalOrgID', ['o-2']]],
  );
  expect(context.get('aws:principalorgid')).toEqual(['o-1']);
  expect(context.get('aws:principalaccount')).toEqual([own]);
});
