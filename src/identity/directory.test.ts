import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  Installation,
  MANAGEMENT,
  policy,
  START_MS,
  seededRandom,
  trust,
} from '../../test/identity/installation.ts';
import { RecordConflict } from '../kernel/record-store.ts';
import { bootstrap } from './bootstrap.ts';
import { put } from './directory-records.ts';

const ROOT = `arn:aws:iam::${MANAGEMENT}:root`;

describe('a directory on disk', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tallyline-directory-'));
    file = join(folder, 'directory.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function firstRun() {
    const installation = new Installation(file);
    const request = { id: MANAGEMENT, name: 'payer', nowMs: START_MS, random: seededRandom('first') };
    const key = await bootstrap(installation.directory, request);
    return { installation, admin: { AccessKeyId: key.accessKeyId, SecretAccessKey: key.secretAccessKey } };
  }

  it('has everything again after a restart: keys, sessions, policies, tags, counts', async () => {
    const { installation, admin } = await firstRun();
    const alice = await installation.user(admin, 'alice', [allow('iam:GetUser')]);
    await installation.call('TagUser', admin, { UserName: 'alice', Tags: [{ Key: '__proto__', Value: 'x' }] });
    await installation.call('CreateGroup', admin, { GroupName: 'g' });
    await installation.call('AddUserToGroup', admin, { UserName: 'alice', GroupName: 'g' });
    await installation.call('CreatePolicy', admin, { PolicyName: 'P', PolicyDocument: policy(allow('iam:ListUsers')) });
    const PolicyArn = `arn:aws:iam::${MANAGEMENT}:policy/P`;
    await installation.call('AttachGroupPolicy', admin, { GroupName: 'g', PolicyArn });
    await installation.call('CreateRole', admin, { RoleName: 'App', AssumeRolePolicyDocument: trust(ROOT) });
    const input = { RoleArn: `arn:aws:iam::${MANAGEMENT}:role/App`, RoleSessionName: 'session' };
    const { Credentials } = await installation.call('AssumeRole', admin, input);
    const aliceBefore = installation.callerOf(alice);
    await installation.store.close();

    const again = new Installation(file);
    expect(again.callerOf(alice)).toEqual(aliceBefore);
    expect(again.callerOf(Credentials).arn).toBe(`arn:aws:sts::${MANAGEMENT}:assumed-role/App/session`);
    expect((await again.call('ListUsers', alice)).Users).toHaveLength(2);
    expect((await again.call('GetPolicy', admin, { PolicyArn })).Policy.AttachmentCount).toBe(1);
    expect(again.directory.countsOf(MANAGEMENT)).toEqual({ users: 2, roles: 1, groups: 1, policies: 1 });
    await again.store.close();
  });

  it('knows the last use of a key at once, after a restart when it was written, and never past the key', async () => {
    const { installation, admin } = await firstRun();
    const [alice, bob] = [await installation.user(admin, 'alice'), await installation.user(admin, 'bob')];
    const use = { atMs: START_MS, service: 'bedrock', region: 'us-east-1' };
    for (const keys of [alice, bob]) installation.directory.noteKeyUse(keys.AccessKeyId!, use);
    expect(installation.directory.lastKeyUse(bob.AccessKeyId!)).toEqual(use);
    await installation.call('DeleteAccessKey', admin, { UserName: 'bob', AccessKeyId: bob.AccessKeyId });
    expect(installation.directory.lastKeyUse(bob.AccessKeyId!)).toBeUndefined();
    await installation.directory.writeUses(10);
    await installation.store.close();

    const again = new Installation(file);
    expect(again.directory.lastKeyUse(alice.AccessKeyId!)).toEqual(use);
    expect(again.directory.lastKeyUse(bob.AccessKeyId!)).toBeUndefined();
    await again.store.close();
  });

  it('holds no secret in clear', async () => {
    const { installation, admin } = await firstRun();
    const alice = await installation.user(admin, 'alice');
    const search = () => {
      const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
      expect(bytes.includes(alice.AccessKeyId!)).toBe(true);
      for (const secret of [admin.SecretAccessKey!, alice.SecretAccessKey!]) {
        for (const form of [secret, Buffer.from(secret).toString('base64url'), Buffer.from(secret).toString('hex')]) {
          expect(bytes.includes(form.slice(0, 20))).toBe(false);
        }
      }
    };
    search();
    await installation.store.close();
    search();
  });

  it('does not start under another master key', async () => {
    const { installation } = await firstRun();
    await installation.store.close();
    expect(() => new Installation(file, Buffer.alloc(32, 8))).toThrow(/the master key does not fit the data folder/);
  });
});

