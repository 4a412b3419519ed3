import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { signRequest } from '../../src/wire/sign-request.ts';
import { type BedrockAsk, BedrockServer, chunk, frame, refused, streamed, whole } from '../clients/bedrock-server.ts';
import { removeFolders, type TestServer } from '../server.ts';
import { startGateway } from './bedrock-upstream.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';
import { ACCOUNT, INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const USAGE = { inputTokens: 12, outputTokens: 40, totalTokens: 52 };
const ANSWER = {
  output: { message: { role: 'assistant', content: [{ text: 'Hello.' }, { ofTomorrow: 1 }] } },
  ...{ stopReason: 'end_turn', usage: USAGE, metrics: { latencyMs: 1 }, alsoOfTomorrow: { yes: [1.5] } },
};
const FRAMES = [
  frame('messageStart', { role: 'assistant', p: 'abcdef' }),
  frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hello.' }, p: 'abcd' }),
  frame('ofTomorrow', { yes: true }),
  frame('messageStop', { stopReason: 'end_turn' }),
  frame('metadata', { usage: USAGE, metrics: { latencyMs: 1 }, p: 'ab' }),
];

const bedrock = new BedrockServer();
let gateway: TestServer;
let alice: ClientConfig;

beforeAll(async () => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const endpoint = await bedrock.listen();
  gateway = await startGateway(endpoint, { endpoint, region: 'us-east-1', credentials });
  alice = await newUser(gateway.admin, 'alice', { statements: [INVOKE] });
});
afterAll(async () => {
  bedrock.close();
  expect(await gateway.stop()).toBe(0);
  removeFolders();
});

/** What STS is asked is left unanswered: who the gateway is at AWS is not what is tested here. */
function answering(script: BedrockServer['script']): void {
  bedrock.script = (reply, ask) => (ask.path === '/' ? refused(reply, 500, 'Down', 'Down.') : script(reply, ask));
}

interface Answered {
  readonly requestId: string;
  readonly body: Buffer;
  /** What reached Bedrock. */
  readonly asked: BedrockAsk;
}

/** A request to the letter; SDKs drop what they do not know. */
async function ask(
  operation: string,
  body: string,
  headers: Record<string, string> = {},
  modelId = SONNET,
): Promise<Answered> {
  const { host } = new URL(gateway.url);
  const path = `/model/${modelId}/${operation}`;
  const request = { method: 'POST', path, headers: { host, 'content-type': 'application/json', ...headers }, body };
  const { host: _host, ...signed } = signRequest(
    request,
    { ...alice.credentials, region: 'us-east-1', service: 'bedrock' },
    Date.now(),
  );
  const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers: signed, body });
  const answer = Buffer.from(await response.arrayBuffer());
  expect([response.status, response.ok ? '' : answer.toString()]).toEqual([200, '']);
  return { requestId: response.headers.get('x-amzn-requestid')!, body: answer, asked: bedrock.last };
}

const ASKED = { messages: [{ role: 'user', content: [{ text: 'hello' }] }], ofTomorrow: { yes: true } };

