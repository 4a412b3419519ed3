import { Agent } from 'node:http';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BedrockAsk, BedrockServer, chunk, frame, streamed, whole } from '../../test/clients/bedrock-server.ts';
import { parseConverse } from '../inference/converse.ts';
import type { JsonObject, ModelCall } from '../inference/model-call.ts';
import { parseNative } from '../inference/native.ts';
import { parseBasicDate } from '../wire/sigv4/basic-date.ts';
import { sdkSigned } from '../wire/sigv4/sdk-signer.fixture.ts';
import { bedrockModel, eventsOf, GivenCredentials, modelCall, SONNET } from './bedrock-model.fixture.ts';
import type { BedrockModel } from './bedrock-model.ts';

const ANSWER = {
  output: { message: { role: 'assistant', content: [{ text: 'Hello.' }] } },
  ...{ stopReason: 'end_turn', usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 }, metrics: { latencyMs: 1 } },
};
const METADATA = frame('metadata', { usage: ANSWER.usage, metrics: ANSWER.metrics });
const METRICS = { inputTokenCount: 1, outputTokenCount: 1, invocationLatency: 1, firstByteLatency: 1 };
const LAST = chunk({ type: 'message_stop', 'amazon-bedrock-invocationMetrics': METRICS });

const server = new BedrockServer();
const credentials = new GivenCredentials();
let model: BedrockModel;
let sdk: BedrockRuntimeClient;

beforeAll(async () => {
  const endpoint = await server.listen();
  model = bedrockModel({ endpoint, credentials });
  const requestHandler = new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true }) });
  sdk = new BedrockRuntimeClient({ endpoint, region: 'us-east-1', credentials: credentials.given, requestHandler });
});
afterAll(async () => {
  sdk.destroy();
  server.close();
  await model.close();
});
beforeEach(() => {
  server.script = (reply, { path }) => {
    if (path.endsWith('/converse')) whole(reply, ANSWER);
    if (path.endsWith('/converse-stream')) streamed(reply, [METADATA]);
    if (path.endsWith('/invoke')) whole(reply, { usage: { input_tokens: 1, output_tokens: 1 } });
    if (path.endsWith('/invoke-with-response-stream')) streamed(reply, [LAST]);
    if (path.endsWith('/count-tokens')) whole(reply, { inputTokens: 7 });
  };
});

/** What of a request both sides must agree on. The SDK names itself and how often it will try. */
function compared({ method, path, headers, body }: BedrockAsk) {
  const named = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('x-amzn-'));
  return { method, path, headers: Object.fromEntries(named), body: JSON.parse(body) as JsonObject };
}

/** The request with the signature that the SDK's own signer gives it. */
async function signedBySdk({ method, path, headers, body }: BedrockAsk): Promise<string | undefined> {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!.split(';');
  // The signer adds these three by itself.
  const own = new Set(['x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token']);
  const unsigned = Object.fromEntries(names.filter((name) => !own.has(name)).map((name) => [name, headers[name]!]));
  const nowMs = parseBasicDate(headers['x-amz-date']!)!;
  const options = { credentials: credentials.given, service: 'bedrock', nowMs };
  const signed = await sdkSigned({ method, path, query: {}, headers: unsigned, body }, options);
  return signed.headers.authorization;
}

const OURS = {
  'tallyline.request_id': 'req-1',
  'tallyline.principal': 'arn:aws:iam::123456789012:user/alice',
};
const MODEL_ID = 'us.anthropic.claude-3-haiku-20240307-v1:0';
const PROFILE = { modelId: 'anthropic.claude-3-haiku-20240307-v1:0', systemProfileId: MODEL_ID } as const;
const INPUT: ConverseCommandInput = {
  modelId: MODEL_ID,
  messages: [
    { role: 'user', content: [{ text: 'Grüße' }, { image: { format: 'png', source: { bytes: Buffer.from('img') } } }] },
    { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Ghent' } } }] },
    { role: 'user', content: [{ toolResult: { toolUseId: 't1', content: [{ json: { degrees: 21 } }] } }] },
  ],
  system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
  inferenceConfig: { maxTokens: 9, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
  toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: { type: 'object' } } } }] },
  additionalModelRequestFields: { top_k: 5 },
  guardrailConfig: { guardrailIdentifier: 'gr-1', guardrailVersion: '3', trace: 'enabled' },
  serviceTier: { type: 'flex' },
  requestMetadata: { ...OURS, team: 'search' },
};

/** The same input as it reaches the upstream from the Bedrock door, and from a door that is another dialect's. */
async function converseCalls(): Promise<{ readonly sent: BedrockAsk; readonly calls: readonly ModelCall[] }> {
  await sdk.send(new ConverseCommand(INPUT));
  const sent = server.last;
  const facts: Partial<ModelCall> = {
    ...PROFILE,
    ...parseConverse(INPUT as Parameters<typeof parseConverse>[0]),
    guardrail: INPUT.guardrailConfig as unknown as JsonObject,
    tier: 'flex',
    requestMetadata: [['team', 'search']],
  };
  const original = { format: 'converse', body: JSON.parse(sent.body), headers: {} } as const;
  return { sent, calls: [modelCall({ ...facts, original }), modelCall(facts)] };
}

