import { describe, expect, it } from 'vitest';
import {
  CALLER_NAMES,
  CLAIM_NAMES,
  claimTexts,
  parseCallerExpression,
  valuesOfCaller,
  valuesOfClaims,
} from './caller-expression.ts';
import type { Caller } from './principal.ts';

const JANE: Caller = {
  kind: 'assumed-role',
  arn: 'arn:aws:sts::123456789012:assumed-role/Developer/jane@acme.org',
  principalArn: 'arn:aws:iam::123456789012:role/Developer',
  accountId: '123456789012',
  userId: 'AROAEXAMPLE:jane@acme.org',
  principalId: 'AROAEXAMPLE',
  roleName: 'Developer',
  sessionName: 'jane@acme.org',
  accessKeyId: 'ASIAEXAMPLE',
  tags: new Map([
    ['Team', 'ds'],
    ['empty', ''],
  ]),
};
const ofCaller = (text: string, caller: Caller = JANE) =>
  parseCallerExpression(text, CALLER_NAMES).evaluate(valuesOfCaller(caller));

const CLAIMS = {
  email: 'jane@acme.org',
  empty: '',
  level: 7,
  admin: true,
  groups: ['a', 'b'],
  one: ['only'],
  realm_access: { roles: ['dev', 'ops'], name: 'acme' },
  'https://acme.org/department': 'research',
  nothing: null,
};
const ofClaims = (text: string) => parseCallerExpression(text, CLAIM_NAMES).evaluate(valuesOfClaims(CLAIMS));

describe('an expression', () => {
  it('says things about a verified caller', () => {
    expect(ofCaller('gw-{name}')).toBe('gw-jane@acme.org');
    expect(ofCaller('{accountId}/{roleName}/{tags.team}')).toBe('123456789012/Developer/ds');
    expect(ofCaller('{name}', { ...JANE, userName: 'bob' })).toBe('bob');
    expect(ofCaller('fixed')).toBe('fixed');
  });

  it('takes the first alternative with a value, and plain text last', () => {
    expect(ofCaller('{sourceIdentity|userName|sessionName}')).toBe('jane@acme.org');
    expect(ofCaller('{tags.empty|tags.none|nobody in particular}')).toBe('nobody in particular');
    expect(ofCaller('{tags.team|none}')).toBe('ds');
    expect(ofCaller('x{sourceIdentity|}')).toBe('x');
  });

  it('has no value when one of its names has none', () => {
    expect(ofCaller('gw-{sourceIdentity}')).toBeUndefined();
    expect(ofCaller('{tags.empty}')).toBeUndefined();
    expect(ofClaims('{claims.empty}')).toBeUndefined();
  });

  it('reads claims of texts, numbers and truth values, of lists of one and of objects', () => {
    expect(ofClaims('{claims.email}:{claims.level}:{claims.admin}:{claims.one}')).toBe('jane@acme.org:7:true:only');
    expect(ofClaims('{claims.https://acme.org/department}')).toBe('research');
    expect(ofClaims('{claims.realm_access.name}')).toBe('acme');
    for (const name of ['groups', 'realm_access', 'nothing', 'constructor', 'email.length', 'realm_access.']) {
      expect(ofClaims(`{claims.${name}}`), name).toBeUndefined();
    }
    expect(claimTexts(CLAIMS, 'realm_access.roles')).toEqual(['dev', 'ops']);
    expect(claimTexts(CLAIMS, 'groups')).toEqual(['a', 'b']);
  });

  it.each([
    ['', 'it is empty'],
    ['{name', 'write names in braces, as in `{name}`'],
    ['{}', 'write names in braces, as in `{name}`'],
    ['a}b', 'write names in braces, as in `{name}`'],
    ['{{name}}', 'write names in braces, as in `{name}`'],
    ['{claims.email}', 'there is no `claims.email`; use arn, '],
    ['{tags.}', 'there is no `tags.`'],
    ['{toString}', 'there is no `toString`'],
    ['{nmae|name|x}', 'there is no `nmae`'],
  ])('is refused when it is %j', (text, reason) => {
    expect(() => parseCallerExpression(text, CALLER_NAMES)).toThrow(`the expression \`${text}\` is not one: ${reason}`);
  });
});
