import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, trust } from './principals.ts';

const run = promisify(execFile);

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in a process of its own. */
async function tallyline(...args: string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await run(process.execPath, [...MAIN, ...args], { encoding: 'utf8' })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome;
    return { code, stdout, stderr };
  }
}

describe('trust-policy and doctor attribution', () => {
  it('a preset goes from the command line into a role, and nobody gets past it', async () => {
    const printed = await tallyline('trust-policy', 'user', '--account', ACCOUNT, '--require-tag', 'team');
    const iam = new IAMClient(server.admin);
    await iam.send(new CreateRoleCommand({ RoleName: 'Developers', AssumeRolePolicyDocument: printed.stdout }));
    iam.destroy();
    const role = `arn:aws:iam::${ACCOUNT}:role/Developers`;
    const statements = [allow(['sts:AssumeRole', 'sts:TagSession'], role)];
    const alice = await newUser(server.admin, 'alice', { tags: { team: 'red' }, statements });
    await newUser(server.admin, 'bob', { tags: { team: 'blue' }, statements });

    const tags = (team: string) => ({ Tags: [{ Key: 'team', Value: team }] });
    await expect(assumed(alice, role, 'alice', tags('red'))).resolves.toBeDefined();
    await expect(assumed(alice, role, 'bob', tags('red'))).rejects.toThrow('sts:AssumeRole on resource');
    await expect(assumed(alice, role, 'alice', tags('blue'))).rejects.toThrow('sts:AssumeRole on resource');
    await expect(assumed(alice, role, 'alice')).rejects.toThrow('sts:AssumeRole on resource');

    const found = await tallyline(
      'doctor',
      'attribution',
      '--role',
      'Developers',
      '--require-tag',
      'team',
      '--data',
      server.data,
    );
    expect(found).toEqual({ code: 0, stdout: '0 high, 0 medium, 0 low; required tags: team\n', stderr: '' });
  });

  it('a role that anybody may use under any name is found, and so is who may tag itself', async () => {
    await newRole(server.admin, 'Shared', { trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)], statements: [INVOKE] });
    await newUser(server.admin, 'carol', { statements: [INVOKE, allow('sts:AssumeRole'), allow('iam:TagUser')] });
    const found = await tallyline('doctor', '--data', server.data, 'attribution', '--require-tag', 'team', '--json');
    expect(found.code).toBe(1);
    const { Findings } = JSON.parse(found.stdout);
    const kinds = Findings.map(
      (one: { Kind: string; SubjectArn: string }) => `${one.Kind} ${one.SubjectArn.split(':').at(-1)}`,
    );
    expect(kinds).toEqual([
      'session-name-chosen role/Shared',
      'changes-tags user/carol',
      'tag-missing role/Shared',
      'tag-missing user/admin',
      'assumes-any-role user/carol',
      'tag-missing user/carol',
      'administrator root',
    ]);
    const plain = await tallyline('doctor', '--data', server.data);
    expect(plain.stdout).toMatch(/^warning {2}attribution: 2 high, 1 medium, 1 low findings$/m);
  });

  it('refuses what is not there, and what is not for a member account to see', async () => {
    const role = await tallyline('doctor', 'attribution', '--role', 'Nobody', '--data', server.data);
    expect(role.stderr).toBe(`tallyline: there is no role \`Nobody\` in the account \`${ACCOUNT}\`\n`);
    const account = await tallyline('doctor', 'attribution', '--account', '999999999999', '--data', server.data);
    expect(account.stderr).toBe('tallyline: there is no account `999999999999`\n');
    const shape = await tallyline('trust-policy', 'user');
    expect(shape).toEqual({
      code: 1,
      stdout: '',
      stderr: 'tallyline: name the account with --account, or its users with --principal\n',
    });
  });
});
