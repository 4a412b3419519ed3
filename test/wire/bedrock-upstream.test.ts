import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders } from '../server.ts';
import { GATEWAY_ARN, type GatewayAndAws, startGatewayAndAws } from './bedrock-upstream.ts';
import { collected } from './inference-calls.ts';
import { ARRIVAL, ledger, ledgerEntry } from './ledger.ts';
import { INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const MESSAGES = [{ role: 'user' as const, content: [{ text: 'hello' }] }];

let pair: GatewayAndAws;
let client: BedrockRuntimeClient;

beforeAll(async () => {
  pair = await startGatewayAndAws();
  client = new BedrockRuntimeClient(await newUser(pair.gateway.admin, 'alice', { statements: [INVOKE] }));
});
afterAll(async () => {
  client?.destroy();
  expect(await pair.gateway.stop()).toBe(0);
  expect(await pair.aws.stop()).toBe(0);
  removeFolders();
});

describe('a gateway in front of Amazon Bedrock', () => {
  it('answers Converse with what Bedrock answers', async () => {
    const simulate = { inputTokens: 120, outputTokens: 34, cacheReadInputTokens: 1000, cacheWrite1hInputTokens: 7 };
    const answer = await client.send(
      new ConverseCommand({ modelId: `us.${SONNET}`, messages: MESSAGES, additionalModelRequestFields: { simulate } }),
    );
    expect(answer).toMatchObject({ stopReason: 'end_turn', usage: { inputTokens: 120, outputTokens: 34 } });
    const { requestId } = answer.$metadata;
    await expect
      .poll(() => ledgerEntry(pair.gateway, requestId!), ARRIVAL)
      .toMatchObject({
        Principal: 'arn:aws:iam::123456789012:user/alice',
        Route: 'geo',
        InputTokens: '120',
        OutputTokens: '34',
        IsEstimated: false,
      });
    await expect
      .poll(() => ledger(pair.aws), ARRIVAL)
      .toMatchObject([{ Principal: GATEWAY_ARN, Route: 'geo', InputTokens: '120' }]);
  });

  it('streams what Bedrock streams', async () => {
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: SONNET, messages: MESSAGES }));
    const events = await collected(stream);
    expect(Object.keys(events[0]!)).toEqual(['messageStart']);
    expect(events.at(-1)).toMatchObject({ metadata: { usage: { inputTokens: expect.any(Number) } } });
  });

  it.each([
    [
      'anthropic.claude-sonnet-4-6',
      { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
    ],
    ['openai.gpt-oss-120b-1:0', { messages: [{ role: 'user', content: 'hi' }] }],
    ['amazon.nova-lite-v1:0', { messages: [{ role: 'user', content: [{ text: 'hi' }] }] }],
  ])('hands native bodies of %s on, whole and streamed', async (modelId, body) => {
    const simulate = { inputTokens: 11, outputTokens: 5 };
    const input = { modelId, body: JSON.stringify({ ...body, simulate }) };
    const whole = await client.send(new InvokeModelCommand(input));
    const answer = JSON.parse(Buffer.from(whole.body).toString());
    expect(answer).toBeDefined();
    const streamed = await client.send(new InvokeModelWithResponseStreamCommand(input));
    const chunks = (await collected(streamed.body)).map(({ chunk }) =>
      JSON.parse(Buffer.from(chunk!.bytes!).toString()),
    );
    expect(chunks.at(-1)).toMatchObject({
      'amazon-bedrock-invocationMetrics': { inputTokenCount: 11, outputTokenCount: 5 },
    });
    for (const {
      $metadata: { requestId },
    } of [whole, streamed]) {
      await expect
        .poll(() => ledgerEntry(pair.gateway, requestId!), ARRIVAL)
        .toMatchObject({ InputTokens: '11', OutputTokens: '5', IsEstimated: false });
    }
  });
});
