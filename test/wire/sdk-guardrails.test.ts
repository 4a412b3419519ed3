import Anthropic from '@anthropic-ai/sdk';
import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import {
  CreateAccessKeyCommand,
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';
import { allow, newUser, policyOf } from './principals.ts';

const MODEL = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const GUARDRAIL_ARN = 'arn:aws:bedrock:us-east-1:123456789012:guardrail/gr1';

let server: TestServer;
let bedrock: BedrockRuntimeClient;

beforeAll(async () => {
  server = await startServer({
    config: {
      models: [{ modelId: 'acme.plain' }],
      upstreams: [
        { name: 'plain', type: 'openai', url: 'http://127.0.0.1:9/v1', models: { 'acme.plain': 'plain' } },
        {
          name: 'simulated',
          type: 'simulated',
          guardrails: {
            gr1: {
              deniedWords: ['dragon'],
              deniedTopics: [{ name: 'Shares', phrases: ['buy shares'] }],
              pii: ['EMAIL'],
              regexes: [{ name: 'ticket', pattern: 'OPS-[0-9]+' }],
              blockedInputMessage: 'Not that.',
            },
            // Every simulated sentence has it.
            gr2: { deniedWords: [' the '], blockedOutputMessage: 'Not this answer.' },
          },
        },
      ],
    },
  });
  bedrock = new BedrockRuntimeClient(server.admin);
});
afterAll(async () => {
  bedrock.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function permit(UserName: string, actions: readonly string[]): Promise<void> {
  const iam = new IAMClient(server.admin);
  const PolicyDocument = policyOf(allow(actions));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'test', PolicyDocument }));
  iam.destroy();
}

/** A long-term Bedrock API key of a new user. */
async function bedrockKey(UserName: string, actions: readonly string[]): Promise<string> {
  await newUser(server.admin, UserName, { statements: [allow(actions)] });
  const iam = new IAMClient(server.admin);
  const { ServiceSpecificCredential } = await iam.send(
    new CreateServiceSpecificCredentialCommand({ UserName, ServiceName: 'bedrock.amazonaws.com' }),
  );
  iam.destroy();
  return ServiceSpecificCredential!.ServiceCredentialSecret!;
}

const apply = (text: string) =>
  bedrock.send(
    new ApplyGuardrailCommand({
      ...{ guardrailIdentifier: 'gr1', guardrailVersion: '1', source: 'INPUT' },
      content: [{ text: { text } }],
    }),
  );

const converse = (text: string, guardrailIdentifier = 'gr1') => ({
  modelId: MODEL,
  messages: [{ role: 'user' as const, content: [{ text }] }],
  guardrailConfig: { guardrailIdentifier, guardrailVersion: '1', trace: 'enabled' as const },
});

const inLedger = (requestId: string | undefined) => expect.poll(() => ledgerEntry(server, requestId!), ARRIVAL);

