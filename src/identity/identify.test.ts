import { beforeEach, describe, expect, it } from 'vitest';
import { Installation, type Keys, MANAGEMENT, trust } from '../../test/identity/installation.ts';
import { findCredential } from './identify.ts';

const INVALID = 'The security token included in the request is invalid.';

let installation: Installation;
let admin: Keys;

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
});

async function roleSession(): Promise<Keys> {
  const document = trust(`arn:aws:iam::${MANAGEMENT}:root`);
  await installation.call('CreateRole', admin, { RoleName: 'App', Path: '/x/', AssumeRolePolicyDocument: document });
  const input = { RoleArn: `arn:aws:iam::${MANAGEMENT}:role/x/App`, RoleSessionName: 'session' };
  return (await installation.call('AssumeRole', admin, input)).Credentials;
}

const find = (accessKeyId: string, sessionToken?: string) =>
  findCredential(installation.directory, installation.sessions, { accessKeyId, sessionToken });

describe('findCredential', () => {
  it('finds the user and the secret behind a long-term key', () => {
    const { secretAccessKey, caller, expiresAtMs } = find(admin.AccessKeyId!);
    expect(secretAccessKey).toBe(admin.SecretAccessKey);
    expect(expiresAtMs).toBeUndefined();
    expect(caller).toMatchObject({
      kind: 'user',
      arn: `arn:aws:iam::${MANAGEMENT}:user/admin`,
      userName: 'admin',
      accessKeyId: admin.AccessKeyId,
    });
    expect(caller.principalId).toBe(caller.userId);
  });

  it('refuses keys that are unknown, and sessions without the token that was issued with them', async () => {
    const session = await roleSession();
    await installation.call('CreateRole', admin, {
      RoleName: 'Other',
      AssumeRolePolicyDocument: trust(`arn:aws:iam::${MANAGEMENT}:root`),
    });
    const input = { RoleArn: `arn:aws:iam::${MANAGEMENT}:role/Other`, RoleSessionName: 'session' };
    const other: Keys = (await installation.call('AssumeRole', admin, input)).Credentials;
    expect(() => find('AKIAUNKNOWNUNKNOWN00')).toThrow(INVALID);
    expect(() => find(session.AccessKeyId!)).toThrow(INVALID);
    expect(() => find(session.AccessKeyId!, '')).toThrow(INVALID);
    expect(() => find(session.AccessKeyId!, 'nonsense')).toThrow(INVALID);
    expect(() => find(session.AccessKeyId!, other.SessionToken)).toThrow(INVALID);
    expect(() => find(admin.AccessKeyId!, session.SessionToken)).toThrow(INVALID);
    expect(find(session.AccessKeyId!, session.SessionToken).secretAccessKey).toBe(session.SecretAccessKey);
  });

  it('gives the same caller until the principal changes, and the new facts from then on', async () => {
    const session = await roleSession();
    const before = find(session.AccessKeyId!, session.SessionToken).caller;
    expect(find(session.AccessKeyId!, session.SessionToken).caller).toBe(before);
    await installation.call('TagRole', admin, { RoleName: 'App', Tags: [{ Key: 'team', Value: 'a' }] });
    const after = find(session.AccessKeyId!, session.SessionToken).caller;
    expect([before.tags.size, after.tags.get('team')]).toEqual([0, 'a']);

    const user = find(admin.AccessKeyId!).caller;
    expect(find(admin.AccessKeyId!).caller).toBe(user);
    await installation.call('UpdateUser', admin, { UserName: 'admin', NewPath: '/ops/' });
    expect(find(admin.AccessKeyId!).caller.arn).toBe(`arn:aws:iam::${MANAGEMENT}:user/ops/admin`);
  });

  it('ends the sessions of a user with the user', async () => {
    const alice = await installation.user(admin, 'alice');
    const session: Keys = (await installation.call('GetSessionToken', alice)).Credentials;
    expect(installation.callerOf(session).userName).toBe('alice');
    await installation.call('DeleteAccessKey', admin, { UserName: 'alice', AccessKeyId: alice.AccessKeyId });
    await installation.call('DeleteUser', admin, { UserName: 'alice' });
    await installation.user(admin, 'alice');
    expect(() => installation.callerOf(session)).toThrow(INVALID);
    expect(() => installation.callerOf(alice)).toThrow(INVALID);
  });
});
