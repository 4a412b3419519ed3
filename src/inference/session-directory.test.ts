import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import { assumedRoleArn, userArn } from '../kernel/arn.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { billedArn, type NameClaim, SessionDirectory } from './session-directory.ts';

const ROLE = 'arn:aws:iam::999988887777:role/gateway/BedrockRole';
const ALICE = userArn('123456789012', '/', 'alice');

let nowMs = 0;
const open = (maxNames?: number) => {
  const records = new SqliteRecordStore(':memory:', () => nowMs);
  return { records, directory: new SessionDirectory(records, () => nowMs, maxNames) };
};
const claim = (wantedName: string, arn = ALICE, roleArn = ROLE): NameClaim => ({
  ...{ roleArn, wantedName, upstream: 'aws' },
  caller: { arn, accountId: '123456789012' },
});
const nameOf = (wantedName: string, arn?: string) => open().directory.nameFor(claim(wantedName, arn));

describe('session names', () => {
  it('are the wanted ones where STS takes them', async () => {
    for (const name of ['alice', 'user-1@acme.org', 'a_+=,.@-Z', 'ab', 'x'.repeat(64)]) {
      expect(await nameOf(name)).toBe(name);
    }
  });

  // peers rows 66, 67: a name over 64 characters was an error at some, and cut short at others.
  it('are a readable part and a digest where STS does not', async () => {
    expect(await nameOf('zoë müller')).toMatch(/^zoe-muller-[0-9a-f]{8}$/);
    expect(await nameOf('auth0|6f2a')).toMatch(/^auth0-6f2a-[0-9a-f]{8}$/);
    expect(await nameOf('a')).toMatch(/^a-[0-9a-f]{8}$/);
    expect(await nameOf('田中')).toMatch(/^--[0-9a-f]{8}$/);
    const long = await nameOf(`${'long.'.repeat(20)}name@example.org`);
    expect(long).toMatch(/^(long\.){11}-[0-9a-f]{8}$/);
    expect(long).toHaveLength(64);
  });

  it('tell names apart that begin alike, and callers that are called alike', async () => {
    const { directory } = open();
    const role = assumedRoleArn('123456789012', 'Developer', 'alice');
    const names = await Promise.all([
      directory.nameFor(claim(`${'a'.repeat(64)}1`)),
      directory.nameFor(claim(`${'a'.repeat(64)}2`)),
      directory.nameFor(claim('alice')),
      directory.nameFor(claim('alice', userArn('210987654321', '/', 'alice'))),
      directory.nameFor(claim('alice', role)),
      directory.nameFor(claim('Alice', userArn('310987654321', '/', 'Alice'))),
    ]);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(6);
    expect(names[2]).toBe('alice');
    expect(names[3]).toMatch(/^alice-[0-9a-f]{8}$/);
    expect(names[4]).toMatch(/^alice-[0-9a-f]{8}$/);
    expect(names[5]).toMatch(/^Alice-[0-9a-f]{8}$/);
  });

  it('are legal, unique, lasting and known both ways, whoever asks in whichever order', async () => {
    const text = fc.oneof(
      fc.constantFrom('alice', 'ALICE', 'alice@acme.org', 'Straße', 'e\u0301', '\u00e9', '..', '', '@'.repeat(70)),
      fc.string({ maxLength: 80, unit: 'grapheme' }),
      fc.string({ minLength: 60, maxLength: 70, unit: fc.constantFrom('a', 'b', '|') }),
    );
    const caller = fc.record({ name: text, arn: fc.nat(20).map((id) => userArn('123456789012', '/', `u${id}`)) });
    const property = fc.asyncProperty(fc.array(caller, { maxLength: 30 }), fc.boolean(), async (callers, atOnce) => {
      const { records, directory } = open();
      const names: string[] = [];
      if (atOnce)
        names.push(...(await Promise.all(callers.map(({ name, arn }) => directory.nameFor(claim(name, arn))))));
      else for (const { name, arn } of callers) names.push(await directory.nameFor(claim(name, arn)));
      const owners = new Map<string, string>();
      for (const [index, name] of names.entries()) {
        expect(name).toMatch(/^[A-Za-z0-9_+=,.@-]{2,64}$/);
        const { arn } = callers[index]!;
        expect(owners.get(name.toLowerCase()) ?? arn).toBe(arn);
        owners.set(name.toLowerCase(), arn);
      }
      const reopened = new SessionDirectory(records, () => nowMs);
      for (const { sessionName, principalArn } of reopened.all()) {
        expect(owners.get(sessionName.toLowerCase())).toBe(principalArn);
      }
      expect(reopened.all()).toHaveLength(owners.size);
      for (const [index, { name, arn }] of callers.entries()) {
        expect(await reopened.nameFor(claim(name, arn))).toBe(names[index]);
      }
    });
    await fc.assert(property, { seed: 66, numRuns: 300 });
  });
});

