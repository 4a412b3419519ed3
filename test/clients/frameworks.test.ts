import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { ChatBedrockConverse } from '@langchain/aws';
import { generateText, jsonSchema, streamText, type ToolSet } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { type Caller, newCaller } from './caller.ts';

const MODEL = 'us.anthropic.claude-sonnet-4-6';
/** What the simulated model is to report. */
const SIMULATE = {
  ...{ inputTokens: 120, outputTokens: 7, cacheReadInputTokens: 30 },
  ...{ cacheWriteInputTokens: 15, cacheWrite1hInputTokens: 5 },
};
const METERED = {
  ...{ Route: 'geo', Status: 'completed', InputTokens: '120', OutputTokens: '7', CacheReadInputTokens: '30' },
  ...{ CacheWrite5mInputTokens: '10', CacheWrite1hInputTokens: '5', IsEstimated: false },
};

let server: TestServer;
let vera: Caller;
let lars: Caller;

beforeAll(async () => {
  server = await startServer();
  vera = await newCaller(server, 'vera');
  lars = await newCaller(server, 'lars');
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe.each<[string, () => ReturnType<typeof createAmazonBedrock>]>([
  ['an API key', () => createAmazonBedrock({ region: 'us-east-1', baseURL: server.url, apiKey: vera.key })],
  [
    'SigV4',
    () => createAmazonBedrock({ region: 'us-east-1', baseURL: server.url, apiKey: '', ...vera.config.credentials }),
  ],
])('@ai-sdk/amazon-bedrock with %s', (_, providerOf) => {
  const providerOptions = { bedrock: { additionalModelRequestFields: { simulate: SIMULATE } } };

  it('generates a text', async () => {
    const { text, usage } = await generateText({ model: providerOf()(MODEL), prompt: 'Say hello.', providerOptions });
    expect(text).toMatch(/\w/);
    expect(usage).toMatchObject({ outputTokens: 7, cachedInputTokens: 30 });
    await expect.poll(vera.latest, ARRIVAL).toMatchObject({ Principal: vera.arn, Operation: 'Converse', ...METERED });
  });

  it('streams a text', async () => {
    const { textStream } = streamText({ model: providerOf()(MODEL), prompt: 'Say hello.', providerOptions });
    let text = '';
    for await (const piece of textStream) text += piece;
    expect(text).toMatch(/\w/);
    const expected = { Principal: vera.arn, Operation: 'ConverseStream', ...METERED };
    await expect.poll(vera.latest, ARRIVAL).toMatchObject(expected);
  });

  it('calls a tool', async () => {
    const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;
    const tools = { weather: { description: 'The weather of a city.', inputSchema: jsonSchema(city) } } as ToolSet;
    const question = { model: providerOf()(MODEL), prompt: 'The weather in Ghent?', tools };
    const { toolCalls } = await generateText({ ...question, toolChoice: { type: 'tool', toolName: 'weather' } });
    expect(toolCalls).toMatchObject([{ toolName: 'weather', input: { city: expect.any(String) } }]);
  });
});

describe('@langchain/aws ChatBedrockConverse', () => {
  function chat(): ChatBedrockConverse {
    return new ChatBedrockConverse({
      ...{ model: MODEL, region: lars.config.region, client: new BedrockRuntimeClient(lars.config) },
      additionalModelRequestFields: { simulate: SIMULATE },
    });
  }

  it('invokes', async () => {
    const { text, usage_metadata: usage } = await chat().invoke('Say hello.');
    expect(text).toMatch(/\w/);
    expect(usage).toMatchObject({ output_tokens: 7 });
    await expect.poll(lars.latest, ARRIVAL).toMatchObject({ Principal: lars.arn, Operation: 'Converse', ...METERED });
  });

  it('streams', async () => {
    let text = '';
    for await (const chunk of await chat().stream('Say hello.')) text += chunk.text;
    expect(text).toMatch(/\w/);
    const expected = { Principal: lars.arn, Operation: 'ConverseStream', ...METERED };
    await expect.poll(lars.latest, ARRIVAL).toMatchObject(expected);
  });
});