describe('what nobody here knows', () => {
  it('goes to Bedrock and comes back, to the byte, in Converse', async () => {
    answering((reply) => whole(reply, ANSWER));
    const { asked, body } = await ask('converse', JSON.stringify(ASKED));
    expect(JSON.parse(asked.body)).toMatchObject(ASKED);
    expect(body.toString()).toBe(JSON.stringify(ANSWER));
  });

  it('comes back in every frame of a stream', async () => {
    answering((reply) => streamed(reply, FRAMES));
    const { body } = await ask('converse-stream', JSON.stringify(ASKED));
    expect(body).toEqual(Buffer.concat(FRAMES));
  });

  it('goes and comes in native bodies, of models that nobody here reads as well', async () => {
    const answer = { generation: 'Hello.', prompt_token_count: 12, generation_token_count: 40, of_tomorrow: 1 };
    answering((reply) => whole(reply, answer));
    const text = '{ "prompt": "hello",\n "of_tomorrow": 1.50 }';
    const { asked, body, requestId } = await ask('invoke', text, {}, 'meta.llama3-70b-instruct-v1:0');
    expect(asked.body).toBe(text);
    expect(body.toString()).toBe(JSON.stringify(answer));
    const billed = { InputTokens: '12', OutputTokens: '40', IsEstimated: false };
    await expect.poll(() => ledgerEntry(gateway, requestId), ARRIVAL).toMatchObject(billed);
  });

  it('comes back in every chunk of a native stream', async () => {
    const metrics = { inputTokenCount: 12, outputTokenCount: 40 };
    const chunks = [{ of_tomorrow: 1 }, { generation: 'Hello.' }, { 'amazon-bedrock-invocationMetrics': metrics }].map(
      chunk,
    );
    answering((reply) => streamed(reply, chunks));
    const { body } = await ask(
      'invoke-with-response-stream',
      '{"prompt":"hello"}',
      {},
      'meta.llama3-70b-instruct-v1:0',
    );
    expect(body).toEqual(Buffer.concat(chunks));
  });
});

describe('what the caller says of itself', () => {
  const forged = { 'tallyline.principal': 'mallory', 'tallyline.request_id': 'x', team: 'search' };

  it('does not stand where the gateway speaks: Converse', async () => {
    answering((reply) => whole(reply, ANSWER));
    const { asked, requestId } = await ask('converse', JSON.stringify({ ...ASKED, requestMetadata: forged }));
    expect(JSON.parse(asked.body).requestMetadata).toEqual({
      ...{ 'tallyline.principal': `arn:aws:iam::${ACCOUNT}:user/alice`, 'tallyline.request_id': requestId },
      team: 'search',
    });
  });

  it('does not stand where the gateway speaks: InvokeModel', async () => {
    answering((reply) => whole(reply, { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
    const header = { 'x-amzn-bedrock-request-metadata': JSON.stringify(forged) };
    const body = '{"messages":[{"role":"user","content":"hi"}]}';
    const { asked, requestId } = await ask('invoke', body, header, 'openai.gpt-oss-120b-1:0');
    expect(JSON.parse(asked.headers['x-amzn-bedrock-request-metadata']!)).toEqual({
      ...{ 'tallyline.principal': `arn:aws:iam::${ACCOUNT}:user/alice`, 'tallyline.request_id': requestId },
      team: 'search',
    });
  });

  it('cannot be said twice, once for policy here and once for AWS', async () => {
    answering((reply) => whole(reply, ANSWER));
    const messages = JSON.stringify(ASKED.messages);
    const twice = `{"serviceTier":{"type":"priority"},"messages":${messages},"serviceTier":{"type":"flex"}}`;
    const { asked } = await ask('converse', twice);
    expect(asked.body.match(/serviceTier/g)).toHaveLength(1);
    expect(JSON.parse(asked.body)).toMatchObject({ serviceTier: { type: 'flex' } });
  });
});

// peers rows 47, 48.
it('reads a stream to its end for the meter when its client has gone', async () => {
  const going = Promise.withResolvers<void>();
  answering((reply) => {
    reply.writeHead(200);
    reply.write(Buffer.concat(FRAMES.slice(0, 2)));
    void going.promise.then(() => reply.end(Buffer.concat(FRAMES.slice(2))));
  });
  const client = new BedrockRuntimeClient(alice);
  const command = new ConverseStreamCommand({
    modelId: SONNET,
    messages: [{ role: 'user', content: [{ text: 'hello' }] }],
  });
  const { stream, $metadata } = await client.send(command);
  for await (const { contentBlockDelta } of stream!) {
    if (!contentBlockDelta) continue;
    client.destroy();
    break;
  }
  going.resolve();
  const billed = { InputTokens: '12', OutputTokens: '40', Status: 'completed', IsEstimated: false };
  await expect.poll(() => ledgerEntry(gateway, $metadata.requestId!), ARRIVAL).toMatchObject(billed);
});
