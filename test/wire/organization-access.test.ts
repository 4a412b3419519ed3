import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  BCMDataExportsClient,
  CreateExportCommand,
  type Export,
  ListExecutionsCommand,
} from '@aws-sdk/client-bcm-data-exports';
import { CostExplorerClient, GetCostAndUsageCommand, GetDimensionValuesCommand } from '@aws-sdk/client-cost-explorer';
import { IAMClient, ListUsersCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  AttachPolicyCommand,
  CloseAccountCommand,
  DescribeOrganizationCommand,
  DetachPolicyCommand,
  MoveAccountCommand,
  UpdatePolicyCommand,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { send } from '../faults/raw-client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { bearerCall, longTermKey, shortTermKey } from './bearer-keys.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls, ledger } from './ledger.ts';
import {
  memberAdmin,
  newAccount,
  newServiceControlPolicy,
  newUnit,
  rootId,
  withOrganizations,
} from './organization.ts';
import { ACCOUNT, allow, assumed, deny, INVOKE, newRole, newUser, policyOf, trust } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const NOVA = 'amazon.nova-lite-v1:0';
const FULL = 'p-FullAWSAccess';
const CALL = { inputTokens: 1_000, outputTokens: 0 };

let server: TestServer;
let root: string;

beforeAll(async () => {
  server = await startServer();
  root = await rootId(server.admin);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const attach = (PolicyId: string, TargetId: string) =>
  withOrganizations(server.admin, (client) => client.send(new AttachPolicyCommand({ PolicyId, TargetId })));
const detach = (PolicyId: string, TargetId: string) =>
  withOrganizations(server.admin, (client) => client.send(new DetachPolicyCommand({ PolicyId, TargetId })));
const move = (AccountId: string, SourceParentId: string, DestinationParentId: string) => {
  const command = new MoveAccountCommand({ AccountId, SourceParentId, DestinationParentId });
  return withOrganizations(server.admin, (client) => client.send(command));
};

const invoke = (caller: ClientConfig, modelId = NOVA) => spend(caller, [{ modelId, ...CALL }]);

function identityOf(caller: ClientConfig): Promise<{ Arn?: string | undefined; Account?: string | undefined }> {
  const sts = new STSClient(caller);
  return sts.send(new GetCallerIdentityCommand({})).finally(() => sts.destroy());
}

function listUsers(caller: ClientConfig): Promise<unknown> {
  const iam = new IAMClient(caller);
  return iam.send(new ListUsersCommand({})).finally(() => iam.destroy());
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => ({ name: 'none', message: 'it was allowed' }),
    (thrown) => thrown,
  );
  return `${error.name}: ${error.message}`;
}

/** A member account with a user who may invoke models and read IAM. */
async function member(name: string): Promise<{ id: string; admin: ClientConfig; user: ClientConfig; arn: string }> {
  const id = await newAccount(server.admin, name);
  const admin = await memberAdmin(server.admin, id);
  const user = await newUser(admin, 'ann', { statements: [INVOKE, allow('iam:*')] });
  return { id, admin, user, arn: `arn:aws:iam::${id}:user/ann` };
}

describe('a member account', () => {
  it('is billed for its own calls, paid by the management account, and named in every report', async () => {
    const before = await billedCalls(server);
    const { id, user, arn } = await member('billed');
    const payer = await newUser(server.admin, 'payer', { statements: [INVOKE] });
    await spend(user, [{ modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 }]);
    await spend(payer, [{ modelId: SONNET, inputTokens: 2_000_000, outputTokens: 0 }]);
    await expect.poll(() => billedCalls(server), ARRIVAL).toBe(before + 2);

    const ce = new CostExplorerClient(server.admin);
    const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
    const TimePeriod = { Start: day(-1), End: day(1) };
    const byAccount = new GetCostAndUsageCommand({
      TimePeriod,
      Granularity: 'MONTHLY',
      Metrics: ['UnblendedCost'],
      GroupBy: [{ Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' }],
    });
    const { ResultsByTime, DimensionValueAttributes } = await ce.send(byAccount);
    const costs = ResultsByTime!.flatMap(({ Groups }) => Groups!.map(({ Keys, Metrics }) => [Keys![0], Metrics]));
    expect(Object.fromEntries(costs)).toEqual({
      [ACCOUNT]: { UnblendedCost: { Amount: '6.6', Unit: 'USD' } },
      [id]: { UnblendedCost: { Amount: '3.3', Unit: 'USD' } },
    });
    expect(DimensionValueAttributes).toContainEqual({ Value: id, Attributes: { description: 'billed' } });
    const { DimensionValues } = await ce.send(
      new GetDimensionValuesCommand({ TimePeriod, Dimension: 'LINKED_ACCOUNT' }),
    );
    expect(DimensionValues).toContainEqual({ Value: id, Attributes: { description: 'billed' } });
    ce.destroy();

    expect(await deliveredRows('accounts')).toEqual(
      expect.arrayContaining([
        [id, 'billed', ACCOUNT, 'Tallyline', arn],
        [ACCOUNT, 'Tallyline', ACCOUNT, 'Tallyline', `arn:aws:iam::${ACCOUNT}:user/payer`],
      ]),
    );
  });

  it('shares roles with other accounts when both sides agree', async () => {
    const lender = await member('lender');
    const borrower = await member('borrower');
    const role = await newRole(lender.admin, 'Shared', {
      trust: [trust(`arn:aws:iam::${borrower.id}:root`)],
      statements: [INVOKE],
      tags: { team: 'lent' },
    });
    const notAuthorized = `AccessDenied: User: ${borrower.arn} is not authorized to perform: sts:AssumeRole on resource: ${role}`;
    expect(await refusal(assumed(borrower.user, role, 'one-sided'))).toBe(notAuthorized);
    await grant(borrower.admin, 'ann', allow('sts:AssumeRole', role));
    const session = await assumed(borrower.user, role, 'both-sided');
    const arn = `arn:aws:sts::${lender.id}:assumed-role/Shared/both-sided`;
    expect(await identityOf(session)).toMatchObject({ Arn: arn, Account: lender.id });
    await invoke(session);
    const calls = () => ledger(server, { Principal: arn });
    await expect.poll(calls, ARRIVAL).toMatchObject([{ Tags: { team: 'lent' } }]);
    const stranger = await member('stranger');
    await grant(stranger.admin, 'ann', allow('sts:AssumeRole', role));
    expect(await refusal(assumed(stranger.user, role, 'untrusted'))).toBe(
      notAuthorized.replace(borrower.arn, stranger.arn),
    );
  });

  it('lends a role to the whole organization, or to a part of it', async () => {
    const lender = await member('org-lender');
    const inside = await member('inside');
    const unit = await newUnit(server.admin, 'Trusted');
    const everyone = (condition: object) => ({ ...trust('*', 'sts:AssumeRole', condition) });
    const { id: organizationId } = await organizationOf();
    const byOrganization = await newRole(lender.admin, 'ForAll', {
      trust: [everyone({ StringEquals: { 'aws:PrincipalOrgID': organizationId } })],
    });
    const byPath = await newRole(lender.admin, 'ForUnit', {
      trust: [everyone({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${organizationId}/*/${unit}/*` } })],
    });
    const elsewhere = await newRole(lender.admin, 'ForOthers', {
      trust: [everyone({ StringEquals: { 'aws:PrincipalOrgID': 'o-another000' } })],
    });
    await grant(inside.admin, 'ann', allow('sts:AssumeRole'));
    await assumed(inside.user, byOrganization, 'session');
    expect(await refusal(assumed(inside.user, elsewhere, 'session'))).toMatch(/^AccessDenied: /);
    expect(await refusal(assumed(inside.user, byPath, 'session'))).toMatch(/^AccessDenied: /);
    await move(inside.id, root, unit);
    await assumed(inside.user, byPath, 'session');
  });
});

describe('a service control policy', () => {
  it('denies in the words of AWS, wherever it is attached above the account, and at once', async () => {
    const { id, user, arn } = await member('denied');
    const outer = await newUnit(server.admin, 'Outer');
    const inner = await newUnit(server.admin, 'Inner', outer);
    await move(id, root, inner);
    const noNova = deny('bedrock:InvokeModel', 'arn:aws:bedrock:*::foundation-model/amazon.*');
    const policy = await newServiceControlPolicy(server.admin, 'no-nova', noNova);
    const model = `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`;
    const denied = `AccessDeniedException: User: ${arn} is not authorized to perform: bedrock:InvokeModel on resource: ${model} with an explicit deny in a service control policy`;
    for (const target of [id, inner, outer, root]) {
      await invoke(user);
      await attach(policy, target);
      expect(await refusal(invoke(user)), target).toBe(denied);
      await invoke(user, SONNET);
      await detach(policy, target);
    }
    await attach(policy, outer);
    const command = new UpdatePolicyCommand({ PolicyId: policy, Content: policyOf(deny('s3:*')) });
    await withOrganizations(server.admin, (client) => client.send(command));
    await invoke(user);
  });

  it('that is an allow list lets nothing else through', async () => {
    const { id, admin, user, arn } = await member('listed');
    const unit = await newUnit(server.admin, 'Listed');
    await move(id, root, unit);
    const list = await newServiceControlPolicy(server.admin, 'bedrock-only', allow(['bedrock:*', 'sts:*']));
    await attach(list, unit);
    await listUsers(user);
    await detach(FULL, unit);
    await invoke(user);
    const resource = `arn:aws:iam::${id}:user/`;
    expect(await refusal(listUsers(user))).toBe(
      `AccessDenied: User: ${arn} is not authorized to perform: iam:ListUsers on resource: ${resource} because no service control policy allows the iam:ListUsers action`,
    );
    expect(await refusal(listUsers(admin))).toContain(
      'because no service control policy allows the iam:ListUsers action',
    );
    await move(id, unit, root);
    await listUsers(user);
  });

  it('never limits the management account', async () => {
    const policy = await newServiceControlPolicy(server.admin, 'nothing', deny('*'));
    const { user } = await member('limited');
    const payer = await newUser(server.admin, 'unlimited', { statements: [INVOKE] });
    await attach(policy, root);
    await attach(policy, ACCOUNT);
    await invoke(payer);
    expect(await refusal(invoke(user))).toContain('with an explicit deny in a service control policy');
    await detach(policy, ACCOUNT);
    await detach(policy, root);
    await invoke(user);
  });

  it('can keep an account from assuming roles outside of the organization', async () => {
    const { id, admin, user } = await member('kept-in');
    const { id: organizationId } = await organizationOf();
    await grant(admin, 'ann', allow('sts:AssumeRole'));
    const inside = await newRole((await member('kept-in-target')).admin, 'App', {
      trust: [trust(`arn:aws:iam::${id}:root`)],
    });
    const elsewhere = { StringNotEquals: { 'aws:ResourceOrgID': organizationId } };
    const elsewhereOnly = { ...deny('sts:AssumeRole'), Condition: elsewhere };
    await attach(await newServiceControlPolicy(server.admin, 'stay-inside', elsewhereOnly), id);
    await assumed(user, inside, 'session');
    const outside = { ...deny('sts:AssumeRole'), Condition: { StringEquals: { 'aws:ResourceOrgID': organizationId } } };
    await attach(await newServiceControlPolicy(server.admin, 'stay-out', outside), id);
    expect(await refusal(assumed(user, inside, 'session'))).toMatch(/^AccessDenied: /);
  });
});

describe('a closed account', () => {
  it('can do nothing from then on, and its history stays', async () => {
    const { id, admin, user, arn } = await member('leaver');
    const role = await newRole(admin, 'App', { trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)], statements: [INVOKE] });
    const session = await assumed(server.admin, role, 'session');
    await grant(admin, 'ann', allow('bedrock:CallWithBearerToken'));
    const apiKeys = [(await longTermKey(admin, 'ann')).key, await shortTermKey(user.credentials)];
    const statuses = () =>
      Promise.all(apiKeys.map(async (key) => (await send(server.url, bearerCall(server.url, key))).status));
    expect(await statuses()).toEqual([200, 200]);
    await invoke(user);
    await expect.poll(async () => (await ledger(server, { Principal: arn })).length, ARRIVAL).toBe(3);
    await withOrganizations(server.admin, (client) => client.send(new CloseAccountCommand({ AccountId: id })));
    for (const caller of [user, session, admin]) {
      expect(await refusal(invoke(caller))).toBe(
        'UnrecognizedClientException: The security token included in the request is invalid.',
      );
      expect(await refusal(identityOf(caller))).toBe(
        'InvalidClientTokenId: The security token included in the request is invalid.',
      );
    }
    expect(await statuses()).toEqual([403, 403]);
    const sts = new STSClient(server.admin);
    const assume = sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'session' }));
    expect(await refusal(assume)).toBe(
      `AccessDenied: User: arn:aws:iam::${ACCOUNT}:user/admin is not authorized to perform: sts:AssumeRole on resource: ${role}`,
    );
    sts.destroy();
    expect(await ledger(server, { Principal: arn })).toHaveLength(3);
    expect(await deliveredRows('after-closing')).toContainEqual([id, 'leaver', ACCOUNT, 'Tallyline', arn]);
  });
});

/** Another permission for a user of an account. */
async function grant(admin: ClientConfig, UserName: string, ...statements: readonly object[]): Promise<void> {
  const iam = new IAMClient(admin);
  const document = { PolicyName: 'granted', PolicyDocument: policyOf(...statements) };
  await iam.send(new PutUserPolicyCommand({ UserName, ...document }));
  iam.destroy();
}

async function organizationOf(): Promise<{ id: string }> {
  const command = new DescribeOrganizationCommand({});
  const { Organization } = await withOrganizations(server.admin, (client) => client.send(command));
  return { id: Organization!.Id! };
}

/** Usage account and payer of every row of a new export, with their names and the principal. */
async function deliveredRows(name: string): Promise<string[][]> {
  const columns = [
    'line_item_usage_account_id',
    'line_item_usage_account_name',
    'bill_payer_account_id',
    'bill_payer_account_name',
    'line_item_iam_principal',
  ];
  const definition: Export = {
    Name: name,
    DataQuery: {
      QueryStatement: `SELECT ${columns.join(', ')} FROM COST_AND_USAGE_REPORT`,
      TableConfigurations: { COST_AND_USAGE_REPORT: { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' } },
    },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket: 'bills', S3Prefix: 'cur2', S3Region: 'us-east-1' },
        S3OutputConfigurations: {
          ...{ OutputType: 'CUSTOM', Format: 'TEXT_OR_CSV', Compression: 'GZIP', Overwrite: 'OVERWRITE_REPORT' },
        },
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
  };
  const exports = new BCMDataExportsClient(server.admin);
  const { ExportArn } = await exports.send(new CreateExportCommand({ Export: definition }));
  const status = async () => {
    const { Executions } = await exports.send(new ListExecutionsCommand({ ExportArn }));
    return Executions![0]?.ExecutionStatus?.StatusCode;
  };
  await expect.poll(status, ARRIVAL).toBe('DELIVERY_SUCCESS');
  exports.destroy();
  const folder = join(server.data, 'exports', 'bills', 'cur2', name, 'data');
  const files = globSync('BILLING_PERIOD=*/*.csv.gz', { cwd: folder }).map((file) => readFileSync(join(folder, file)));
  const lines = files.flatMap((bytes) => gunzipSync(bytes).toString().trimEnd().split('\n').slice(1));
  return lines.map((line) => line.split(',').map((cell) => cell.replace(/^"(.*)"$/, '$1')));
}
