import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { DescribeOrganizationCommand, ListAccountsCommand } from '@aws-sdk/client-organizations';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { failedStart, refusedWith } from '../faults/failed-start.ts';
import { MAIN, removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { spend } from './inference-calls.ts';
import { memberAdmin, newAccount, withOrganizations } from './organization.ts';
import { ACCOUNT, deny, INVOKE, newUser } from './principals.ts';

afterAll(removeFolders);

const SUPPORT = '210987654321';
const COMPANY = {
  organizationalUnits: [{ path: 'Workloads/Production' }, { path: 'Sandbox' }],
  accounts: [
    { id: SUPPORT, name: 'support', email: 'support@example.com', ou: 'Workloads/Production', tags: { team: 'cs' } },
  ],
  policies: [
    { name: 'no-models', content: { Version: '2012-10-17', Statement: [deny('bedrock:*')] }, targets: ['Workloads'] },
  ],
};

/** Runs a block against a server over the data folder. */
async function withServer<Result>(
  data: string,
  config: object,
  use: (server: TestServer) => Promise<Result>,
): Promise<Result> {
  const server = await startServer({ data, config });
  try {
    return await use(server);
  } finally {
    expect(await server.stop()).toBe(0);
  }
}

function accountsOf(admin: ClientConfig): Promise<{ organizationId: string | undefined; accounts: object }> {
  return withOrganizations(admin, async (client) => {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    const { Accounts } = await client.send(new ListAccountsCommand({}));
    return { organizationId: Organization?.Id, accounts: Accounts! };
  });
}

/** Everything that the directory has on disk. */
function recordsIn(data: string): unknown[] {
  const database = new DatabaseSync(join(data, 'directory.sqlite'));
  const rows = database.prepare("SELECT kind, key, version, body FROM record WHERE kind NOT LIKE '%-use'").all();
  database.close();
  return rows;
}

describe('serve', { timeout: 120_000 }, () => {
  it('brings the configured organization about at its first start, in force, and writes nothing at the second', async () => {
    const data = temporaryFolder('organization');
    const config = { organization: COMPANY };
    const first = await withServer(data, config, async ({ admin }) => {
      const user = await newUser(await memberAdmin(admin, SUPPORT), 'ann', { statements: [INVOKE] });
      const call = spend(user, [{ modelId: 'amazon.nova-lite-v1:0', inputTokens: 1, outputTokens: 1 }]);
      await expect(call).rejects.toThrowError(/with an explicit deny in a service control policy$/);
      return accountsOf(admin);
    });
    const written = recordsIn(data);
    expect(await withServer(data, config, ({ admin }) => accountsOf(admin))).toEqual(first);
    expect(recordsIn(data)).toEqual(written);
  });

  it('says which member of a wrong organization is wrong, and ends', async () => {
    const organization = { accounts: [{ name: 'a', email: 'a@example.com', ou: 'Prod' }] };
    const started = await failedStart(temporaryFolder('organization'), { config: JSON.stringify({ organization }) });
    const sentence =
      '`organization.accounts.0.ou` is `Prod`, but there is no such organizational unit: add its path to `organization.organizationalUnits`';
    expect(started).toEqual(refusedWith(sentence));
  });

  it('founds the organization of a data folder that is older than organizations', async () => {
    const data = temporaryFolder('organization');
    const old = await withServer(data, {}, ({ admin }) => newAccount(admin, 'old'));
    const database = new DatabaseSync(join(data, 'directory.sqlite'));
    database.exec("DELETE FROM record WHERE kind = 'organization'");
    database.close();
    const first = await withServer(data, {}, ({ admin }) => accountsOf(admin));
    expect(first).toMatchObject({
      organizationId: expect.stringMatching(/^o-/),
      accounts: [{ Id: ACCOUNT }, { Id: old, Status: 'ACTIVE' }],
    });
    expect(await withServer(data, {}, ({ admin }) => accountsOf(admin))).toEqual(first);
  });
});

describe('tallyline account', { timeout: 120_000 }, () => {
  it('lists, creates, moves, tags and closes accounts', async () => {
    await withServer(temporaryFolder('organization'), { organization: COMPANY }, async ({ data }) => {
      const run = promisify(execFile);
      const account = (...args: readonly string[]): Promise<string> =>
        run(process.execPath, [...MAIN, 'account', ...args, '--data', data]).then(
          ({ stdout }) => stdout.trimEnd(),
          ({ stderr }) => stderr.trimEnd(),
        );
      const tags = ['--tag', 'team=research', '--tag', 'formula=a=b'];
      const made = await account('create', 'Research', '--email', 'r@example.com', '--ou', 'Sandbox', ...tags);
      const [, id] = /^account (\d{12}) \(Research\)$/m.exec(made)!;
      expect(made).toContain(`role arn:aws:iam::${id}:role/OrganizationAccountAccessRole`);
      expect(await account('create', 'Twin', '--email', 'r@example.com')).toBe(
        'tallyline: `Twin` was not created: another account has that e-mail address',
      );
      expect(await account('create', 'Lost', '--email', 'l@example.com', '--ou', 'Nowhere')).toBe(
        'tallyline: there is no organizational unit `Nowhere`: `Nowhere` is missing',
      );
      expect(await account('move', 'Research', 'Workloads/Production')).toBe(
        `account ${id} (Research): in Workloads/Production`,
      );
      expect(await account('tag', id!, 'team=ml', 'owner=ada', 'formula')).toBe('team=ml\nowner=ada');
      expect(await account('tag', id!, '=x')).toBe('tallyline: `=x` is not a tag: use KEY=VALUE');
      expect(await account('close', 'Research')).toBe(`account ${id} (Research): closed`);
      expect(await account('close', 'Nobody')).toBe(
        'tallyline: there is no account `Nobody`: see `tallyline account list`',
      );
      const [day] = new Date().toISOString().split('T');
      const rows = (await account('list')).split('\n').map((line) => line.split(/ {2,}/));
      expect(rows).toEqual([
        ['account', 'name', 'status', 'unit', 'e-mail', 'joined'],
        expect.anything(),
        [ACCOUNT, 'Tallyline', 'ACTIVE', day],
        [SUPPORT, 'support', 'ACTIVE', 'Workloads/Production', 'support@example.com', day],
        [id, 'Research', 'SUSPENDED', 'Workloads/Production', 'r@example.com', day],
      ]);
      expect(JSON.parse(await account('list', '--json'))).toHaveLength(3);
    });
  });
});