describe('the directory of sessions', () => {
  it('knows who is behind a principal of the bill, with the tags of the latest session', async () => {
    const { directory } = open();
    nowMs = 5 * HOUR_MS;
    const sessionName = await directory.nameFor(claim('alice'));
    nowMs = 6 * HOUR_MS;
    const begun = { upstream: 'aws-west', tags: [['team', 'red'] as const], tagsLeftOut: ['note'] };
    directory.noteBegun({ roleArn: ROLE, sessionName, ...begun, expiresAtMs: 7 * HOUR_MS });
    await directory.writeBegun(10);
    const [session] = directory.all();
    expect(session).toEqual({
      ...begun,
      ...{ roleArn: ROLE, sessionName, principalArn: ALICE, accountId: '123456789012' },
      ...{ firstUsedAtMs: 5 * HOUR_MS, lastUsedAtMs: 6 * HOUR_MS, expiresAtMs: 7 * HOUR_MS },
      tags: [['team', 'red']],
    });
    expect(billedArn(session!)).toBe('arn:aws:sts::999988887777:assumed-role/BedrockRole/alice');
  });

  it('gives a name to one of two nodes that ask for it at once', async () => {
    const { records, directory } = open();
    const other = new SessionDirectory(records, () => nowMs);
    const bob = userArn('210987654321', '/', 'alice');
    const names = await Promise.all([directory.nameFor(claim('alice')), other.nameFor(claim('alice', bob))]);
    expect(new Set(names).size).toBe(2);
    expect(names).toContain('alice');
  });

  it('decides anew when another node was faster', async () => {
    const { records } = open();
    const slow: RecordStore = {
      all: (kind) => records.all(kind),
      get: (kind, key) => records.get(kind, key),
      watch: (onChange) => records.watch(onChange),
      close: () => records.close(),
      write: async (changes) => {
        await new Promise((resolve) => setImmediate(resolve));
        await records.write(changes);
      },
    };
    const nodes = [1, 2, 3].map(() => new SessionDirectory(slow, () => nowMs));
    const arns = nodes.map((_, index) => userArn(`11111111111${index}`, '/', 'alice'));
    const names = await Promise.all(nodes.map((node, index) => node.nameFor(claim('alice', arns[index]))));
    expect(names.filter((name) => name === 'alice')).toHaveLength(1);
    expect(new Set(names).size).toBe(3);
  });

  it('keeps the same name at another role for somebody else', async () => {
    const { directory } = open();
    await directory.nameFor(claim('alice'));
    const elsewhere = 'arn:aws:iam::111122223333:role/BedrockRole';
    expect(await directory.nameFor(claim('alice', userArn('210987654321', '/', 'alice'), elsewhere))).toBe('alice');
  });

  it('gives no more names when it is full, and forgets in time what no open bill shows', async () => {
    nowMs = 100 * DAY_MS;
    const { directory } = open(10);
    const ask = (index: number) => directory.nameFor(claim(`user-${index}`, userArn('123456789012', '/', `${index}`)));
    for (let index = 0; index < 10; index += 1) {
      nowMs += DAY_MS;
      await ask(index);
    }
    expect(directory.isNearlyFull).toBe(true);
    await expect(ask(10)).rejects.toThrow(
      'No session name is free: 10 session names, and 2 of the sessions of one role, are kept.',
    );
    expect(await ask(9)).toBe('user-9');
    nowMs = 168 * DAY_MS;
    directory.findStale();
    await directory.writeBegun(3);
    await directory.writeBegun(100);
    expect(await ask(10)).toBe('user-10');
    expect(directory.all().map(({ sessionName }) => sessionName)).toEqual([
      ...['user-5', 'user-6', 'user-7', 'user-8', 'user-9', 'user-10'],
    ]);
  });

  it('does not let one role that names its sessions as it likes use up the names of others', async () => {
    nowMs = 0;
    const { records, directory } = open(50);
    const session = (name: string) => assumedRoleArn('123456789012', 'Build', name);
    const own = Array.from({ length: 12 }, (_, index) => directory.nameFor(claim(`run-${index}`, session(`${index}`))));
    const outcomes = await Promise.allSettled([...own, directory.nameFor(claim('alice'))]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    expect(outcomes.at(-1)).toEqual({ status: 'fulfilled', value: 'alice' });
    nowMs = 70 * DAY_MS;
    const reopened = new SessionDirectory(records, () => nowMs, 50);
    await expect(reopened.nameFor(claim('run-20', session('20')))).rejects.toThrow('No session name is free');
    reopened.findStale();
    await reopened.writeBegun(100);
    expect(await reopened.nameFor(claim('run-20', session('20')))).toBe('run-20');
    expect(reopened.all().map(({ sessionName }) => sessionName)).toEqual(['alice', 'run-20']);
  });
});
