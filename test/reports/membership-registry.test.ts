import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { readMember } from '../../src/allocation/member.ts';
import { isInForce, type MembershipEntry } from '../../src/allocation/membership.ts';
import { membershipCsv, readMembershipCsv } from '../../src/allocation/membership-csv.ts';
import { withImported, withMove, withMoves } from '../../src/allocation/membership-plan.ts';
import { MembershipRegistry } from '../../src/allocation/membership-registry.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { anyMemberships } from './membership-oracle.ts';

const clock = () => Date.UTC(2026, 5, 1);

function registry(): MembershipRegistry {
  return new MembershipRegistry({ records: new SqliteRecordStore(':memory:', clock), clock });
}

const csv = (...lines: string[]) => ['who,value,from,to', ...lines].join('\n');

describe('a file of entries', () => {
  it('comes back as it was written, whatever the entries', () => {
    fc.assert(
      fc.property(anyMemberships, ({ structures }) => {
        for (const entries of structures.values()) {
          const read = readMembershipCsv(membershipCsv(entries));
          expect(read).toEqual({ entries, errors: [] });
        }
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  it('is refused with every wrong line named, and changes nothing', () => {
    const text = csv(
      'person:alice,Platform,2026-01-01,2026-03-01',
      'person:bob,,2026-01-01,',
      'account:12,Data,2026-01-01,',
      'person:alice,Data,2026-02-01,',
      'person:carol,Data,2026-02-30,',
      'person:dave,Data,2026-03-01,2026-03-01',
      'person:erin,Data,2026-03-01T00:07:00Z,',
      'person:frank,Data,2026-03-01',
    );
    expect(readMembershipCsv(text).errors).toEqual([
      { line: 3, message: expect.stringContaining('`` is no value') },
      { line: 4, message: expect.stringContaining('an account has twelve digits') },
      {
        line: 5,
        message:
          '`alice in Data from 2026-02-01 on` overlaps `alice in Platform from 2026-01-01 to 2026-03-01` of line 2',
      },
      { line: 6, message: expect.stringContaining('`2026-02-30` is no day or instant') },
      { line: 7, message: expect.stringContaining('is not after `2026-03-01`') },
      { line: 8, message: expect.stringContaining('is not on a quarter of an hour') },
      { line: 9, message: 'the line has `3` fields, not 4' },
    ]);
    expect(readMembershipCsv(csv('alice,Data,2026-01-01,')).errors).toEqual([
      { line: 2, message: expect.stringContaining('write `111122223333/alice` for one account') },
    ]);
    expect(readMembershipCsv('name,team\n').errors).toEqual([
      { line: 1, message: 'the first line must be `who,value,from,to`' },
    ]);
  });
});

describe('the registry', () => {
  const read = (text: string) => readMembershipCsv(text).entries;

  it('refuses what overlaps, naming both, unless open entries are to end', async () => {
    const memberships = registry();
    const first = read(
      csv('Alice@example.com,Platform,2026-01-01,', 'arn:aws:iam::111111111111:user/bob,Data,2026-01-01,'),
    );
    const put = (entries: readonly MembershipEntry[], endsOpen: boolean) =>
      memberships.change('team', (present) => withImported(present, entries, { endsOpen }));
    expect(await put(first, false)).toEqual({ added: 2, removed: 0, kept: 0 });
    // The same file again changes nothing.
    expect(await put(first, false)).toEqual({ added: 0, removed: 0, kept: 2 });
    const move = read(csv('alice@example.com,Data,2026-04-01,'));
    await expect(put(move, false)).rejects.toMatchObject({
      code: 'ValidationException',
      message:
        '`alice@example.com in Platform from 2026-01-01 on` and `alice@example.com in Data from 2026-04-01 on` overlap; end the first before the second begins',
    });
    expect(memberships.entries('team')).toHaveLength(2);
    await put(move, true);
    expect(membershipCsv(memberships.entries('team'))).toBe(
      `${csv(
        'alice@example.com,Platform,2026-01-01,2026-04-01',
        'alice@example.com,Data,2026-04-01,',
        'arn:aws:iam::111111111111:user/bob,Data,2026-01-01,',
      )}\n`,
    );
    await expect(memberships.change('Team!', () => [])).rejects.toThrow('is no name of a structure');
    await memberships.delete('team');
    expect(() => memberships.entries('team')).toThrow('there is no structure `team`');
  });

  it('moves members so that each is in one place at any time, and the past stays', () => {
    const step = fc.record({
      who: fc.constantFrom('alice', 'bob'),
      value: fc.option(fc.constantFrom('A', 'B', 'C'), { nil: undefined }),
      days: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let entries: readonly MembershipEntry[] = [];
        let nowMs = Date.UTC(2026, 0, 1);
        const expected = new Map<string, string | undefined>();
        for (const { who, value, days } of steps) {
          nowMs += days * DAY_MS;
          const before = entries;
          entries = withMove(before, { member: readMember(who), source: 'scim' }, value, nowMs);
          const together = withMoves(before, [{ member: readMember(who), value }], 'scim', nowMs);
          expect(new Set(together)).toEqual(new Set(entries));
          expect(together === before).toBe(entries === before);
          expected.set(`${who} ${nowMs}`, value);
        }
        for (const [key, value] of expected) {
          const [who, at] = key.split(' ');
          const holding = entries.filter((entry) => entry.member.who === who && isInForce(entry, Number(at)));
          expect(holding.map((entry) => entry.value)).toEqual(value === undefined ? [] : [value]);
        }
      }),
      { seed: 12, numRuns: 200 },
    );
  });
});
