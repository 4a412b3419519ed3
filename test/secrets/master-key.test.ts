import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { MasterKeyFile } from '../../src/adapters/master-key-file.ts';
import { MasterKeySecretBox, masterKeyId } from '../../src/adapters/master-key-secret-box.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { MasterKeys } from '../../src/app/master-keys.ts';
import { readConfig } from '../../src/config.ts';
import { Directory } from '../../src/identity/directory.ts';
import { SessionTokens } from '../../src/identity/session-token.ts';
import { MAIN, removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ACCOUNT, assumed, newRole, newUser, trust } from '../wire/principals.ts';
import { type ProgramResult, run } from '../wire/program.ts';

afterAll(removeFolders);

function masterKey(server: Pick<TestServer, 'data'>, ...args: string[]): Promise<ProgramResult> {
  return run(process.execPath, [...MAIN, 'master-key', ...args, '--data', server.data], {});
}

/** Who the credentials are for, as the server sees it. */
async function whoIs(config: ClientConfig, endpoint: string): Promise<string | undefined> {
  return (await new STSClient({ ...config, endpoint }).send(new GetCallerIdentityCommand({}))).Arn;
}

/** The key in force, and the names of those before it. */
function keysOf(data: string): string[] {
  const previous = join(data, 'master.key.previous');
  return [readFileSync(join(data, 'master.key'), 'utf8'), ...(existsSync(previous) ? readdirSync(previous) : [])];
}

/** Some users with keys, and a session. */
async function populated(server: TestServer): Promise<{ users: ClientConfig[]; session: ClientConfig }> {
  const users: ClientConfig[] = [];
  for (const name of ['alice', 'bob', 'carol']) users.push(await newUser(server.admin, name));
  const role = await newRole(server.admin, 'App', { trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)] });
  return { users, session: await assumed(server.admin, role, 'session') };
}

