import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { IAMClient, TagUserCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { tallyline } from './gateway-keys.ts';
import { ARRIVAL, billedCalls, ledger } from './ledger.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, policyOf, trust } from './principals.ts';

const MODEL = 'anthropic.claude-sonnet-4-6';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/BedrockRole`;
const BILLED = `arn:aws:sts::${ACCOUNT}:assumed-role/BedrockRole/`;
const TRUSTED = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];

interface Session {
  readonly SessionName: string;
  readonly Principal: string;
  readonly Tags: Readonly<Record<string, string>>;
}

/** Models by what becomes of calls without a session. */
const REFUSED = 'amazon.nova-lite-v1:0';
const AS_GATEWAY = 'amazon.nova-pro-v1:0';

let aws: TestServer;
let gateway: TestServer;

beforeAll(async () => {
  aws = await startServer();
  const { credentials } = await newUser(aws.admin, 'gateway', { statements: [INVOKE, allow(TRUSTED, ROLE)] });
  const gatewayArn = `arn:aws:iam::${ACCOUNT}:user/gateway`;
  await newRole(aws.admin, 'BedrockRole', { trust: [trust(gatewayArn, TRUSTED)], statements: [INVOKE] });
  const server = { type: 'bedrock', endpoint: aws.url, stsEndpoint: aws.url };
  const variables = { accessKeyIdEnv: 'UPSTREAM_ACCESS_KEY_ID', secretAccessKeyEnv: 'UPSTREAM_SECRET_ACCESS_KEY' };
  const upstream = (name: string, session: object, ...models: string[]) => ({
    ...{ name, ...server, ...variables, session: { role: ROLE, ...session } },
    ...(models.length > 0 && { models: Object.fromEntries(models.map((model) => [model, model])) }),
  });
  gateway = await startServer({
    config: {
      upstreams: [
        upstream('strict', {}, REFUSED),
        upstream('open', { onFailure: 'gateway' }, AS_GATEWAY),
        upstream('aws', { sessionName: '{tags.email|name}', sourceIdentity: 'session-name' }),
      ],
    },
    environment: {
      UPSTREAM_ACCESS_KEY_ID: credentials.accessKeyId,
      UPSTREAM_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
});
afterAll(async () => {
  for (const server of [gateway, aws]) expect(await server.stop()).toBe(0);
  removeFolders();
});

async function converse(config: ClientConfig, times = 1, modelId = MODEL): Promise<void> {
  const client = new BedrockRuntimeClient({ ...config, maxAttempts: 1 });
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  await Promise.all(Array.from({ length: times }, () => client.send(new ConverseCommand({ modelId, messages }))));
  client.destroy();
}

describe('callers of a gateway', () => {
  let alice: ClientConfig;

  beforeAll(async () => {
    alice = await newUser(gateway.admin, 'alice', { statements: [INVOKE], tags: { team: 'red' } });
  });

  // peers rows 59, 61: random names, and one caller's credentials for everybody.
  it('are each a principal of their own at AWS, also when they call at once', async () => {
    const bob = await newUser(gateway.admin, 'bob', { statements: [INVOKE], tags: { team: 'blue' } });
    await Promise.all([converse(alice, 5), converse(bob, 3)]);
    await expect.poll(() => billedCalls(aws), ARRIVAL).toBe(8);
    const calls = (await ledger(aws)).map(({ Principal, Tags }) => `${Principal} ${Tags.team}`);
    expect(Map.groupBy(calls, (call) => call)).toEqual(
      new Map([
        [`${BILLED}alice red`, Array(5).fill(`${BILLED}alice red`)],
        [`${BILLED}bob blue`, Array(3).fill(`${BILLED}bob blue`)],
      ]),
    );
  });

  it('are the same in the ledger of the gateway as in that of AWS, call by call', async () => {
    await expect.poll(() => billedCalls(gateway), ARRIVAL).toBe(8);
    const atAws = new Map((await ledger(aws)).map(({ RequestId, Principal }) => [RequestId, Principal]));
    const own = await ledger(gateway);
    expect(new Map(own.map((call) => [call.UpstreamRequestId, call.BilledPrincipal]))).toEqual(atAws);
    for (const { Principal, BilledPrincipal } of own)
      expect(BilledPrincipal).toBe(`${BILLED}${Principal.split('/')[1]}`);
  });

  // peers row 63: session tags were built and never sent.
  it('are named to STS with their tags, once for all of their calls', async () => {
    const { Events } = await tallyline<{ Events: { requestParameters: object }[] }>(aws, 'LookupAuditEvents', {
      EventName: 'AssumeRole',
    });
    expect(Events.map(({ requestParameters }) => requestParameters)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ roleArn: ROLE, roleSessionName: 'alice', sourceIdentity: 'alice', durationSeconds: 3600 },
          tags: [{ key: 'team', value: 'red' }],
        }),
      ]),
    );
    expect(Events).toHaveLength(2);
  });

  it('have another session as soon as a tag of theirs is another', async () => {
    const iam = new IAMClient(gateway.admin);
    await iam.send(new TagUserCommand({ UserName: 'alice', Tags: [{ Key: 'team', Value: 'green' }] }));
    iam.destroy();
    await converse(alice);
    await expect.poll(async () => (await ledger(aws))[0], ARRIVAL).toMatchObject({ Tags: { team: 'green' } });
  });

  // peers rows 66, 67: names over 64 characters, with accents and `@`.
  it('are known again by a name that STS did not take', async () => {
    const email = `zoë.müller@${'research.'.repeat(8)}example.org`;
    const zoe = await newUser(gateway.admin, 'zoe', { statements: [INVOKE], tags: { email } });
    await converse(zoe);
    const Principal = `arn:aws:iam::${ACCOUNT}:user/zoe`;
    const { Sessions } = await tallyline<{ Sessions: Session[] }>(gateway, 'ListUpstreamSessions', { Principal });
    expect(Sessions[0]!.SessionName).toMatch(/^zoe\.muller@(research\.){4}.*-[0-9a-f]{8}$/);
    await expect
      .poll(async () => (await ledger(aws))[0]?.Principal, ARRIVAL)
      .toBe(`${BILLED}${Sessions[0]!.SessionName}`);
    const asBilled = { SessionName: `${BILLED}${Sessions[0]!.SessionName}` };
    const found = await tallyline<{ Sessions: Session[] }>(gateway, 'ListUpstreamSessions', asBilled);
    await expect.poll(() => found.Sessions.map((one) => one.Principal)).toEqual([Principal]);
  });

  it('are told apart where a session of a role is called like a user, and bring the tags of both', async () => {
    const app = await newRole(gateway.admin, 'App', {
      trust: [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession'])],
      ...{ statements: [INVOKE], tags: { team: 'apps', stage: 'test' } },
    });
    await converse(await assumed(gateway.admin, app, 'alice', { Tags: [{ Key: 'stage', Value: 'prod' }] }));
    await expect
      .poll(async () => (await ledger(aws))[0], ARRIVAL)
      .toMatchObject({
        Principal: expect.stringMatching(/:assumed-role\/BedrockRole\/alice-[0-9a-f]{8}$/),
        Tags: { team: 'apps', stage: 'prod' },
      });
  });

  // peers row 71: no breakdown by tag within a caller.
  it('can be taken apart by principal, tag and model at once', async () => {
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const GroupBy = [
      { Type: 'DIMENSION', Key: 'principal' },
      { Type: 'TAG', Key: 'iamPrincipal/team' },
      { Type: 'DIMENSION', Key: 'model' },
    ];
    const question = { Start: new Date(today), End: new Date(today + DAY_MS), Granularity: 'TOTAL', GroupBy };
    const { Rows } = await tallyline<{ Rows: { Keys: string[]; Requests: string }[] }>(gateway, 'GetReport', question);
    expect(Rows.map(({ Keys }) => Keys[0]!.split('/')[1]).sort()).toEqual(['App', 'alice', 'bob', 'zoe']);
  });
});

describe('a caller whom AWS gives no session', () => {
  beforeAll(async () => {
    const iam = new IAMClient(aws.admin);
    const PolicyDocument = policyOf(trust(`arn:aws:iam::${ACCOUNT}:user/gateway`, 'sts:SetSourceIdentity'));
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'BedrockRole', PolicyDocument }));
    iam.destroy();
  });

  it('is refused, unless the gateway is to stand in for it, which its usage says', async () => {
    const before = await billedCalls(aws);
    const carol = await newUser(gateway.admin, 'carol', { statements: [INVOKE] });
    await expect(converse(carol, 1, REFUSED)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `The model cannot be called in the name of arn:aws:iam::${ACCOUNT}:user/carol: AWS STS refused a session (AccessDenied: sts:AssumeRole).`,
    });
    await converse(carol, 1, AS_GATEWAY);
    await expect.poll(() => billedCalls(aws), ARRIVAL).toBe(before + 1);
    await expect
      .poll(() => tallyline(gateway, 'GetUpstreamAttribution', {}), ARRIVAL)
      .toMatchObject({
        Calls: expect.arrayContaining([
          expect.objectContaining({
            ...{ Principal: `arn:aws:iam::${ACCOUNT}:user/carol`, IsGatewayPrincipal: true },
            BilledPrincipal: `arn:aws:iam::${ACCOUNT}:user/gateway`,
          }),
        ]),
      });
  });
});
