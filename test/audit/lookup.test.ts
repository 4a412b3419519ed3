import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudTrailClient,
  type Event,
  LookupEventsCommand,
  type LookupEventsCommandInput,
  paginateLookupEvents,
} from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, assumed, newRole, newUser, trust } from '../wire/principals.ts';
import { type ProgramResult, programs, run } from '../wire/program.ts';

let server: TestServer;
let cloudTrail: CloudTrailClient;
let alice: ClientConfig;
let roleArn: string;
beforeAll(async () => {
  server = await startServer();
  cloudTrail = new CloudTrailClient(server.admin);
  const iam = new IAMClient(server.admin);
  alice = await newUser(server.admin, 'alice');
  await expect(new IAMClient(alice).send(new CreateUserCommand({ UserName: 'mallory' }))).rejects.toThrow();
  roleArn = await newRole(server.admin, 'App', { trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)] });
  await new STSClient(await assumed(server.admin, roleArn, 'session-1')).send(new GetCallerIdentityCommand({}));
  for (let n = 0; n < 60; n++) await iam.send(new ListUsersCommand({ MaxItems: 1 }));
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

async function events(input: LookupEventsCommandInput = {}): Promise<Event[]> {
  const found: Event[] = [];
  for await (const { Events } of paginateLookupEvents({ client: cloudTrail }, input)) found.push(...(Events ?? []));
  return found;
}

async function by(AttributeKey: string, AttributeValue: string): Promise<(string | undefined)[]> {
  const LookupAttributes = [{ AttributeKey, AttributeValue }] as LookupEventsCommandInput['LookupAttributes'];
  return (await events({ LookupAttributes })).map(({ EventName }) => EventName);
}

