import {
  BedrockClient,
  CreateInferenceProfileCommand,
  type CreateInferenceProfileCommandInput,
  DeleteInferenceProfileCommand,
  GetInferenceProfileCommand,
  ListInferenceProfilesCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { OrganizationsClient, TagResourceCommand as TagAccountCommand } from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { collected } from './inference-calls.ts';
import { ARRIVAL, type LedgerEntry, ledgerEntry } from './ledger.ts';
import { memberAdmin, newAccount } from './organization.ts';
import { ACCOUNT, allow, deny, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const SONNET_ARN = `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`;
const US_SONNET_ARN = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${SONNET}`;
const PROFILE_ARN = new RegExp(`^arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/[a-z0-9]{12}$`);

let server: TestServer;
let bedrock: BedrockClient;
let runtime: BedrockRuntimeClient;

beforeAll(async () => {
  server = await startServer();
  bedrock = new BedrockClient(server.admin);
  runtime = new BedrockRuntimeClient(server.admin);
});
afterAll(async () => {
  bedrock?.destroy();
  runtime?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** The ARN of a new profile. */
async function create(input: Partial<CreateInferenceProfileCommandInput> = {}, client = bedrock): Promise<string> {
  const command = new CreateInferenceProfileCommand({
    inferenceProfileName: 'chat for ds',
    modelSource: { copyFrom: SONNET_ARN },
    ...input,
  });
  const { inferenceProfileArn, status } = await client.send(command);
  expect(status).toBe('ACTIVE');
  return inferenceProfileArn!;
}

const get = (inferenceProfileIdentifier: string) =>
  bedrock.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier }));
const tagsOf = async (resourceARN: string) =>
  (await bedrock.send(new ListTagsForResourceCommand({ resourceARN }))).tags;

const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
const additionalModelRequestFields = { simulate: { inputTokens: 1_000, outputTokens: 200 } };

/** The request id of a call that was answered. */
async function converse(modelId: string, client = runtime): Promise<string> {
  const { $metadata } = await client.send(new ConverseCommand({ modelId, messages, additionalModelRequestFields }));
  return $metadata.requestId!;
}

async function entry(requestId: string): Promise<LedgerEntry> {
  await expect.poll(() => ledgerEntry(server, requestId), ARRIVAL).toBeDefined();
  return (await ledgerEntry(server, requestId))!;
}

describe('an application inference profile', () => {
  it('is created, read, changed, read, deleted and read, as Terraform does', async () => {
    const arn = await create({ description: 'chat of the data scientists', tags: [{ key: 'team', value: 'ds' }] });
    expect(arn).toMatch(PROFILE_ARN);
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    const created = await get(arn);
    expect(created).toMatchObject({
      inferenceProfileName: 'chat for ds',
      description: 'chat of the data scientists',
      inferenceProfileArn: arn,
      inferenceProfileId: id,
      models: [{ modelArn: SONNET_ARN }],
      status: 'ACTIVE',
      type: 'APPLICATION',
      createdAt: expect.any(Date),
      updatedAt: created.createdAt,
    });
    expect(await get(id)).toMatchObject({ inferenceProfileArn: arn, createdAt: created.createdAt });
    expect(await tagsOf(arn)).toEqual([{ key: 'team', value: 'ds' }]);

    await bedrock.send(
      new TagResourceCommand({
        resourceARN: arn,
        tags: [
          { key: 'team', value: 'eng' },
          { key: 'app', value: 'chat' },
        ],
      }),
    );
    await bedrock.send(new UntagResourceCommand({ resourceARN: arn, tagKeys: ['app', 'never there'] }));
    expect(await tagsOf(arn)).toEqual([{ key: 'team', value: 'eng' }]);
    const { $metadata: _, updatedAt, ...rest } = await get(arn);
    expect(updatedAt!.getTime()).toBeGreaterThanOrEqual(created.createdAt!.getTime());
    expect(created).toMatchObject(rest);

    await bedrock.send(new DeleteInferenceProfileCommand({ inferenceProfileIdentifier: arn }));
    await expect(get(arn)).rejects.toThrow(ResourceNotFoundException);
    await expect(tagsOf(arn)).rejects.toThrow(ResourceNotFoundException);
    const again = new DeleteInferenceProfileCommand({ inferenceProfileIdentifier: id });
    await expect(bedrock.send(again)).rejects.toThrow(ResourceNotFoundException);
    await expect(converse(arn)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(converse(id)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('is listed by its type, and shows the models behind a system profile that it copies', async () => {
    const arn = await create({ modelSource: { copyFrom: US_SONNET_ARN } });
    const { models: behind } = await get(US_SONNET_ARN);
    expect((await get(arn)).models).toEqual(behind);
    const list = new ListInferenceProfilesCommand({ typeEquals: 'APPLICATION' });
    const { inferenceProfileSummaries: listed } = await bedrock.send(list);
    expect(listed!.map(({ inferenceProfileArn }) => inferenceProfileArn)).toContain(arn);
    expect(new Set(listed!.map(({ type }) => type))).toEqual(new Set(['APPLICATION']));
    // Tools leave the account out of the source.
    const withoutAccount = US_SONNET_ARN.replace(ACCOUNT, '');
    expect((await get(await create({ modelSource: { copyFrom: withoutAccount } }))).models).toEqual(behind);
  });

  it.each([
    'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-99',
    'arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-4-6',
    `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/eu.${SONNET}`,
  ])('cannot copy from %s', async (copyFrom) => {
    await expect(create({ modelSource: { copyFrom } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'copyFrom must be a valid inference profile model source ARN.',
    });
  });
});

describe('calls through an application inference profile', () => {
  // peers rows 17, 64.
  it('cost what calls of its source cost, on the profile, with the tags it has at the call', async () => {
    const direct = await create({ tags: [{ key: 'team', value: 'ds' }] });
    const routed = await create({ modelSource: { copyFrom: US_SONNET_ARN } });
    for (const [profile, source] of [
      [direct, SONNET],
      [routed, `us.${SONNET}`],
    ] as const) {
      const [through, plain] = [await entry(await converse(profile)), await entry(await converse(source))];
      const { CostUsd, Route, ModelId, IsUnpriced } = plain;
      expect(through).toMatchObject({ CostUsd, Route, ModelId, IsUnpriced, ResourceArn: profile });
      expect(Number(CostUsd)).toBeGreaterThan(0);
      expect(plain.ResourceTags).toEqual({});
    }
    const before = await converse(direct);
    await bedrock.send(new TagResourceCommand({ resourceARN: direct, tags: [{ key: 'team', value: 'eng' }] }));
    const after = await converse(direct);
    expect((await entry(before)).ResourceTags).toEqual({ team: 'ds' });
    expect((await entry(after)).ResourceTags).toEqual({ team: 'eng' });
  });

  it('go by ARN and by id through every operation', async () => {
    const arn = await create({ tags: [{ key: 'app', value: 'all' }] });
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    const simulate = { inputTokens: 10, outputTokens: 5 };
    const nativeMessages = [{ role: 'user', content: 'hello' }];
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 50,
      messages: nativeMessages,
      simulate,
    });
    const calls: [string, (modelId: string) => Promise<string>][] = [
      ['Converse', converse],
      [
        'ConverseStream',
        async (modelId) => {
          const answer = await runtime.send(new ConverseStreamCommand({ modelId, messages }));
          await collected(answer.stream);
          return answer.$metadata.requestId!;
        },
      ],
      [
        'InvokeModel',
        async (modelId) => (await runtime.send(new InvokeModelCommand({ modelId, body }))).$metadata.requestId!,
      ],
      [
        'InvokeModelWithResponseStream',
        async (modelId) => {
          const answer = await runtime.send(new InvokeModelWithResponseStreamCommand({ modelId, body }));
          await collected(answer.body);
          return answer.$metadata.requestId!;
        },
      ],
    ];
    const made: (readonly [requestId: string, Operation: string])[] = [];
    for (const [Operation, call] of calls) {
      for (const modelId of [arn, id]) made.push([await call(modelId), Operation]);
    }
    for (const [requestId, Operation] of made) {
      const expected = { Operation, ModelId: SONNET, ResourceArn: arn, ResourceTags: { app: 'all' } };
      expect(await entry(requestId)).toMatchObject({ ...expected, Status: 'completed' });
    }
    const count = new CountTokensCommand({ modelId: arn, input: { converse: { messages } } });
    expect((await runtime.send(count)).inputTokens).toBeGreaterThan(0);
  });

  it('carry the tags that the account has at the call', async () => {
    const organizations = new OrganizationsClient(server.admin);
    const accountId = await newAccount(server.admin, 'data', { 'business-unit': 'research' });
    const member = new BedrockRuntimeClient(await memberAdmin(server.admin, accountId));
    const before = await converse(SONNET, member);
    const Tags = [{ Key: 'business-unit', Value: 'sales' }];
    await organizations.send(new TagAccountCommand({ ResourceId: accountId, Tags }));
    const after = await converse(SONNET, member);
    expect((await entry(before)).AccountTags).toEqual({ 'business-unit': 'research' });
    expect((await entry(after)).AccountTags).toEqual({ 'business-unit': 'sales' });
    organizations.destroy();
    member.destroy();
  });

  it('of another account do not exist, whatever the caller may do', async () => {
    const accountId = await newAccount(server.admin, 'other');
    const memberConfig = await memberAdmin(server.admin, accountId);
    const member = new BedrockRuntimeClient(memberConfig);
    const foreign = await create();
    await expect(converse(foreign, member)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const control = new BedrockClient(memberConfig);
    const read = new GetInferenceProfileCommand({ inferenceProfileIdentifier: foreign });
    await expect(control.send(read)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    member.destroy();
    control.destroy();
  });
});

describe('policies on application inference profiles', () => {
  const clients: { destroy(): void }[] = [];
  afterAll(() => {
    for (const client of clients) client.destroy();
  });

  async function caller(name: string, ...statements: readonly object[]): Promise<ClientConfig> {
    return newUser(server.admin, name, { statements, tags: { team: 'ds' } });
  }
  function runtimeOf(config: ClientConfig): BedrockRuntimeClient {
    const client = new BedrockRuntimeClient(config);
    clients.push(client);
    return client;
  }
  function controlOf(config: ClientConfig): BedrockClient {
    const client = new BedrockClient(config);
    clients.push(client);
    return client;
  }
  const denied = (action: string, resource: string) => ({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`is not authorized to perform: bedrock:${action} on resource: ${resource}`),
  });

  it('are asked for the profile and for the model behind it', async () => {
    const arn = await create();
    const modelOnly = runtimeOf(await caller('model-only', allow('bedrock:InvokeModel', SONNET_ARN)));
    await expect(converse(arn, modelOnly)).rejects.toMatchObject(denied('InvokeModel', arn));
    const profileOnly = runtimeOf(await caller('profile-only', allow('bedrock:InvokeModel', arn)));
    await expect(converse(arn, profileOnly)).rejects.toMatchObject(denied('InvokeModel', SONNET_ARN));
    const through = { ...allow('bedrock:InvokeModel', SONNET_ARN) };
    const onlyThrough = { ...through, Condition: { StringEquals: { 'bedrock:InferenceProfileArn': arn } } };
    const both = runtimeOf(await caller('through-profile', allow('bedrock:InvokeModel', arn), onlyThrough));
    await converse(arn, both);
    await expect(converse(SONNET, both)).rejects.toMatchObject(denied('InvokeModel', SONNET_ARN));
  });

  it('can go by the tags of the profile and of the caller', async () => {
    const ds = await create({ tags: [{ key: 'team', value: 'ds' }] });
    const eng = await create({ tags: [{ key: 'team', value: 'eng' }] });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const ownTeam = '${aws:PrincipalTag/team}';
    const own = {
      ...allow(['bedrock:InvokeModel', 'bedrock:GetInferenceProfile', 'bedrock:DeleteInferenceProfile'], '*'),
      Condition: { StringEquals: { 'aws:ResourceTag/team': ownTeam } },
    };
    const config = await caller('team-ds', own, allow('bedrock:InvokeModel', SONNET_ARN));
    const [model, control] = [runtimeOf(config), controlOf(config)];
    await converse(ds, model);
    await expect(converse(eng, model)).rejects.toMatchObject(denied('InvokeModel', eng));
    await control.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: ds }));
    const other = new DeleteInferenceProfileCommand({ inferenceProfileIdentifier: eng });
    await expect(control.send(other)).rejects.toMatchObject(denied('DeleteInferenceProfile', eng));
  });

  it('can require tags of what is created, and forbid to change them', async () => {
    const onlyWithTeam = {
      ...allow(['bedrock:CreateInferenceProfile', 'bedrock:TagResource'], '*'),
      Condition: {
        StringLike: { 'aws:RequestTag/team': '*' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'app'] },
      },
    };
    const untag = deny('bedrock:UntagResource');
    const control = controlOf(await caller('creator', onlyWithTeam, untag));
    await expect(create({}, control)).rejects.toMatchObject(denied('CreateInferenceProfile', SONNET_ARN));
    const stray = [
      { key: 'team', value: 'ds' },
      { key: 'stray', value: '1' },
    ];
    await expect(create({ tags: stray }, control)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const arn = await create({ tags: [{ key: 'team', value: 'ds' }] }, control);
    await control.send(new TagResourceCommand({ resourceARN: arn, tags: [{ key: 'team', value: 'eng' }] }));
    const remove = new UntagResourceCommand({ resourceARN: arn, tagKeys: ['team'] });
    await expect(control.send(remove)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny'),
    });
  });
});
