import { expect, test } from 'vitest';
import { callerNamed, FACTS } from '../../test/vectors/policy/vectors.ts';
import { globalContext, requestContext, requestTagContext, resourceTagContext, withContext } from './context.ts';

test('an unsigned request has the keys of the request and none of a caller', () => {
  const context = requestContext(FACTS);
  expect(context.get('aws:sourceip')).toEqual(['203.0.113.25']);
  expect(context.get('aws:principalarn')).toBeUndefined();
});

test('a client without a user agent leaves the key out', () => {
  const { userAgent: _, ...facts } = FACTS;
  expect(globalContext(callerNamed('alice'), facts).get('aws:useragent')).toBeUndefined();
});

test('names of further keys are compared in lower case', () => {
  const context = withContext(requestContext(FACTS), [['Example:Key', ['a', 'b']]]);
  expect(context.get('example:key')).toEqual(['a', 'b']);
  expect(context.get('toString')).toBeUndefined();
});

test('tags of a request', () => {
  expect(requestTagContext(new Map([['Team', 'Red']]))).toEqual(
    new Map([
      ['aws:requesttag/team', ['Red']],
      ['aws:tagkeys', ['Team']],
    ]),
  );
  expect(requestTagContext(new Map()).size).toBe(0);
});

test('tags of a resource, under the prefix of its service too', () => {
  expect([...resourceTagContext(new Map([['Team', 'Red']]), 'iam').keys()]).toEqual([
    'aws:resourcetag/team',
    'iam:resourcetag/team',
  ]);
});