describe('ApplyGuardrail', () => {
  it('counts a text unit for every 1,000 characters, of each policy', async () => {
    const answer = await apply(`write to alice@example.com about OPS-17 ${'x'.repeat(1_000)}`);
    expect(answer).toMatchObject({
      action: 'GUARDRAIL_INTERVENED',
      outputs: [{ text: expect.stringContaining('write to {EMAIL} about {ticket} x') }],
      usage: {
        ...{ topicPolicyUnits: 2, contentPolicyUnits: 0, wordPolicyUnits: 2, contextualGroundingPolicyUnits: 0 },
        ...{ sensitiveInformationPolicyUnits: 2, sensitiveInformationPolicyFreeUnits: 2 },
      },
      assessments: [{ sensitiveInformationPolicy: { piiEntities: [{ type: 'EMAIL', match: 'alice@example.com' }] } }],
    });
    await inLedger(answer.$metadata.requestId).toMatchObject({
      ...{ Operation: 'ApplyGuardrail', ModelId: 'bedrock.guardrails', ResourceArn: GUARDRAIL_ARN, IsUnpriced: false },
      Units: {
        topic_policy_unit: '2',
        word_policy_unit: '2',
        sensitive_information_policy_unit: '2',
        sensitive_information_policy_free_unit: '2',
      },
      // 2 x 0.15 and 2 x 0.10 per thousand; words and regular expressions are free.
      CostUsd: '0.0005',
    });
  });

  it('lets pass what no policy objects to, and knows no other guardrail', async () => {
    expect(await apply('hello')).toMatchObject({ action: 'NONE', outputs: [] });
    const unknown = bedrock.send(
      new ApplyGuardrailCommand({
        ...{ guardrailIdentifier: 'gr9', guardrailVersion: 'DRAFT', source: 'INPUT' },
        content: [{ text: { text: 'hello' } }],
      }),
    );
    await expect(unknown).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('a guardrail in line', () => {
  it('blocks an input: its units are billed, no tokens', async () => {
    const answer = await bedrock.send(new ConverseCommand(converse('how do I buy shares of a dragon?')));
    expect(answer).toMatchObject({
      stopReason: 'guardrail_intervened',
      output: { message: { content: [{ text: 'Not that.' }] } },
      usage: { inputTokens: 0, outputTokens: 0 },
      trace: {
        guardrail: {
          inputAssessment: {
            gr1: {
              topicPolicy: { topics: [{ name: 'Shares', action: 'BLOCKED' }] },
              wordPolicy: { customWords: [{ match: 'dragon' }] },
              invocationMetrics: { usage: { topicPolicyUnits: 1, wordPolicyUnits: 1 } },
            },
          },
        },
      },
    });
    await inLedger(answer.$metadata.requestId).toMatchObject({
      ...{ Operation: 'Converse', ModelId: MODEL, InputTokens: '0', OutputTokens: '0', CostUsd: '0.00025' },
      Units: expect.objectContaining({ topic_policy_unit: '1' }),
    });
  });

  it('blocks an output: units and tokens are billed', async () => {
    const answer = await bedrock.send(new ConverseCommand(converse('hello', 'gr2')));
    expect(answer.stopReason).toBe('guardrail_intervened');
    expect(answer.output?.message?.content).toEqual([{ text: 'Not this answer.' }]);
    await inLedger(answer.$metadata.requestId).toMatchObject({
      OutputTokens: expect.stringMatching(/^[1-9]/),
      // One for the input, one for the output.
      Units: { word_policy_unit: '2' },
    });
  });

  it('says what it did at the end of a stream, and in native bodies', async () => {
    const { stream } = await bedrock.send(new ConverseStreamCommand(converse('a dragon')));
    const events = [];
    for await (const event of stream!) events.push(event);
    expect(events.at(-1)).toMatchObject({ metadata: { trace: { guardrail: { inputAssessment: { gr1: {} } } } } });
    const native = await bedrock.send(
      new InvokeModelCommand({
        modelId: 'amazon.nova-lite-v1:0',
        guardrailIdentifier: GUARDRAIL_ARN,
        guardrailVersion: '1',
        body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'a dragon' }] }] }),
      }),
    );
    expect(JSON.parse(native.body.transformToString())).toMatchObject({
      'amazon-bedrock-guardrailAction': 'INTERVENED',
      output: { message: { content: [{ text: 'Not that.' }] } },
    });
  });

  it('is never left out: an upstream that applies none is not asked, and no answer is a picture that nobody guarded', async () => {
    const plain = bedrock.send(new ConverseCommand({ ...converse('a dragon'), modelId: 'acme.plain' }));
    await expect(plain).rejects.toMatchObject({
      ...{ name: 'ValidationException', message: 'the upstream `plain` of the model applies no guardrails' },
    });
    const picture = bedrock.send(
      new InvokeModelCommand({
        ...{ modelId: 'stability.stable-image-core-v1:1', guardrailIdentifier: 'gr1', guardrailVersion: '1' },
        body: JSON.stringify({ prompt: 'a dragon' }),
      }),
    );
    await expect(picture).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it("is named in headers at OpenAI's and Anthropic's doors", async () => {
    const headers = { 'X-Amzn-Bedrock-GuardrailIdentifier': 'gr1', 'X-Amzn-Bedrock-GuardrailVersion': '1' };
    const apiKey = await bedrockKey('guarded-elsewhere', ['bedrock:InvokeModel', 'bedrock:CallWithBearerToken']);
    const messages = [{ role: 'user' as const, content: 'a dragon' }];
    const openai = new OpenAI({ baseURL: `${server.url}/openai/v1`, apiKey, defaultHeaders: headers, maxRetries: 0 });
    const anthropic = new Anthropic({
      baseURL: `${server.url}/anthropic`,
      apiKey,
      defaultHeaders: headers,
      maxRetries: 0,
    });
    const chat = () => openai.chat.completions.create({ model: MODEL, messages });
    const message = () => anthropic.messages.create({ model: MODEL, max_tokens: 100, messages });
    for (const call of [chat, message]) {
      await expect(call()).rejects.toMatchObject({ message: expect.stringContaining('bedrock:ApplyGuardrail') });
    }
    await permit('guarded-elsewhere', ['bedrock:*']);
    expect((await chat()).choices[0]?.message.content).toBe('Not that.');
    expect((await message()).content).toMatchObject([{ type: 'text', text: 'Not that.' }]);
  });

  it('takes a permission of its own, and policies can insist on it', async () => {
    const iam = new IAMClient(server.admin);
    await iam.send(new CreateUserCommand({ UserName: 'guarded' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'guarded' }));
    const client = new BedrockRuntimeClient({
      ...server.admin,
      credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
    });
    const invoke = {
      ...{ Effect: 'Allow', Action: 'bedrock:InvokeModel', Resource: '*' },
      Condition: { StringEquals: { 'bedrock:GuardrailIdentifier': `${GUARDRAIL_ARN}:1` } },
    };
    const allowed = (...statements: object[]) =>
      iam.send(
        new PutUserPolicyCommand({
          ...{ UserName: 'guarded', PolicyName: 'guarded' },
          PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [invoke, ...statements] }),
        }),
      );
    const outcome = ({ guardrailConfig, ...input }: ReturnType<typeof converse>, isGuarded = true) =>
      client.send(new ConverseCommand({ ...input, ...(isGuarded && { guardrailConfig }) })).then(
        () => 'answered',
        (error: Error) => /bedrock:\w+/.exec(error.message)?.[0],
      );
    await allowed();
    expect(await outcome(converse('hello'))).toBe('bedrock:ApplyGuardrail');
    await allowed({ Effect: 'Allow', Action: 'bedrock:ApplyGuardrail', Resource: GUARDRAIL_ARN });
    expect(await outcome(converse('hello'))).toBe('answered');
    expect(await outcome(converse('hello'), false)).toBe('bedrock:InvokeModel');
    expect(await outcome(converse('hello', 'gr2'))).toBe('bedrock:InvokeModel');
    client.destroy();
    iam.destroy();
  });
});