describe('LookupEvents', () => {
  it('gives events newest first, fifty a page unless fewer are asked for', async () => {
    const first = await cloudTrail.send(new LookupEventsCommand({}));
    expect(first.Events).toHaveLength(50);
    expect(first.NextToken).toBeDefined();
    const all = await events({ MaxResults: 7 });
    expect(all.length).toBeGreaterThan(60);
    expect(new Set(all.map(({ EventId }) => EventId)).size).toBe(all.length);
    const times = all.map(({ EventTime }) => EventTime!.getTime());
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('describes an event, with the whole record as text', async () => {
    const [event] = await events({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateRole' }] });
    expect(event).toMatchObject({
      EventName: 'CreateRole',
      EventSource: 'iam.amazonaws.com',
      ReadOnly: 'false',
      Username: 'admin',
      AccessKeyId: server.admin.credentials.accessKeyId,
      Resources: expect.arrayContaining([
        { ResourceType: 'AWS::IAM::Role', ResourceName: 'App' },
        { ResourceType: 'AWS::IAM::Role', ResourceName: roleArn },
      ]),
    });
    expect(JSON.parse(event!.CloudTrailEvent!)).toMatchObject({
      eventID: event!.EventId,
      eventVersion: '1.11',
      requestParameters: { roleName: 'App' },
    });
  });

  it('looks up by each attribute', async () => {
    const [event] = await events({ LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'alice' }] });
    expect(await by('EventId', event!.EventId!)).toEqual(['CreateUser']);
    expect(await by('EventName', 'AssumeRole')).toEqual(['AssumeRole']);
    expect(await by('ReadOnly', 'false')).toEqual(['CreateRole', 'CreateUser', 'CreateAccessKey', 'CreateUser']);
    expect(await by('Username', 'alice')).toEqual(['CreateUser']);
    expect(await by('Username', 'session-1')).toEqual(['GetCallerIdentity']);
    expect(await by('ResourceType', 'AWS::IAM::AccessKey')).toEqual(['CreateAccessKey']);
    expect(await by('ResourceName', roleArn)).toEqual(['AssumeRole', 'CreateRole']);
    expect(await by('ResourceName', 'mallory')).toEqual(['CreateUser']);
    expect(await by('EventSource', 'sts.amazonaws.com')).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect(await by('AccessKeyId', alice.credentials.accessKeyId)).toEqual(['CreateUser']);
    expect(await by('EventName', 'createuser')).toEqual([]);
  });

  it('keeps to the time that is asked for, and has no Insights', async () => {
    const now = new Date();
    const hour = 3_600_000;
    expect(await events({ EndTime: new Date(now.getTime() - hour) })).toEqual([]);
    expect(await events({ StartTime: new Date(now.getTime() + hour) })).toEqual([]);
    const within = { StartTime: new Date(now.getTime() - hour), EndTime: new Date(now.getTime() + hour) };
    expect((await events(within)).length).toBeGreaterThan(60);
    expect(await events({ EventCategory: 'insight' })).toEqual([]);
  });

  it('refuses what CloudTrail refuses', async () => {
    const refused = (input: LookupEventsCommandInput) => cloudTrail.send(new LookupEventsCommand(input));
    const attribute = { AttributeKey: 'EventName', AttributeValue: 'x' } as const;
    const faults: [LookupEventsCommandInput, string][] = [
      [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
      [{ MaxResults: 0 }, 'InvalidMaxResultsException'],
      [{ StartTime: new Date(2_000), EndTime: new Date(1_000) }, 'InvalidTimeRangeException'],
      [{ LookupAttributes: [attribute, attribute] }, 'InvalidLookupAttributesException'],
      [{ LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'no' }] }, 'InvalidLookupAttributesException'],
      [{ NextToken: 'made-up' }, 'InvalidNextTokenException'],
    ];
    for (const [input, name] of faults) await expect(refused(input)).rejects.toMatchObject({ name });
    const { NextToken } = await cloudTrail.send(new LookupEventsCommand({ MaxResults: 1 }));
    await expect(refused({ NextToken, LookupAttributes: [attribute] })).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
    const stranger = new CloudTrailClient(alice);
    await expect(stranger.send(new LookupEventsCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  const [aws] = programs('aws');
  it.runIf(aws)('answers the AWS CLI', async () => {
    const { accessKeyId, secretAccessKey } = server.admin.credentials;
    const environment = {
      AWS_ENDPOINT_URL: server.url,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const attribute = 'AttributeKey=EventName,AttributeValue=CreateRole';
    const args = ['cloudtrail', 'lookup-events', '--lookup-attributes', attribute, '--output', 'json'];
    const { status, stdout, stderr } = await run(aws!, args, environment);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).Events).toMatchObject([{ EventName: 'CreateRole', Username: 'admin' }]);
  });
});

describe('tallyline audit', () => {
  function audit(...args: string[]): Promise<ProgramResult> {
    return run(process.execPath, [...MAIN, 'audit', '--data', server.data, ...args], {});
  }

  async function names(...args: string[]): Promise<string[]> {
    const { stdout, stderr } = await audit('--json', ...args);
    expect(stderr).toBe('');
    return (JSON.parse(stdout) as { eventName: string }[]).map(({ eventName }) => eventName);
  }

  it('shows who called what, and why it was refused', async () => {
    const { stdout, status } = await audit('--denied');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^time +caller +event +about +from +result\n/);
    expect(stdout).toMatch(
      /Z +arn:aws:iam::123456789012:user\/alice +iam:CreateUser +mallory +127\.0\.0\.1 +AccessDenied/,
    );
  });

  it('narrows by user, role, operation, service, key and address', async () => {
    expect(await names('--user', 'alice', '--event', 'CreateUser')).toEqual(['CreateUser']);
    expect(await names('--user', 'App')).toEqual(['GetCallerIdentity']);
    expect(await names('--user', 'session-1')).toEqual(['GetCallerIdentity']);
    expect(await names('--service', 'sts')).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect(await names('--access-key', alice.credentials.accessKeyId, '--service', 'iam')).toEqual(['CreateUser']);
    expect(await names('--source', '10.0.0.1')).toEqual([]);
    expect(await names('--account', '999999999999')).toEqual([]);
    expect(await names('--limit', '2')).toHaveLength(2);
    expect(await names('--to', '2020-01-01')).toEqual([]);
  });

  it('says what is wrong with a question', async () => {
    for (const [args, message] of [
      [['--from', 'yesterday'], '--from `yesterday` is not valid: use YYYY-MM-DD or YYYY-MM-DDTHH:MMZ'],
      [['--limit', '0'], '--limit `0` is not valid: use 1 to 10000'],
    ] as const) {
      const { status, stderr } = await audit(...args);
      expect(stderr).toBe(`tallyline: ${message}\n`);
      expect(status).toBe(1);
    }
  });

  it('verifies the log, and fails when somebody has edited it', async () => {
    const whole = await audit('--verify');
    expect(whole.stdout).toMatch(
      /^ok {7}\d+ records are as they were written; it ends with record \d+, chain value [\w-]{43}\n$/,
    );
    expect(whole.status).toBe(0);
    const folder = join(server.data, 'audit');
    const segment = join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl'))!);
    const text = readFileSync(segment, 'utf8');
    const line = text.split('\n').findIndex((one) => one.includes('mallory'));
    writeFileSync(segment, text.replace('mallory', 'nobodyx'));
    const edited = await audit('--verify');
    expect(edited.stdout).toContain(`FAILED   record ${line + 1} in `);
    expect(edited.status).toBe(1);
    // The question that found it was recorded meanwhile.
    writeFileSync(segment, readFileSync(segment, 'utf8').replace('nobodyx', 'mallory'));
    expect((await audit('--verify')).status).toBe(0);
  });

  it('needs a permission', async () => {
    const environment = {
      TALLYLINE_ENDPOINT: server.url,
      AWS_ACCESS_KEY_ID: alice.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: alice.credentials.secretAccessKey,
    };
    const { status, stderr } = await run(process.execPath, [...MAIN, 'audit'], environment);
    expect(stderr).toContain('is not authorized to perform: tallyline:LookupAuditEvents');
    expect(status).toBe(1);
  });
});