async function expectAllGood(
  server: TestServer,
  users: readonly ClientConfig[],
  session?: ClientConfig,
): Promise<void> {
  expect(await whoIs(server.admin, server.url)).toBe(`arn:aws:iam::${ACCOUNT}:user/admin`);
  const names = await Promise.all(users.map((user) => whoIs(user, server.url)));
  expect(names).toEqual(['alice', 'bob', 'carol'].map((name) => `arn:aws:iam::${ACCOUNT}:user/${name}`));
  if (session) expect(await whoIs(session, server.url)).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/App/session`);
  // A secret that is sealed now opens as well.
  await whoIs(await newUser(server.admin, `new-${randomBytes(4).toString('hex')}`), server.url);
  const audit = await run(process.execPath, [...MAIN, 'audit', '--verify', '--data', server.data], {});
  expect(audit.stdout).toMatch(/^ok /);
}

/** Kinds of records with a sealed text that the current key in the file does not open. */
async function stale(data: string): Promise<string[]> {
  const records = new SqliteRecordStore(join(data, 'directory.sqlite'), () => 0);
  const box = new MasterKeySecretBox(new MasterKeyFile(join(data, 'master.key')).current());
  const found = ['access-key', 'audit-key'].filter((kind) =>
    [...records.all<{ sealedSecret?: string; sealedKey?: string }>(kind)].some(
      ({ body }) => !box.isSealedUnderCurrent((body.sealedSecret ?? body.sealedKey)!),
    ),
  );
  await records.close();
  return found;
}

/** What a start does with its keys, without the server around it. */
async function expectWholeAfterStart(
  data: string,
  users: readonly ClientConfig[],
  session: ClientConfig,
): Promise<void> {
  const clock = () => Date.now();
  const records = new SqliteRecordStore(join(data, 'directory.sqlite'), clock);
  const masterKeys = await MasterKeys.open({ config: readConfig(), dataFolder: data, environment: {}, records, clock });
  const directory = new Directory(records, masterKeys.box);
  await masterKeys.reseal();
  for (const { credentials } of users) {
    expect(directory.openSecret(directory.accessKey(credentials.accessKeyId)!)).toBe(credentials.secretAccessKey);
  }
  const token = session.credentials.sessionToken!;
  expect(new SessionTokens(masterKeys.box).open(token)?.secretAccessKey).toBe(session.credentials.secretAccessKey);
  const auditKey = records.get<{ readonly sealedKey: string }>('audit-key', 'chain')!.body.sealedKey;
  expect(masterKeys.box.open('audit-key', auditKey)).toHaveLength(43);
  await records.close();
}

describe('tallyline master-key', () => {
  it('rotates under a running server: keys and sessions go on, everything kept is sealed anew', async () => {
    const server = await startServer();
    const { users, session } = await populated(server);
    const before = readFileSync(join(server.data, 'master.key'));
    const rotated = await masterKey(server, 'rotate');
    expect(rotated.stderr).toBe('');
    // Admin, three users and the audit key.
    expect(rotated.stdout).toMatch(/^sealed 5 secrets anew\ncurrent {3}[0-9a-f]{8}, from the file /);
    expect(rotated.stdout).toMatch(
      new RegExp(`previous  ${masterKeyId(before)}, replaced at .*, sessions under it may live until `),
    );
    expect(readFileSync(join(server.data, 'master.key'))).not.toEqual(before);
    await expectAllGood(server, users, session);
    const refused = await masterKey(server, 'drop');
    expect(refused.stderr).toMatch(
      /sessions under a previous master key may live until `.*`: wait, or end them now with --now/,
    );
    await server.stop();
    expect(await stale(server.data)).toEqual([]);

    const again = await startServer({ data: server.data });
    await expectAllGood(again, users, session);
    expect((await masterKey(again, 'drop', '--now')).stdout).toBe(`dropped ${masterKeyId(before)}\n`);
    await expect(whoIs(session, again.url)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expectAllGood(again, users);
    expect((await masterKey(again, 'status')).stdout).toMatch(
      /^current {3}[0-9a-f]{8}, from the file `.*master\.key`\n$/,
    );
    expect((await masterKey(again, 'drop')).stdout).toBe('there are no previous master keys\n');
    for (const secret of [before, readFileSync(join(again.data, 'master.key'))]) {
      expect(again.output() + rotated.stdout).not.toContain(secret.toString('base64').slice(0, 20));
    }
    await again.stop();
  });

  it('may be killed between any two steps: the next start finds everything and seals it anew', async () => {
    const server = await startServer();
    const { users, session } = await populated(server);
    await server.stop();
    const steps: [string, (keys: MasterKeyFile, data: string) => void | Promise<void>][] = [
      ['nothing was done yet', () => {}],
      ['a draft of the previous key', (_, data) => writeFileSync(join(data, 'master.key.0123456789ab'), 'half')],
      ['the key is kept', (keys) => keys.keepCurrent(masterKeyId(keys.current()))],
      ['a draft of the new key', (_, data) => writeFileSync(join(data, 'master.key.ba9876543210'), randomBytes(32))],
      ['the new key is in place', (keys) => void keys.replace()],
      ['one secret is sealed anew', (keys, data) => resealOne(keys, data)],
    ];
    for (const [step] of steps) {
      const data = temporaryFolder('killed');
      for (const part of ['master.key', 'directory.sqlite']) cpSync(join(server.data, part), join(data, part));
      const keys = new MasterKeyFile(join(data, 'master.key'));
      for (const [name, run] of steps) {
        await run(keys, data);
        if (name === step) break;
      }
      await expectWholeAfterStart(data, [server.admin, ...users], session);
      expect(await stale(data), step).toEqual([]);
    }
  });

  it('may be killed at any moment', async () => {
    let server = await startServer();
    const { users, session } = await populated(server);
    for (const delayMs of [0, 3]) {
      const before = keysOf(server.data);
      const rotating = masterKey(server, 'rotate');
      // Killed where the old key is put by and the new one is not there, the next rotation puts by the same.
      await vi.waitFor(() => expect(keysOf(server.data)).not.toEqual(before), { timeout: 30_000, interval: 1 });
      await new Promise((done) => setTimeout(done, delayMs));
      await server.kill();
      await rotating;
      server = await startServer({ data: server.data });
      await expectAllGood(server, users, session);
    }
    await server.stop();
    expect(await stale(server.data)).toEqual([]);
  });

  it('takes a key from the environment, and another one after a restart with the old one beside it', async () => {
    const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const server = await startServer({ config: { masterKeyEnv: 'KEY' }, environment: { KEY: first } });
    const { users, session } = await populated(server);
    expect(existsSync(join(server.data, 'master.key'))).toBe(false);
    const refused = await masterKey(server, 'rotate');
    expect(refused.stderr).toBe(
      'tallyline: the master key comes from the environment variable `KEY`: give the new key there and restart\n',
    );
    await server.stop();

    const both = await startServer({
      data: server.data,
      config: { masterKey: { env: 'NEW' }, previousMasterKeys: [{ env: 'KEY' }], logLevel: 'info' },
      environment: { KEY: first, NEW: second },
    });
    expect(both.output()).toContain('sealed 5 secrets anew under the current master key');
    await expectAllGood(both, users, session);
    await both.stop();

    const alone = await startServer({
      data: server.data,
      config: { masterKeyEnv: 'NEW' },
      environment: { NEW: second },
    });
    await expectAllGood(alone, users);
    await expect(whoIs(session, alone.url)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await alone.stop();
  });

  it('takes a key from a command', async () => {
    const key = randomBytes(32).toString('base64');
    const command = [process.execPath, '-p', 'process.env.KMS_SAYS'];
    const options = { config: { masterKey: { command } }, environment: { KMS_SAYS: key } };
    const server = await startServer(options);
    const iam = new IAMClient(server.admin);
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    expect((await masterKey(server, 'status')).stdout).toContain(`from the command \`${process.execPath}\``);
    await server.stop();
    const again = await startServer({ ...options, data: server.data });
    expect(await whoIs(again.admin, again.url)).toBe(`arn:aws:iam::${ACCOUNT}:user/admin`);
    await again.stop();
    await expect(
      startServer({ ...options, data: server.data, environment: { KMS_SAYS: `${key}${key}` } }),
    ).rejects.toThrow(/what the command `.*` printed is not 32 bytes in base64/);
  });
});

/** As far as a reseal gets that is killed after its first record. */
async function resealOne(keys: MasterKeyFile, data: string): Promise<void> {
  const records = new SqliteRecordStore(join(data, 'directory.sqlite'), () => 0);
  const box = new MasterKeySecretBox(
    keys.current(),
    keys.previous().map(({ bytes }) => bytes),
  );
  const [one] = records.all<{ sealedSecret: string }>('access-key');
  const sealedSecret = box.seal('access-key', box.open('access-key', one!.body.sealedSecret));
  await records.write([{ kind: 'access-key', key: one!.key, body: { ...one!.body, sealedSecret } }]);
  await records.close();
}
