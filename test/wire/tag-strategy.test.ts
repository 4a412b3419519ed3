import { execFileSync } from 'node:child_process';
import { CostExplorerClient, UpdateCostAllocationTagsStatusCommand } from '@aws-sdk/client-cost-explorer';
import { GetUserCommand, IAMClient, ListRoleTagsCommand, ListUserTagsCommand, type Tag } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { memberAdmin, newAccount } from './organization.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, trust } from './principals.ts';
import { programs, said } from './program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const USER = `arn:aws:iam::${ACCOUNT}:user/`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/`;
const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/login.example.com`;
const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const RANGE = { Start: new Date(TODAY_MS - DAY_MS).toISOString(), End: new Date(TODAY_MS + DAY_MS).toISOString() };
/** Of the AWS CLI, where it can be told which server. */
const aws = programs('aws').find((file) => /aws-cli\/(1|2)\./.test(said(file, '--version')));
if (!aws) console.warn('SKIPPED: no `aws` on the PATH; the commands that fix tags are not run');

interface Holder {
  readonly Value: string;
  readonly Subject: string;
  readonly CostUsd: string;
  readonly Fixes: readonly { readonly Text: string; readonly Code?: string }[];
}

interface Findings {
  readonly TotalUsd: string;
  readonly Missing: readonly { TagKey: string; CostUsd: string; Subjects: number; Holders: Holder[] }[];
  readonly NotAllowed: readonly { TagKey: string; Value: string; Meant?: string; CostUsd: string; Holders: Holder[] }[];
  readonly Similar: readonly { TagKey: string; Likeness: string; Kept: Named; Others: Named[]; Holders: Holder[] }[];
  readonly KeyVariants: readonly { Kept: Named; Others: Named[]; Holders: Holder[] }[];
}

interface Named {
  readonly Value: string;
  readonly CostUsd: string;
}

interface Coverage {
  readonly TotalUsd: string;
  readonly Tags: readonly { TagKey: string; CarriedUsd: string; ShownUsd: string; Values: number }[];
}

let server: TestServer;
let client: TallylineClient;

beforeAll(async () => {
  server = await startServer();
  client = new TallylineClient(readProfile(server.data, {}), () => Date.now());
  const member = await memberAdmin(server.admin, await newAccount(server.admin, 'labs', { unit: 'Research' }));
  const user = (name: string, tags: Readonly<Record<string, string>>) =>
    newUser(server.admin, name, { statements: [INVOKE, allow('sts:AssumeRole')], tags });
  const ana = await user('ana', { team: 'data-science', 'cost-center': '7' });
  const ben = await user('ben', { team: 'Data Science' });
  const cem = await user('cem', { team: 'datascience', CostCenter: '7' });
  const dan = await user('dan', {});
  const own = [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession'])];
  const federated = { Effect: 'Allow', Principal: { Federated: OIDC }, Action: 'sts:AssumeRoleWithWebIdentity' };
  const app = await newRole(server.admin, 'App', { trust: own, statements: [INVOKE], tags: { team: 'serach' } });
  const sso = await newRole(server.admin, 'Sso', { trust: [...own, federated], statements: [INVOKE] });
  const call = (inputTokens: number) => [{ modelId: SONNET, inputTokens, outputTokens: 0 }];
  await spend(ana, call(900_000));
  await spend(ben, call(300_000));
  await spend(cem, call(200_000));
  await spend(dan, call(100_000));
  await spend(await assumed(server.admin, app, 'job-1'), call(50_000));
  await spend(await assumed(server.admin, sso, 'eva@example.com'), call(40_000));
  await spend(member, call(10_000));
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(7), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const findings = () => client.call<Findings>('GetTagFindings', RANGE);
const coverage = () => client.call<Coverage>('GetTagCoverage', RANGE);
const coverageOf = async (key: string) => (await coverage()).Tags.find(({ TagKey }) => TagKey === key);
const fixOf = (holders: readonly Holder[], subject: string) =>
  holders.find(({ Subject }) => Subject === subject)!.Fixes.map(({ Code }) => Code);

describe('coverage', () => {
  it('says what share of the spend carries a key, and what share reports show', async () => {
    const { TotalUsd, Tags } = await coverage();
    expect(TotalUsd).toBe('5.28');
    expect(Tags).toEqual([
      { TagKey: 'iamPrincipal/team', CarriedUsd: '4.785', ShownUsd: '0', Values: 4 },
      { TagKey: 'iamPrincipal/cost-center', CarriedUsd: '2.97', ShownUsd: '0', Values: 1 },
      { TagKey: 'iamPrincipal/CostCenter', CarriedUsd: '0.66', ShownUsd: '0', Values: 1 },
      { TagKey: 'accountTag/unit', CarriedUsd: '0.033', ShownUsd: '0', Values: 1 },
    ]);
  });

  it('has the values of a key with the spend of each, calls without it among them, and sums to the total', async () => {
    const { Values } = await client.call<{ Values: { Value: string; CostUsd: string; Principals: number }[] }>(
      'GetTagValues',
      { ...RANGE, TagKey: 'iamPrincipal/team' },
    );
    expect(Values).toMatchObject([
      { Value: 'data-science', CostUsd: '2.97', Principals: 1 },
      { Value: 'Data Science', CostUsd: '0.99', Principals: 1 },
      { Value: 'datascience', CostUsd: '0.66', Principals: 1 },
      { Value: '', CostUsd: '0.495', Principals: 3 },
      { Value: 'serach', CostUsd: '0.165', Principals: 1 },
    ]);
    const sum = Values.reduce((total, { CostUsd }) => total + parsePicoUsd(CostUsd), 0n);
    expect(sum).toBe(parsePicoUsd((await coverage()).TotalUsd));
  });

  it('does not show spend from before a key was active', async () => {
    const ce = new CostExplorerClient(server.admin);
    const status = [{ TagKey: 'accountTag/unit', Status: 'Active' as const }];
    await ce.send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus: status }));
    ce.destroy();
    expect(await coverageOf('accountTag/unit')).toMatchObject({ CarriedUsd: '0.033', ShownUsd: '0' });
  });
});

describe('findings without a strategy', () => {
  it('are values and keys that seem to mean one thing, with what the change takes', async () => {
    const { Similar, KeyVariants, Missing, NotAllowed } = await findings();
    expect([Missing, NotAllowed]).toEqual([[], []]);
    expect(Similar).toMatchObject([
      {
        TagKey: 'iamPrincipal/team',
        Likeness: 'punctuation',
        Kept: { Value: 'data-science', CostUsd: '2.97' },
        Others: [
          { Value: 'Data Science', CostUsd: '0.99' },
          { Value: 'datascience', CostUsd: '0.66' },
        ],
      },
    ]);
    expect(fixOf(Similar[0]!.Holders, `${USER}ben`)).toEqual([
      'aws iam tag-user --user-name ben --tags Key=team,Value=data-science',
    ]);
    expect(KeyVariants).toMatchObject([
      { Kept: { Value: 'iamPrincipal/cost-center' }, Others: [{ Value: 'iamPrincipal/CostCenter', CostUsd: '0.66' }] },
    ]);
    expect(fixOf(KeyVariants[0]!.Holders, `${USER}cem`)).toEqual([
      'aws iam tag-user --user-name cem --tags Key=cost-center,Value=7',
    ]);
  });
});

describe('a strategy', () => {
  it('is kept with who asked for it', async () => {
    expect(await client.call('GetTagStrategy', {})).toEqual({ RequiredTags: [] });
    const RequiredTags = [
      { TagKey: 'iamPrincipal/team', AllowedValues: ['data-science', 'search'], Description: 'who pays' },
      { TagKey: 'accountTag/unit', AllowedValues: [] },
    ];
    const kept = { RequiredTags, UpdatedBy: `${USER}admin` };
    expect(await client.call('PutTagStrategy', { RequiredTags })).toMatchObject(kept);
    expect(await client.call('GetTagStrategy', {})).toMatchObject(kept);
  });

  it('names who lacks a tag by spend, and the command or claim that gives it', async () => {
    const { Missing } = await findings();
    expect(Missing).toMatchObject([
      { TagKey: 'iamPrincipal/team', CostUsd: '0.495', Subjects: 3 },
      { TagKey: 'accountTag/unit', CostUsd: '5.247', Subjects: 1 },
    ]);
    const [team, unit] = Missing;
    expect(team!.Holders.map(({ Subject, CostUsd }) => [Subject, CostUsd]).slice(0, 2)).toEqual([
      [`${USER}dan`, '0.33'],
      [`${SESSION}Sso/eva@example.com`, '0.132'],
    ]);
    expect(fixOf(team!.Holders, `${USER}dan`)).toEqual([
      'aws iam tag-user --user-name dan --tags Key=team,Value=VALUE',
    ]);
    expect(fixOf(team!.Holders, `${SESSION}Sso/eva@example.com`)).toEqual([
      '{"https://aws.amazon.com/tags":{"principal_tags":{"team":["VALUE"]}}}',
      'aws iam tag-role --role-name Sso --tags Key=team,Value=VALUE',
    ]);
    expect(fixOf(unit!.Holders, ACCOUNT)).toEqual([`tallyline account tag ${ACCOUNT} unit=VALUE`]);
  });

  it('names values that it does not allow, and which one was meant', async () => {
    const { NotAllowed, Similar } = await findings();
    expect(NotAllowed.map(({ Value, Meant, CostUsd }) => [Value, Meant, CostUsd])).toEqual([
      ['Data Science', 'data-science', '0.99'],
      ['datascience', 'data-science', '0.66'],
      ['serach', 'search', '0.165'],
    ]);
    expect(fixOf(NotAllowed[2]!.Holders, `${SESSION}App/job-1`)).toEqual([
      'aws iam tag-role --role-name App --tags Key=team,Value=search',
    ]);
    expect(Similar).toEqual([]);
  });

  it.skipIf(!aws)('its commands do what they say', { timeout: 60_000 }, async () => {
    const { NotAllowed } = await findings();
    const commands = NotAllowed.flatMap(({ Holders }) => Holders.map(({ Fixes }) => Fixes[0]!.Code!));
    const { accessKeyId, secretAccessKey } = server.admin.credentials;
    const env = {
      PATH: process.env.PATH,
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: 'us-east-1' },
    };
    for (const command of commands) {
      execFileSync('/bin/sh', ['-c', `${command} --endpoint-url ${server.url} --region us-east-1`], { env });
    }
    const iam = new IAMClient(server.admin);
    const teamOf = (tags: readonly Tag[] | undefined) => tags?.find(({ Key }) => Key === 'team')?.Value;
    expect(teamOf((await iam.send(new ListUserTagsCommand({ UserName: 'ben' }))).Tags)).toBe('data-science');
    expect(teamOf((await iam.send(new GetUserCommand({ UserName: 'cem' }))).User!.Tags)).toBe('data-science');
    expect(teamOf((await iam.send(new ListRoleTagsCommand({ RoleName: 'App' }))).Tags)).toBe('search');
    iam.destroy();
  });

  it('is the management account’s', async () => {
    const member = await memberAdmin(server.admin, await newAccount(server.admin, 'other'));
    const { credentials, region } = member;
    const other = new TallylineClient({ endpoint: server.url, region, ...credentials }, () => Date.now());
    for (const operation of ['GetTagStrategy', 'GetTagFindings', 'GetTagCoverage']) {
      await expect(other.call(operation, RANGE)).rejects.toThrow('only the management account');
    }
  });
});
