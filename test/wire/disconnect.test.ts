import { once } from 'node:events';
import { connect } from 'node:net';
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type TokenUsage,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { signRequest } from '../../src/wire/sign-request.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, type LedgerEntry, ledger } from './ledger.ts';
import { ACCOUNT, INVOKE, newUser } from './principals.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const MODEL = 'anthropic.claude-sonnet-4-6';
const MESSAGES: ConverseCommandInput['messages'] = [{ role: 'user', content: [{ text: 'Tell me a story.' }] }];
const USAGE = { promptTokens: 1200, completionTokens: 3450 };
const METERED = {
  ...{ Status: 'completed', ErrorCode: '', ClientGone: true, IsEstimated: false },
  ...{ InputTokens: '1200', OutputTokens: '3450' },
  // 1,200 x 3.30 + 3,450 x 16.50 USD per million.
  CostUsd: '0.060885',
};

const upstream = new ScriptedUpstream();
let server: TestServer;

beforeAll(async () => {
  const url = await upstream.listen();
  server = await startServer({ config: { upstreams: [{ name: 'scripted', type: 'openai', url }] } });
});
afterAll(async () => {
  upstream.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** A call in flight that its client can leave. */
interface OpenCall {
  /** Resolves when the client has read some of the answer's text. */
  readonly begun: Promise<unknown>;
  /** Resolves when the client has nothing more to do with the call. */
  readonly leave: () => Promise<unknown>;
}

function sdkCall(client: BedrockRuntimeClient, leaving: AbortController, isStreamed: boolean): OpenCall {
  const begun = Promise.withResolvers<void>();
  const options = { abortSignal: leaving.signal };
  const run = async () => {
    if (!isStreamed)
      return void (await client.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES }), options));
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES }), options);
    for await (const { contentBlockDelta } of stream!) if (contentBlockDelta) begun.resolve();
  };
  const over = run().catch(() => undefined);
  return {
    begun: begun.promise,
    leave: () => {
      leaving.abort();
      return over;
    },
  };
}

