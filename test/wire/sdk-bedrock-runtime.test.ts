import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  CountTokensCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { collected } from './inference-calls.ts';
import { ARRIVAL, type LedgerEntry, ledgerEntry } from './ledger.ts';
import { ACCOUNT, allow, assumed, deny, INVOKE, newRole, newUser, trust } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const SONNET_ARN = `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`;
const QUESTION = { messages: [{ role: 'user' as const, content: [{ text: 'What does the river do?' }] }] };

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** Undefined members of a call stay what they are by default. */
function ask(modelId: string, simulate?: object): ConverseCommandInput {
  return { modelId, ...QUESTION, ...(simulate && { additionalModelRequestFields: { simulate: { ...simulate } } }) };
}

async function recorded(requestId: string | undefined): Promise<LedgerEntry> {
  await expect.poll(() => ledgerEntry(server, requestId!), ARRIVAL).toBeDefined();
  return (await ledgerEntry(server, requestId!))!;
}

const TRANSPORTS: readonly (readonly [string, () => BedrockRuntimeClientConfig])[] = [
  ['HTTP/2, its default', () => ({})],
  ['HTTP/1.1', () => ({ requestHandler: new NodeHttpHandler() })],
];

describe.each(TRANSPORTS)('the client over %s', (_, transport) => {
  let bedrock: BedrockRuntimeClient;
  beforeAll(() => {
    bedrock = new BedrockRuntimeClient({ ...server.admin, ...transport() });
  });
  afterAll(() => bedrock.destroy());

  it('converses', async () => {
    const { $metadata, output, stopReason, usage, metrics } = await bedrock.send(new ConverseCommand(ask(SONNET)));
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(output?.message).toEqual({ role: 'assistant', content: [{ text: expect.stringMatching(/^[A-Z].+\.$/) }] });
    expect(stopReason).toBe('end_turn');
    expect(usage!.totalTokens).toBe(usage!.inputTokens! + usage!.outputTokens!);
    expect(metrics?.latencyMs).toBeGreaterThanOrEqual(0);
    expect(await recorded($metadata.requestId)).toMatchObject({
      Principal: `arn:aws:iam::${ACCOUNT}:user/admin`,
      Operation: 'Converse',
      ModelId: SONNET,
      Route: 'in_region',
      Status: 'completed',
      InputTokens: String(usage!.inputTokens),
      OutputTokens: String(usage!.outputTokens),
      IsEstimated: false,
      ClientGone: false,
    });
  });

  it('streams the same answer in order, its usage last', async () => {
    const whole = await bedrock.send(new ConverseCommand(ask(SONNET)));
    const { stream, $metadata } = await bedrock.send(new ConverseStreamCommand(ask(SONNET)));
    const events = await collected(stream);
    const kinds = events.map((event) => Object.keys(event)[0]);
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
    expect(events[0]).toEqual({ messageStart: { role: 'assistant' } });
    const text = events.map(({ contentBlockDelta }) => contentBlockDelta?.delta?.text ?? '').join('');
    expect([{ text }]).toEqual(whole.output?.message?.content);
    expect(events.at(-2)).toEqual({ messageStop: { stopReason: 'end_turn' } });
    expect(events.at(-1)).toEqual({
      metadata: { usage: whole.usage, metrics: { latencyMs: expect.any(Number) } },
    });
    expect(await recorded($metadata.requestId)).toMatchObject({ Operation: 'ConverseStream', Status: 'completed' });
  });

  it('uses a tool, whole and streamed', async () => {
    const inputSchema = { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
    const toolConfig = { tools: [{ toolSpec: { name: 'weather', inputSchema } }], toolChoice: { any: {} } };
    const whole = await bedrock.send(new ConverseCommand({ ...ask(SONNET), toolConfig }));
    const toolUse = { toolUseId: expect.stringMatching(/^tooluse_/), name: 'weather' };
    expect(whole.output?.message?.content).toEqual([{ toolUse: { ...toolUse, input: { city: expect.any(String) } } }]);
    expect(whole.stopReason).toBe('tool_use');
    const { stream } = await bedrock.send(new ConverseStreamCommand({ ...ask(SONNET), toolConfig }));
    const events = await collected(stream);
    expect(events[1]).toEqual({ contentBlockStart: { contentBlockIndex: 0, start: { toolUse } } });
    const json = events.map(({ contentBlockDelta }) => contentBlockDelta?.delta?.toolUse?.input ?? '').join('');
    expect(JSON.parse(json)).toEqual({ city: expect.any(String) });
  });

  it('takes images as bytes, and system text, stop sequences and limits', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const content = [{ text: 'What is this?' }, { image: { format: 'png' as const, source: { bytes: png } } }];
    const { stopReason, usage } = await bedrock.send(
      new ConverseCommand({
        modelId: SONNET,
        system: [{ text: 'Be brief.' }],
        messages: [{ role: 'user', content }],
        inferenceConfig: { maxTokens: 3, temperature: 0.5, topP: 0.9, stopSequences: ['\n\n'] },
      }),
    );
    expect([stopReason, usage?.outputTokens]).toEqual(['max_tokens', 3]);
  });

  it('reports and meters each class of cached tokens', async () => {
    const simulate = {
      ...{ inputTokens: 100, outputTokens: 20, cacheReadInputTokens: 3000 },
      ...{ cacheWriteInputTokens: 700, cacheWrite1hInputTokens: 200 },
    };
    const usage = {
      ...{ inputTokens: 100, outputTokens: 20, totalTokens: 3820 },
      ...{ cacheReadInputTokens: 3000, cacheWriteInputTokens: 700 },
      cacheDetails: [
        { ttl: '1h', inputTokens: 200 },
        { ttl: '5m', inputTokens: 500 },
      ],
    };
    const whole = await bedrock.send(new ConverseCommand(ask(SONNET, simulate)));
    expect(whole.usage).toEqual(usage);
    const { stream } = await bedrock.send(new ConverseStreamCommand(ask(SONNET, simulate)));
    expect((await collected(stream)).at(-1)?.metadata?.usage).toEqual(usage);
    expect(await recorded(whole.$metadata.requestId)).toMatchObject({
      ...{ InputTokens: '100', OutputTokens: '20', CacheReadInputTokens: '3000' },
      ...{ CacheWrite5mInputTokens: '500', CacheWrite1hInputTokens: '200' },
      // 100 x 3.30 + 20 x 16.50 + 3,000 x 0.33 + 500 x 4.125 + 200 x 6.60 USD per million.
      CostUsd: '0.0050325',
    });
  });

  it('counts the tokens that a call would be charged', async () => {
    const { inputTokens } = await bedrock.send(
      new CountTokensCommand({ modelId: SONNET, input: { converse: QUESTION } }),
    );
    const { usage } = await bedrock.send(new ConverseCommand(ask(SONNET)));
    expect(inputTokens).toBe(usage?.inputTokens);
    const native = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'What does the river do?' }],
    };
    const body = Buffer.from(JSON.stringify(native));
    const counted = await bedrock.send(new CountTokensCommand({ modelId: SONNET, input: { invokeModel: { body } } }));
    expect(counted.inputTokens).toBe(inputTokens);
  });

  it('finds a model by every name it has', async () => {
    const profile = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile`;
    const routes: readonly (readonly [string, string])[] = [
      [SONNET, 'in_region'],
      ['anthropic.claude-sonnet-4-6-v1:0', 'in_region'],
      [SONNET_ARN, 'in_region'],
      [`us.${SONNET}`, 'geo'],
      [`${profile}/us.${SONNET}`, 'geo'],
      [`global.${SONNET}`, 'global'],
      [`${profile}/global.${SONNET}`, 'global'],
    ];
    const asked = routes.map(async ([modelId, Route]) => {
      const { $metadata } = await bedrock.send(
        new ConverseCommand(ask(modelId, { inputTokens: 1_000_000, outputTokens: 0 })),
      );
      const CostUsd = Route === 'global' ? '3' : '3.3';
      expect(await recorded($metadata.requestId)).toMatchObject({ ModelId: SONNET, Route, CostUsd });
    });
    await Promise.all(asked);
  });

  it('says which tier was used', async () => {
    const call = { ...ask('amazon.nova-lite-v1:0'), serviceTier: { type: 'flex' as const } };
    const whole = await bedrock.send(new ConverseCommand(call));
    expect(whole.serviceTier).toEqual({ type: 'flex' });
    expect(await recorded(whole.$metadata.requestId)).toMatchObject({ Tier: 'flex' });
    const { stream } = await bedrock.send(new ConverseStreamCommand(call));
    expect((await collected(stream)).at(-1)?.metadata?.serviceTier).toEqual({ type: 'flex' });
    expect((await bedrock.send(new ConverseCommand(ask(SONNET)))).serviceTier).toBeUndefined();
  });

  it('annotates a call, which moves no cost', async () => {
    const requestMetadata = { ticket: 'OPS-1 #2', 'user@x': '' };
    const { $metadata } = await bedrock.send(new ConverseCommand({ ...ask(SONNET), requestMetadata }));
    expect(await recorded($metadata.requestId)).toMatchObject({ Tags: {} });
    await expect(
      bedrock.send(new ConverseCommand({ ...ask(SONNET), requestMetadata: { 'not;allowed': 'x' } })),
    ).rejects.toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  });

  it('sends many calls at once over its connection', async () => {
    const calls = Array.from({ length: 40 }, (_, index) =>
      bedrock.send(new ConverseCommand(ask(SONNET, { inputTokens: index, outputTokens: 1 }))),
    );
    const answers = await Promise.all(calls);
    expect(answers.map(({ usage }) => usage?.inputTokens)).toEqual(calls.map((_, index) => index));
    expect(new Set(answers.map(({ $metadata }) => $metadata.requestId)).size).toBe(40);
  });
});

describe('permissions', () => {
  const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;

  async function refusal(
    name: string,
    statements: readonly object[],
    command: ConverseCommand | ConverseStreamCommand,
  ) {
    const bedrock = new BedrockRuntimeClient(await newUser(server.admin, name, { statements }));
    try {
      await bedrock.send(command as ConverseCommand);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      bedrock.destroy();
    }
  }

  const refused = (message: string) => ({ name: 'AccessDeniedException', message, $metadata: { httpStatusCode: 403 } });

  it('are refused in the words of AWS', async () => {
    expect(await refusal('none', [], new ConverseCommand(ask(SONNET)))).toMatchObject(
      refused(
        `User: ${arn('none')} is not authorized to perform: bedrock:InvokeModel on resource: ${SONNET_ARN} because no identity-based policy allows the bedrock:InvokeModel action`,
      ),
    );
    const explicit = [INVOKE, deny('bedrock:InvokeModelWithResponseStream')];
    expect(await refusal('explicit', explicit, new ConverseStreamCommand(ask(SONNET)))).toMatchObject(
      refused(
        `User: ${arn('explicit')} is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: ${SONNET_ARN} with an explicit deny in an identity-based policy`,
      ),
    );
  });

  it('are needed on the profile and on the model behind it', async () => {
    const profileArn = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${SONNET}`;
    const call = new ConverseCommand(ask(`us.${SONNET}`));
    const invoke = 'bedrock:InvokeModel';
    const because = `because no identity-based policy allows the ${invoke} action`;
    expect(await refusal('model-only', [allow(invoke, SONNET_ARN)], call)).toMatchObject(
      refused(
        `User: ${arn('model-only')} is not authorized to perform: ${invoke} on resource: ${profileArn} ${because}`,
      ),
    );
    expect(await refusal('profile-only', [allow(invoke, profileArn)], call)).toMatchObject(
      refused(
        `User: ${arn('profile-only')} is not authorized to perform: ${invoke} on resource: ${SONNET_ARN} ${because}`,
      ),
    );
    const through = { StringLike: { 'bedrock:InferenceProfileArn': profileArn } };
    const both = [allow(invoke, profileArn), { ...allow(invoke, SONNET_ARN), Condition: through }];
    expect(await refusal('both', both, call)).toBeUndefined();
    expect(await refusal('both-direct', both, new ConverseCommand(ask(SONNET)))).toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('are those of the session that calls', async () => {
    const role = await newRole(server.admin, 'Invoker', {
      trust: [trust(arn('admin'))],
      statements: [allow('bedrock:InvokeModel', SONNET_ARN)],
    });
    const bedrock = new BedrockRuntimeClient(await assumed(server.admin, role, 'run-1'));
    const { $metadata } = await bedrock.send(new ConverseCommand(ask(SONNET)));
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/Invoker/run-1`;
    expect(await recorded($metadata.requestId)).toMatchObject({ Principal: session });
    const nova = 'amazon.nova-lite-v1:0';
    await expect(bedrock.send(new ConverseCommand(ask(nova)))).rejects.toMatchObject(
      refused(
        `User: ${session} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/${nova} because no identity-based policy allows the bedrock:InvokeModel action`,
      ),
    );
    bedrock.destroy();
  });
});
