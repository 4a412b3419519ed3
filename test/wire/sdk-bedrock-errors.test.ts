import {
  AccessDeniedException,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  InternalServerException,
  InvokeModelWithResponseStreamCommand,
  ModelErrorException,
  ModelNotReadyException,
  ModelStreamErrorException,
  ModelTimeoutException,
  ResourceNotFoundException,
  ServiceUnavailableException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledger, ledgerEntry } from './ledger.ts';
import { ACCOUNT, INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const REQUEST_ID = /^[0-9a-f-]{36}$/;
const THROTTLED = 'Too many requests, please wait before trying again.';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function ask(simulate: object = {}, modelId = SONNET): ConverseCommandInput {
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  return { modelId, messages, additionalModelRequestFields: { simulate: { ...simulate } } };
}

type ErrorClass = abstract new (...args: never[]) => Error;

const BEFORE: readonly (readonly [ErrorClass, number, object?])[] = [
  [AccessDeniedException, 403, { message: "You don't have access to the model with the specified model ID." }],
  [InternalServerException, 500],
  [ModelErrorException, 424, { originalStatusCode: 500 }],
  [ModelNotReadyException, 429, { message: 'Model is not ready for inference. Wait and try your request again.' }],
  [ModelTimeoutException, 408],
  [ResourceNotFoundException, 404],
  [ServiceUnavailableException, 503, { message: 'Bedrock is unable to process your request.' }],
  [ThrottlingException, 429, { message: THROTTLED }],
  [ValidationException, 400, { message: expect.stringMatching(/^The model returned the following errors: /) }],
];

/** The errors that both event streams can name; the native stream has one more. */
const DURING: readonly (readonly [ErrorClass, object?])[] = [
  [InternalServerException],
  [ModelStreamErrorException, { originalStatusCode: 500 }],
  [ServiceUnavailableException],
  [ThrottlingException, { message: THROTTLED }],
  [ValidationException],
];

const TRANSPORTS: readonly (readonly [string, () => BedrockRuntimeClientConfig])[] = [
  ['HTTP/2, its default', () => ({})],
  ['HTTP/1.1', () => ({ requestHandler: new NodeHttpHandler() })],
];

describe.each(TRANSPORTS)('the client over %s', (_, transport) => {
  let bedrock: BedrockRuntimeClient;
  beforeAll(() => {
    bedrock = new BedrockRuntimeClient({ ...server.admin, ...transport(), maxAttempts: 1 });
  });
  afterAll(() => bedrock.destroy());

  it('throws the typed class of every error before the model has answered, and pays nothing', async () => {
    const fails = async ([errorClass, httpStatusCode, members]: (typeof BEFORE)[number], isStreamed: boolean) => {
      const { name } = errorClass;
      const input = ask({ error: { name } });
      const command = isStreamed ? new ConverseStreamCommand(input) : new ConverseCommand(input);
      const error = await bedrock.send(command as ConverseCommand).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(errorClass);
      const $metadata = { httpStatusCode, requestId: expect.stringMatching(REQUEST_ID) };
      expect(error).toMatchObject({ name, $metadata, ...members });
      await expect
        .poll(() => ledgerEntry(server, error.$metadata.requestId), ARRIVAL)
        .toMatchObject({
          ...{ Status: 'failed', ErrorCode: name, InputTokens: '0', OutputTokens: '0', CostUsd: '0' },
        });
    };
    await Promise.all(BEFORE.flatMap((row) => [fails(row, false), fails(row, true)]));
  });

  it('throws the typed class of every error of a stream that has begun, and pays what was used', async () => {
    const breaks = async ([errorClass, members]: (typeof DURING)[number]) => {
      const { name } = errorClass;
      const simulate = { inputTokens: 100, outputTokens: 9, error: { name, afterTokens: 4 } };
      const { stream, $metadata } = await bedrock.send(new ConverseStreamCommand(ask(simulate)));
      const texts: string[] = [];
      const reading = (async () => {
        for await (const event of stream!)
          if (event.contentBlockDelta) texts.push(event.contentBlockDelta.delta!.text!);
      })();
      const error = await reading.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(errorClass);
      expect(error).toMatchObject({ name, ...members });
      expect(texts).toHaveLength(4);
      await expect
        .poll(() => ledgerEntry(server, $metadata.requestId!), ARRIVAL)
        .toMatchObject({
          ...{ Status: 'cut', ErrorCode: name, InputTokens: '100', OutputTokens: '4', ClientGone: false },
          // 100 x 3.30 + 4 x 16.50 USD per million.
          ...{ IsEstimated: false, CostUsd: '0.000396' },
        });
    };
    await Promise.all(DURING.map(breaks));
  });

  it('throws ModelTimeoutException out of a native stream that has begun', async () => {
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'hello' }],
      simulate: { error: { name: 'ModelTimeoutException', afterTokens: 2 } },
    });
    const answer = await bedrock.send(new InvokeModelWithResponseStreamCommand({ modelId: SONNET, body }));
    const types: string[] = [];
    const reading = (async () => {
      for await (const { chunk } of answer.body!) types.push(JSON.parse(Buffer.from(chunk!.bytes!).toString()).type);
    })();
    await expect(reading).rejects.toThrow(ModelTimeoutException);
    expect(types).toEqual(['message_start', 'content_block_start', 'content_block_delta', 'content_block_delta']);
  });

  it('takes a name that means nothing for invalid, and a well-formed ARN for missing', async () => {
    const call = (modelId: string) => bedrock.send(new ConverseCommand(ask({}, modelId)));
    for (const modelId of ['no-such-model', 'anthropic.claude-99', `eu.${SONNET}`, 'us.amazon.nova-9']) {
      await expect(call(modelId)).rejects.toMatchObject({
        ...{ name: 'ValidationException', message: 'The provided model identifier is invalid.' },
        $metadata: { httpStatusCode: 400 },
      });
    }
    await expect(call('arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-99')).rejects.toThrow(
      ResourceNotFoundException,
    );
  });

  it('is told what is wrong with a conversation', async () => {
    const send = (input: Partial<ConverseCommandInput>) => bedrock.send(new ConverseCommand({ ...ask(), ...input }));
    await expect(send({ messages: [] })).rejects.toThrow(ValidationException);
    const role = 'assistant' as const;
    await expect(send({ messages: [{ role, content: [{ text: 'I begin' }] }] })).rejects.toThrow(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
    await expect(send({ inferenceConfig: { temperature: 2 } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(
        /^1 validation error detected: Value '2(\.0)?' at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1$/,
      ),
    });
    await expect(send({ additionalModelRequestFields: { simulate: { inputTokens: -1 } } })).rejects.toThrow(
      ValidationException,
    );
  });
});