/** A request on a bare socket. */
function rawCall({ endpoint, region, credentials }: ClientConfig, isReading = true): OpenCall {
  const { hostname, port, host } = new URL(endpoint);
  const body = JSON.stringify({ messages: MESSAGES });
  const unsigned = { host, 'content-type': 'application/json', 'content-length': String(body.length) };
  const request = { method: 'POST', path: `/model/${MODEL}/converse-stream`, headers: unsigned, body };
  const headers = signRequest(request, { ...credentials, region, service: 'bedrock' }, Date.now());
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(Number(port), hostname);
  socket.write(`POST ${request.path} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
  const begun = Promise.withResolvers<void>();
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    if (!received.includes('contentBlockDelta')) return;
    if (!isReading) socket.pause();
    begun.resolve();
  });
  return {
    begun: begun.promise,
    leave: () => {
      const closed = once(socket, 'close');
      socket.destroy();
      return closed;
    },
  };
}

/** Every scenario calls as a user of its own, whose only call it is. */
let users = 0;
async function caller(): Promise<{ config: ClientConfig; entry: () => Promise<LedgerEntry | undefined> }> {
  const name = `leaver-${++users}`;
  const config = await newUser(server.admin, name, { statements: [INVOKE] });
  const Principal = `arn:aws:iam::${ACCOUNT}:user/${name}`;
  return { config, entry: async () => (await ledger(server, { Principal }))[0] };
}

/** A whole request and answer after the client left: by then the server has heard of it. */
async function serverHasNoticed(): Promise<void> {
  await ledger(server);
}

type Start = (config: ClientConfig, isStreamed: boolean) => OpenCall;

const abandoning: Start = (config, isStreamed) =>
  sdkCall(new BedrockRuntimeClient({ ...config, maxAttempts: 1 }), new AbortController(), isStreamed);

const closing: Start = (config, isStreamed) => {
  const client = new BedrockRuntimeClient({ ...config, maxAttempts: 1 });
  const call = sdkCall(client, new AbortController(), isStreamed);
  return {
    begun: call.begun,
    leave: async () => {
      client.destroy();
      await call.leave();
    },
  };
};

const abandoningHttp1: Start = (config, isStreamed) => {
  const options = { ...config, maxAttempts: 1, requestHandler: new NodeHttpHandler() };
  return sdkCall(new BedrockRuntimeClient(options), new AbortController(), isStreamed);
};

describe.each<[string, Start]>([
  ['the SDK over HTTP/2 that aborts its call', abandoning],
  ['the SDK over HTTP/2 that closes its connection', closing],
  ['the SDK over HTTP/1.1 that aborts its call', abandoningHttp1],
  ['a bare HTTP/1.1 socket that closes', (config) => rawCall(config)],
])('%s', (_, start) => {
  it('in the middle of a stream is metered to the end', async () => {
    const { config, entry } = await caller();
    const replying = upstream.nextReply();
    const call = start(config, true);
    const reply = await replying;
    await reply.say('Once upon');
    await call.begun;
    await call.leave();
    await serverHasNoticed();
    // More events than the server keeps for a client.
    for (let piece = 0; piece < 1000; piece++) await reply.say(' a time');
    await reply.finish(USAGE);
    await expect.poll(entry, ARRIVAL).toMatchObject({ Operation: 'ConverseStream', ...METERED });
  });

  it('before the first word is metered to the end', async () => {
    const { config, entry } = await caller();
    const replying = upstream.nextReply();
    const call = start(config, true);
    const reply = await replying;
    await call.leave();
    await serverHasNoticed();
    await reply.say('Once upon a time');
    await reply.finish(USAGE);
    await expect.poll(entry, ARRIVAL).toMatchObject({ Operation: 'ConverseStream', ...METERED });
  });

  it('is metered as far as the upstream came, when that breaks off too', async () => {
    const { config, entry } = await caller();
    const replying = upstream.nextReply();
    const call = start(config, true);
    const reply = await replying;
    await reply.say('Once upon');
    await call.begun;
    await call.leave();
    await serverHasNoticed();
    await reply.say(' a time');
    reply.breakOff();
    await expect.poll(entry, ARRIVAL).toMatchObject({
      ...{ Status: 'cut', ErrorCode: 'ModelStreamErrorException', ClientGone: true, IsEstimated: true },
      OutputTokens: expect.stringMatching(/^[1-9]\d*$/),
    });
  });
});

describe.each<[string, Start]>([
  ['the SDK over HTTP/2', abandoning],
  ['the SDK over HTTP/1.1', abandoningHttp1],
])('%s that leaves a call without a stream', (_, start) => {
  it('is metered all the same', async () => {
    const { config, entry } = await caller();
    const replying = upstream.nextReply();
    const call = start(config, false);
    const reply = await replying;
    await call.leave();
    await serverHasNoticed();
    await reply.say('Once upon a time');
    await reply.finish(USAGE);
    await expect.poll(entry, ARRIVAL).toMatchObject({ Operation: 'Converse', ...METERED });
  });
});

describe.each<[string, () => BedrockRuntimeClientConfig]>([
  ['over HTTP/2', () => ({})],
  ['over HTTP/1.1', () => ({ requestHandler: new NodeHttpHandler() })],
])('a client that stays %s', (_, transport) => {
  it('gets every word of a long answer, and is not taken for one that left', async () => {
    const { config, entry } = await caller();
    const replying = upstream.nextReply();
    const bedrock = new BedrockRuntimeClient({ ...config, ...transport() });
    const answering = bedrock.send(new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES }));
    const reply = await replying;
    const piece = 'x'.repeat(8 * 1024);
    const saying = (async () => {
      for (let said = 0; said < 1000; said++) await reply.say(piece);
      await reply.finish(USAGE);
    })();
    let characters = 0;
    let usage: TokenUsage | undefined;
    for await (const { contentBlockDelta, metadata } of (await answering).stream!) {
      characters += contentBlockDelta?.delta?.text?.length ?? 0;
      usage = metadata?.usage;
    }
    await saying;
    bedrock.destroy();
    expect(characters).toBe(1000 * piece.length);
    expect(usage).toMatchObject({ inputTokens: 1200, outputTokens: 3450 });
    await expect.poll(entry, ARRIVAL).toMatchObject({ ...METERED, ClientGone: false });
  });
});

describe('a client that does not read', () => {
  it('holds the upstream up until it leaves', async () => {
    const { config, entry } = await caller();
    const replying = upstream.nextReply();
    const call = rawCall(config, false);
    const reply = await replying;
    await reply.say('Once upon a time');
    await call.begun;
    // Far more than all buffers between here and there.
    const piece = 'x'.repeat(8 * 1024);
    const pieces = 5000;
    let said = 0;
    const saying = (async () => {
      for (; said < pieces; said++) await reply.say(piece);
    })();
    const held = async () => {
      const before = said;
      await serverHasNoticed();
      return said === before && said > 0;
    };
    await expect.poll(held, ARRIVAL).toBe(true);
    expect(said).toBeLessThan(pieces);
    await call.leave();
    await saying;
    await reply.finish(USAGE);
    await expect.poll(entry, ARRIVAL).toMatchObject(METERED);
  });
});
