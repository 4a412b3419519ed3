import { expect, test } from 'vitest';
import type { SessionConfig } from '../config/upstream-config.ts';
import { CALL_FACTS } from '../inference/call-facts.fixture.ts';
import type { ModelCaller } from '../inference/model-call.ts';
import { wantedSession } from '../inference/upstream-session.ts';
import { sessionRule } from './session-rule.ts';

const CONFIG: SessionConfig = {
  ...{ role: 'arn:aws:iam::{accountId}:role/BedrockRole', sessionName: '{name}', tags: 'all', transitiveTagKeys: [] },
  ...{ durationSeconds: 3_600, onFailure: 'refuse', maxSessions: 1, callsPerSecond: 1, timeoutMs: 1_000 },
};
const wanted = (config: Partial<SessionConfig>, caller: Partial<ModelCaller> = {}) =>
  wantedSession({ ...CALL_FACTS.caller, ...caller }, sessionRule({ ...CONFIG, ...config }));
const roleOf = (role: SessionConfig['role'], accountId: string) => wanted({ role }, { accountId }).roleArn;

test('the role is that of the account', () => {
  expect(roleOf(CONFIG.role, '111122223333')).toBe('arn:aws:iam::111122223333:role/BedrockRole');
  const roles = { '111122223333': 'arn:aws:iam::999988887777:role/Own', '*': CONFIG.role as string };
  expect(roleOf(roles, '111122223333')).toBe('arn:aws:iam::999988887777:role/Own');
  expect(roleOf(roles, '444455556666')).toBe('arn:aws:iam::444455556666:role/BedrockRole');
  const { '*': _, ...alone } = roles;
  expect(() => roleOf(alone, '444455556666')).toThrow('no role is configured for the account 444455556666');
});

test('names, tags and source identity are what the expressions say of the verified caller', () => {
  const session: Partial<ModelCaller> = {
    ...{ kind: 'assumed-role', arn: 'arn:aws:sts::123456789012:assumed-role/App/jane@acme.org' },
    ...{ roleName: 'App', sessionName: 'jane@acme.org', sourceIdentity: 'jane' },
    tags: new Map([['Team', 'red']]),
  };
  const { userName: _, ...nobody } = CALL_FACTS.caller;
  const caller = { ...nobody, ...session };
  const rule = sessionRule({
    ...CONFIG,
    ...{ sessionName: '{roleName}.{name}', sourceIdentity: '{sourceIdentity}' },
    tags: { team: '{tags.team|none}', tenant: '{tags.tenant}', app: 'chat' },
  });
  expect(wantedSession(caller, rule)).toMatchObject({
    ...{ wantedName: 'App.jane@acme.org', sourceIdentity: { text: 'jane' } },
    tags: [
      ['team', 'red'],
      ['app', 'chat'],
    ],
  });
  expect(wanted({ sourceIdentity: 'session-name' }).sourceIdentity).toBe('session-name');
});

test('an access key is no caller: one with two keys has one session', () => {
  expect(() => sessionRule({ ...CONFIG, sessionName: '{accessKeyId}' })).toThrow(
    'there is no `accessKeyId`; use arn, accountId, userName,',
  );
});

test('tag keys that STS would take for one are refused', () => {
  expect(() => sessionRule({ ...CONFIG, tags: { team: 'a', Team: 'b' } })).toThrow('differ in letter case alone');
});
