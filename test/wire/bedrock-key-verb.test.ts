import { IAMClient, ListAttachedUserPoliciesCommand, ListUserTagsCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, send } from '../faults/raw-client.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { bearerCall } from './bearer-keys.ts';
import { newUser } from './principals.ts';
import { type ProgramResult, run } from './program.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await newUser(server.admin, 'ana');
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const tallyline = (...args: readonly string[]): Promise<ProgramResult> =>
  run(process.execPath, [...MAIN, ...args, '--data', server.data], {});

async function printed(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await tallyline(...args);
  expect(status, stderr).toBe(0);
  return stdout;
}

const line = (text: string, title: string) => new RegExp(`^${title} {2,}(.*)$`, 'm').exec(text)?.[1] ?? '';
const ask = (key: string) => send(server.url, bearerCall(server.url, key));

describe('tallyline bedrock-key', () => {
  it('makes a user that may call models, and a key of it that can be revoked', async () => {
    const created = await printed('bedrock-key', 'create', '--days', '30', '--tag', 'team=red', '--tag', 'note=a=b');
    const user = line(created, 'user');
    expect(user).toMatch(/^BedrockAPIKey-[a-z2-7]{4}$/);
    const iam = new IAMClient(server.admin);
    const { AttachedPolicies } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: user }));
    expect(AttachedPolicies).toMatchObject([{ PolicyName: 'AmazonBedrockLimitedAccess' }]);
    const { Tags } = await iam.send(new ListUserTagsCommand({ UserName: user }));
    expect(Tags).toEqual([
      { Key: 'note', Value: 'a=b' },
      { Key: 'team', Value: 'red' },
    ]);
    iam.destroy();
    const [id, key] = [line(created, 'key id'), line(created, 'key')];
    expect((await ask(key)).status).toBe(200);
    const listed = await printed('bedrock-key', 'list');
    expect(listed).toMatch(new RegExp(`^${user}  ${id}  Active  \\S+Z  ${line(created, 'expires')}$`, 'm'));
    expect(listed).not.toContain(key);
    expect(await printed('bedrock-key', 'revoke', id)).toBe(`revoked ${id} of ${user}\n`);
    expect(errorOf(await ask(key)).message).toBe('Authentication failed: Please make sure your API Key is valid.');
    const again = await tallyline('bedrock-key', 'revoke', id);
    expect(again).toMatchObject({
      status: 1,
      stderr: `tallyline: no key \`${id}\`: see \`tallyline bedrock-key list\`\n`,
    });
  });

  it("makes keys of a user who is there, and tells the server's reason when it does not", async () => {
    const created = await printed('bedrock-key', 'create', 'ana');
    expect([line(created, 'user'), line(created, 'expires')]).toEqual(['ana', 'never']);
    expect(await printed('bedrock-key', 'list', 'ana')).toContain(line(created, 'key id'));
    expect(await tallyline('bedrock-key', 'create', 'nobody')).toMatchObject({
      status: 1,
      stderr: 'tallyline: NoSuchEntity: The user with name nobody cannot be found.\n',
    });
    expect((await tallyline('bedrock-key', 'create', 'ana', '--days', '36601')).stderr).toMatch(/ValidationError/);
    expect((await tallyline('bedrock-key', 'create', '--tag', 'team')).stderr).toMatch(/`team` is not KEY=VALUE/);
  });

  it('gives the environment a key in place of a signature', async () => {
    const keyIn = (exports: string) => /^export AWS_BEARER_TOKEN_BEDROCK=(\S+)$/m.exec(exports)?.[1] ?? '';
    const own = await printed('env', '--bearer');
    expect(own).not.toContain('AWS_SECRET_ACCESS_KEY');
    expect(keyIn(own)).toMatch(/^bedrock-api-key-/);
    expect((await ask(keyIn(own))).status).toBe(200);
    const anas = keyIn(await printed('env', 'ana', '--bearer'));
    expect(anas).toMatch(/^ABSK/);
    expect(errorOf(await ask(anas)).message).toMatch(
      /user\/ana is not authorized to perform: bedrock:CallWithBearerToken/,
    );
  });
});