describe('bootstrap', () => {
  it('makes one administrator, once', async () => {
    const { installation, admin } = await Installation.start();
    expect((await installation.call('ListUsers', admin)).Users).toHaveLength(1);
    const request = { id: MANAGEMENT, name: 'payer', nowMs: START_MS, random: seededRandom('again') };
    await expect(bootstrap(installation.directory, request)).rejects.toThrow(RecordConflict);
    expect([...installation.directory.users(MANAGEMENT)]).toHaveLength(1);
  });
});

describe('policySetOf', () => {
  it('is the same object until a policy, a group or the principal changes', async () => {
    const { installation, admin } = await Installation.start();
    const { directory } = installation;
    const alice = await installation.user(admin, 'alice', [allow('iam:GetUser')]);
    const setOf = () => directory.policySetOf(installation.callerOf(alice));
    const texts = () => setOf().identity.map(({ id }) => id);
    const first = setOf();
    expect(setOf()).toBe(first);
    expect(texts()).toEqual([`arn:aws:iam::${MANAGEMENT}:user/alice/inline`]);

    const PolicyArn = `arn:aws:iam::${MANAGEMENT}:policy/P`;
    const document = (action: string) => policy(allow(action));
    await installation.call('CreatePolicy', admin, { PolicyName: 'P', PolicyDocument: document('iam:ListUsers') });
    await installation.call('CreateGroup', admin, { GroupName: 'g' });
    await installation.call('AddUserToGroup', admin, { UserName: 'alice', GroupName: 'g' });
    await installation.call('AttachGroupPolicy', admin, { GroupName: 'g', PolicyArn });
    expect(texts()).toEqual([`arn:aws:iam::${MANAGEMENT}:user/alice/inline`, PolicyArn]);
    const second = setOf();
    await installation.call('CreatePolicyVersion', admin, {
      PolicyArn,
      PolicyDocument: document('iam:ListRoles'),
      SetAsDefault: true,
    });
    expect(second.identity[1]!.text).toContain('iam:ListUsers');
    expect(setOf().identity[1]!.text).toContain('iam:ListRoles');
    await installation.call('RemoveUserFromGroup', admin, { UserName: 'alice', GroupName: 'g' });
    expect(texts()).toEqual([`arn:aws:iam::${MANAGEMENT}:user/alice/inline`]);
  });

  it('allows nothing under a boundary whose policy is gone', async () => {
    const { installation, admin } = await Installation.start();
    const { directory } = installation;
    const alice = await installation.user(admin, 'alice', [allow('iam:GetUser')]);
    const user = directory.user(MANAGEMENT, 'alice')!;
    await directory.write([put('user', { ...user, boundaryArn: `arn:aws:iam::${MANAGEMENT}:policy/Gone` })]);
    await expect(installation.call('GetUser', alice)).rejects.toThrow(/explicit deny in a permissions boundary/);
  });
});

describe('the directory in memory', () => {
  it('finds a renamed user by id, by the new name and not by the old one', async () => {
    const { installation, admin } = await Installation.start();
    const { directory } = installation;
    await installation.call('CreateUser', admin, { UserName: 'alice' });
    const { id } = directory.user(MANAGEMENT, 'alice')!;
    await installation.call('UpdateUser', admin, { UserName: 'alice', NewUserName: 'bob' });
    expect(directory.userById(id)?.name).toBe('bob');
    expect(directory.user(MANAGEMENT, 'BOB')?.id).toBe(id);
    expect(directory.user(MANAGEMENT, 'alice')).toBeUndefined();
    await installation.call('DeleteUser', admin, { UserName: 'bob' });
    expect(directory.userById(id)).toBeUndefined();
  });

  it('refuses a change to what somebody else changed first', async () => {
    const { installation } = await Installation.start();
    const { directory } = installation;
    const read = directory.user(MANAGEMENT, 'admin')!;
    await directory.write([put('user', { ...read, path: '/a/' })]);
    await expect(directory.write([put('user', { ...read, path: '/b/' })])).rejects.toThrow(RecordConflict);
    expect(directory.user(MANAGEMENT, 'admin')!.path).toBe('/a/');
  });
});