describe('a request', () => {
  it('is the SDK’s own for Converse, handed on or translated', async () => {
    const { sent, calls } = await converseCalls();
    for (const call of calls) {
      await model.complete(call);
      expect(compared(server.last)).toEqual(compared(sent));
      expect(server.last.headers.authorization).toBe(await signedBySdk(server.last));
    }
  });

  it('is the SDK’s own for ConverseStream', async () => {
    const { calls } = await converseCalls();
    await sdk.send(new ConverseStreamCommand(INPUT));
    const sent = server.last;
    for (const call of calls) {
      await eventsOf(model, call);
      expect(compared(server.last)).toEqual(compared(sent));
    }
  });

  const native = {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
  };
  // Written as nobody here would: it is to arrive to the letter.
  const body = JSON.stringify({ ...native, of_tomorrow: 1.5 }, null, 1);
  const nativeInput = {
    ...{ modelId: MODEL_ID, body, contentType: 'application/json', guardrailIdentifier: 'gr-1', guardrailVersion: '3' },
    ...({ trace: 'ENABLED', serviceTier: 'flex', performanceConfigLatency: 'standard' } as const),
    requestMetadata: JSON.stringify({ ...OURS, team: 'search' }),
  };
  function nativeCall(): ModelCall {
    const { original, ...prompt } = parseNative(SONNET, Buffer.from(body));
    const headers = {
      ...{ 'x-amzn-bedrock-guardrailidentifier': 'gr-1', 'x-amzn-bedrock-guardrailversion': '3' },
      ...{ 'x-amzn-bedrock-trace': 'ENABLED', 'x-amzn-bedrock-service-tier': 'flex' },
      'x-amzn-bedrock-performanceconfig-latency': 'standard',
    };
    const facts = { ...PROFILE, requestMetadata: [['team', 'search']] as const };
    return modelCall({ ...facts, ...prompt, original: { ...original, headers } });
  }

  it('is the SDK’s own for InvokeModel, whole and streamed', async () => {
    await sdk.send(new InvokeModelCommand(nativeInput));
    const sent = server.last;
    await model.complete(nativeCall());
    expect(compared(server.last)).toEqual(compared(sent));
    expect(server.last.body).toBe(body);
    expect(server.last.headers.authorization).toBe(await signedBySdk(server.last));
    await sdk.send(new InvokeModelWithResponseStreamCommand(nativeInput));
    const streamedBySdk = server.last;
    await eventsOf(model, nativeCall());
    expect(compared(server.last)).toEqual(compared(streamedBySdk));
  });

  it('is the SDK’s own for CountTokens, of Converse and of a native body', async () => {
    const { messages, system, toolConfig, additionalModelRequestFields } = INPUT;
    const converse = { messages, system, toolConfig, additionalModelRequestFields };
    await sdk.send(new CountTokensCommand({ modelId: MODEL_ID, input: { converse } }));
    const sent = server.last;
    const { calls } = await converseCalls();
    expect(await model.countTokens(calls[0]!)).toBe(7);
    expect(compared(server.last)).toEqual(compared(sent));
    await sdk.send(new CountTokensCommand({ modelId: MODEL_ID, input: { invokeModel: { body: Buffer.from(body) } } }));
    const sentNative = server.last;
    await model.countTokens(nativeCall());
    expect(compared(server.last)).toEqual(compared(sentNative));
  });

  it('says which call it is and how often it has been made', async () => {
    await model.complete(modelCall({ attempt: 3 }));
    expect(server.last.headers).toMatchObject({
      ...{ 'amz-sdk-invocation-id': 'req-1', 'amz-sdk-request': 'attempt=3', 'user-agent': 'tallyline' },
    });
  });

  it('takes Anthropic’s and OpenAI’s own bodies to their models without what Bedrock says elsewhere', async () => {
    const messages = [{ role: 'user', content: 'hi' }];
    const anthropic = { model: 'x', stream: true, service_tier: 'auto', max_tokens: 5, messages, of_tomorrow: true };
    const headers = { 'anthropic-beta': 'one, two', 'anthropic-version': '2023-06-01' };
    await model.complete(modelCall({ original: { format: 'anthropic-messages', body: anthropic, headers } }));
    expect(server.last.path).toBe(`/model/${SONNET}/invoke`);
    expect(JSON.parse(server.last.body)).toEqual({
      ...{ anthropic_version: 'bedrock-2023-05-31', anthropic_beta: ['one', 'two'], max_tokens: 5, messages },
      of_tomorrow: true,
    });
    const chat = { model: 'x', stream: true, stream_options: { include_usage: true }, messages, of_tomorrow: true };
    const original = { format: 'openai-chat', body: chat, headers: {} } as const;
    await model.complete(modelCall({ modelId: 'openai.gpt-oss-120b-1:0', original, tier: 'priority' }));
    expect(JSON.parse(server.last.body)).toEqual({ messages, of_tomorrow: true });
    expect(server.last.headers['x-amzn-bedrock-service-tier']).toBe('priority');
    // Claude does not speak OpenAI's.
    await model.complete(modelCall({ original }));
    expect(server.last.path).toBe(`/model/${SONNET}/converse`);
  });
});
