import { describe, expect, it } from 'vitest';
import { CALL_FACTS } from './call-facts.fixture.ts';
import type { ModelCaller } from './model-call.ts';
import { type SessionRule, sessionKey, wantedSession, withFewerTags } from './upstream-session.ts';

const RULE: SessionRule = {
  roleArn: (accountId) => (accountId === '123456789012' ? 'arn:aws:iam::123456789012:role/BedrockRole' : undefined),
  sessionName: ({ userName }) => userName,
  tags: 'all',
  transitiveTagKeys: [],
  durationSeconds: 3600,
};
const caller = (tags: Record<string, string>, more: Partial<ModelCaller> = {}): ModelCaller => ({
  ...CALL_FACTS.caller,
  tags: new Map(Object.entries(tags)),
  ...more,
});
const numbered = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${String(index).padStart(3, '0')}`, value]));

describe('the session of a caller', () => {
  it('has its name and all of its tags, in the order of their keys', () => {
    expect(wantedSession(caller({ team: 'red', app: 'x' }), RULE)).toEqual({
      roleArn: 'arn:aws:iam::123456789012:role/BedrockRole',
      wantedName: 'alice',
      tags: [
        ['app', 'x'],
        ['team', 'red'],
      ],
      tagsLeftOut: [],
      transitiveTagKeys: [],
    });
  });

  it('says which tags STS would not take', () => {
    const tags = { ok: '', 'a*b': 'x', star: 'a*b', long: 'x'.repeat(257), 'AWS:cloud': 'x', ['k'.repeat(129)]: 'x' };
    const session = wantedSession(caller(tags), RULE);
    expect(session.tags).toEqual([['ok', '']]);
    expect(session.tagsLeftOut).toEqual(['AWS:cloud', 'a*b', 'k'.repeat(129), 'long', 'star']);
  });

  it('has fifty tags at most, the transitive ones before all others', () => {
    const rule = { ...RULE, transitiveTagKeys: ['Zone', 'absent'] };
    const { tags, tagsLeftOut, transitiveTagKeys } = wantedSession(caller({ ...numbered(52, 'x'), zone: 'z' }), rule);
    expect(tags).toHaveLength(50);
    expect(tags[0]).toEqual(['zone', 'z']);
    expect(tagsLeftOut).toEqual(['k049', 'k050', 'k051']);
    expect(transitiveTagKeys).toEqual(['zone']);
  });

  it('leaves out what STS finds too large in its packed form, from the end and a tag at least', () => {
    const session = wantedSession(caller(numbered(40, 'x'.repeat(100))), { ...RULE, transitiveTagKeys: ['k039'] });
    const fewer = withFewerTags(session, 160, RULE)!;
    expect(fewer.tags).toHaveLength(22);
    expect(fewer.tags[0]![0]).toBe('k039');
    expect(fewer.transitiveTagKeys).toEqual(['k039']);
    expect(fewer.tagsLeftOut).toHaveLength(18);
    expect(fewer.tagsLeftOut.at(-1)).toBe('k038');
    expect(withFewerTags(wantedSession(caller({ one: 'x' }), RULE), 101, RULE)!.tags).toEqual([]);
    expect(withFewerTags(wantedSession(caller({}), RULE), 101, RULE)).toBeUndefined();
  });

  it('has the chosen tags alone, and none rather than a part of one', () => {
    const texts = new Map([
      ['tenant', ({ tags }: ModelCaller) => tags.get('tenant')],
      ['account', ({ accountId }: ModelCaller) => accountId],
    ]);
    const rule: SessionRule = { ...RULE, tags: texts };
    expect(wantedSession(caller({ team: 'red' }), rule).tags).toEqual([['account', '123456789012']]);
    const session = wantedSession(caller({ tenant: 'acme' }), rule);
    expect(session.tags).toContainEqual(['tenant', 'acme']);
    expect(withFewerTags(session, 120, rule)).toBeUndefined();
    expect(() => wantedSession(caller({ tenant: 'x'.repeat(257) }), rule)).toThrow(
      `The model cannot be called in the name of ${CALL_FACTS.caller.arn}: its value of the tag tenant is not one that STS takes.`,
    );
  });

  it('is refused to a caller without a role, a name or a source identity that STS takes', () => {
    const refusal = (more: Partial<ModelCaller>, rule: SessionRule = RULE) => {
      try {
        return String(wantedSession(caller({}, more), rule));
      } catch (error) {
        return (error as Error).message.split(': ').at(-1);
      }
    };
    expect(refusal({ accountId: '999988887777' })).toBe('no role is configured for the account 999988887777.');
    expect(refusal({ userName: '' })).toBe('there is nothing to name its session by.');
    const sourceIdentity = ({ arn }: ModelCaller) => arn;
    expect(refusal({}, { ...RULE, sourceIdentity })).toBe('its source identity is not one that STS takes.');
    const named = wantedSession(caller({}), { ...RULE, sourceIdentity: ({ userId }) => userId });
    expect(named.sourceIdentity).toEqual({ text: 'AIDAALICE' });
  });

  it('is another one as soon as who calls, a tag or the source identity is another', () => {
    const key = (tags: Record<string, string>, more: Partial<ModelCaller> = {}) => sessionKey(caller(tags, more));
    expect(key({ a: '1', b: '2' })).toBe(key({ a: '1', b: '2' }));
    const keys = [
      ...[key({ a: '1' }), key({ a: '2' }), key({}), key({ a: '' }), key({ a: '1","' }), key({ a: '1', b: '' })],
      key({ a: '1' }, { arn: 'arn:aws:iam::123456789012:user/other' }),
      key({ a: '1' }, { sourceIdentity: 'alice' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
