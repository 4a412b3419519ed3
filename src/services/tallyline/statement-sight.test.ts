import { describe, expect, it } from 'vitest';
import { callerNamed, tagsOf } from '../../../test/vectors/policy/vectors.ts';
import { type StatementScope, statementSight } from './statement-sight.ts';

const ALICE = callerNamed('alice');
const PARTS = { managementAccountId: ALICE.accountId, teamTagKey: 'team' };
const BY_TEAM = { tag: 'iamPrincipal/team' };
const OF_SEARCH = { key: BY_TEAM, value: 'search' };

const lead = { ...ALICE, tags: tagsOf({ team: 'search' }) };
/** Whoever runs a member account writes its tags. */
const member = { ...lead, accountId: '222222222222' };
const sees = (scope: StatementScope, caller: typeof ALICE) => statementSight(scope, caller, PARTS);

describe('a statement', () => {
  it('is seen by the team that it is for', () => {
    const own = sees({ Scope: 'TEAM' }, lead);
    expect(own(OF_SEARCH)).toBe(true);
    expect(own({ key: BY_TEAM, value: 'data' })).toBe(false);
    expect(own({ key: BY_TEAM, value: '' })).toBe(false);
    // The same word under another key is no team.
    for (const key of [{ costCategory: 'team' }, { tag: 'accountTag/team' }, { dimension: 'account' }] as const)
      expect(own({ key, value: 'search' })).toBe(false);
    expect(() => sees({ Scope: 'TEAM' }, { ...ALICE, tags: tagsOf({}) })).toThrow('belongs to no team');
  });

  it('of a team is not seen from another account, whatever tag its caller has', () => {
    for (const scope of [{ Scope: 'TEAM' }, { Scope: 'ALL' }, {}] as const) {
      expect(sees(scope, member)(OF_SEARCH)).toBe(false);
      expect(sees(scope, member)({ key: { dimension: 'account' }, value: ALICE.accountId })).toBe(false);
    }
    expect(sees({}, lead)(OF_SEARCH)).toBe(true);
  });

  it('of an account is seen there by who sees all of it, and not in the scope of a team', () => {
    const ofAccount = { key: { dimension: 'account' }, value: member.accountId } as const;
    expect(sees({ Scope: 'ALL' }, member)(ofAccount)).toBe(true);
    expect(sees({ Scope: 'TEAM' }, member)(ofAccount)).toBe(false);
  });
});
