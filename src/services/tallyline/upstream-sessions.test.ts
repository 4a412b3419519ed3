import { expect, test } from 'vitest';
import { MANAGEMENT, MEMBER } from '../../../test/identity/installation.ts';
import type { NamedSession } from '../../inference/session-directory.ts';
import { assumedRoleArn, userArn } from '../../kernel/arn.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';
import type { CostStore } from '../../reports/cost-store.ts';
import { upstreamSessionOperations } from './upstream-sessions.ts';

const ROLE = 'arn:aws:iam::999988887777:role/gateway/BedrockRole';
const session = (name: string, accountId: string, usedAtMs: number): NamedSession => ({
  ...{ roleArn: ROLE, sessionName: name, upstream: name === 'carol' ? 'west' : 'east', accountId },
  ...{ principalArn: userArn(accountId, '/', name), tags: [['team', 'red']], tagsLeftOut: [] },
  ...{ firstUsedAtMs: 0, lastUsedAtMs: usedAtMs },
});
const SESSIONS = [session('alice', MANAGEMENT, 1_000), session('Bob', MEMBER, 3_000), session('carol', MEMBER, 2_000)];

const given: (string | undefined)[] = [];
const operations = upstreamSessionOperations({
  managementAccountId: MANAGEMENT,
  upstreamSessions: {
    directory: { all: () => [...SESSIONS] },
    renew: (principalArn) => given.push(principalArn),
    billing: ['east', 'west'],
  },
  store: {} as CostStore,
});
const call = async (operation: string, accountId: string, input: object = {}) =>
  (await operations[operation]!.run({ caller: { accountId }, input, nowMs: 1 } as OperationCall<object>)) as {
    Sessions: { SessionName: string }[];
    NextToken?: string;
  };
const namesOf = async (accountId: string, input: object = {}) =>
  (await call('ListUpstreamSessions', accountId, input)).Sessions.map(({ SessionName }) => SessionName);

test('sessions are listed by last use, to the management account all and to others their own', async () => {
  expect(await namesOf(MANAGEMENT)).toEqual(['Bob', 'carol', 'alice']);
  expect(await namesOf(MEMBER)).toEqual(['Bob', 'carol']);
  expect(await namesOf(MANAGEMENT, { Upstream: 'west' })).toEqual(['carol']);
  expect(await namesOf(MANAGEMENT, { Principal: userArn(MEMBER, '/', 'Bob') })).toEqual(['Bob']);
});

test('a session is found by its name in any letter case, and by the ARN in the bill', async () => {
  expect(await namesOf(MANAGEMENT, { SessionName: 'bob' })).toEqual(['Bob']);
  expect(await namesOf(MANAGEMENT, { SessionName: assumedRoleArn('999988887777', 'BedrockRole', 'Bob') })).toEqual([
    'Bob',
  ]);
  expect(await namesOf(MEMBER, { SessionName: 'alice' })).toEqual([]);
});

test('a list comes in pages', async () => {
  const first = await call('ListUpstreamSessions', MANAGEMENT, { MaxResults: 2 });
  expect(first.Sessions).toHaveLength(2);
  expect(await namesOf(MANAGEMENT, { NextToken: first.NextToken })).toEqual(['alice']);
  await expect(call('ListUpstreamSessions', MANAGEMENT, { NextToken: '?' })).rejects.toThrow('not one of a page');
});

test('only the management account renews sessions and compares bills', async () => {
  expect(await call('RenewUpstreamSessions', MANAGEMENT, { Principal: 'arn' })).toEqual({ Renewed: 1 });
  expect(given).toEqual(['arn']);
  for (const operation of ['RenewUpstreamSessions', 'GetUpstreamAttribution']) {
    await expect(call(operation, MEMBER)).rejects.toMatchObject({ code: 'AccessDeniedException' });
  }
});