describe('calls that never reach a model', () => {
  it('are in no bill', async () => {
    const config = await newUser(server.admin, 'refused', { statements: [INVOKE] });
    const bedrock = new BedrockRuntimeClient({ ...config, maxAttempts: 1 });
    const stranger = { ...config.credentials, secretAccessKey: 'guessed' };
    const impostor = new BedrockRuntimeClient({ ...config, credentials: stranger, maxAttempts: 1 });
    await expect(bedrock.send(new ConverseCommand(ask({}, 'no-such-model')))).rejects.toThrow(ValidationException);
    await expect(bedrock.send(new ConverseCommand({ ...ask(), messages: [] }))).rejects.toThrow(ValidationException);
    await expect(impostor.send(new ConverseCommand(ask()))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    });
    const { $metadata } = await bedrock.send(new ConverseCommand(ask()));
    await expect.poll(() => ledgerEntry(server, $metadata.requestId!), ARRIVAL).toBeDefined();
    const entries = await ledger(server, { Principal: `arn:aws:iam::${ACCOUNT}:user/refused` });
    expect(entries.map(({ RequestId }) => RequestId)).toEqual([$metadata.requestId]);
    bedrock.destroy();
    impostor.destroy();
  });
});

describe('calls that the SDK repeats', () => {
  it('are calls of their own, each with its id', async () => {
    const config = await newUser(server.admin, 'repeating', { statements: [INVOKE] });
    const bedrock = new BedrockRuntimeClient({ ...config, maxAttempts: 3 });
    const error = await bedrock
      .send(new ConverseCommand(ask({ error: { name: 'ServiceUnavailableException' } })))
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ServiceUnavailableException);
    expect(error.$metadata.attempts).toBe(3);
    const entries = () => ledger(server, { Principal: `arn:aws:iam::${ACCOUNT}:user/repeating` });
    await expect.poll(entries, ARRIVAL).toHaveLength(3);
    expect((await entries()).map(({ ErrorCode }) => ErrorCode)).toEqual(Array(3).fill('ServiceUnavailableException'));
    bedrock.destroy();
  });
});
