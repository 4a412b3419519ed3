import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  BedrockClient,
  DeleteModelInvocationLoggingConfigurationCommand,
  GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL } from './ledger.ts';
import { ACCOUNT, INVOKE, newUser } from './principals.ts';

const MODEL = 'us.anthropic.claude-sonnet-4-6';
const BUCKET = 'invocations';

interface LogRecord {
  readonly requestId: string;
  readonly operation: string;
  readonly identity: { readonly arn: string };
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any form
  readonly input: any;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any form
  readonly output: any;
  readonly requestMetadata?: Readonly<Record<string, string>>;
}

describe('the model invocation log', () => {
  let server: TestServer;
  let ana: ClientConfig;
  let control: BedrockClient;

  beforeAll(async () => {
    server = await startServer({
      config: { invocationLog: { redact: ['email', 'card'], inlineBytesMax: 4_000, flushSeconds: 0.05 } },
    });
    ana = await newUser(server.admin, 'ana', { statements: [INVOKE] });
    control = new BedrockClient(server.admin);
  }, 60_000);
  afterAll(async () => {
    control.destroy();
    expect(await server.stop()).toBe(0);
    removeFolders();
  });

  const folder = () =>
    join(server.data, 'exports', BUCKET, `logs/AWSLogs/${ACCOUNT}/BedrockModelInvocationLogs/us-east-1`);

  function files(): string[] {
    return readdirSync(folder(), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json.gz'));
  }

  function records(): LogRecord[] {
    return files()
      .filter((name) => !name.includes('data/'))
      .flatMap((name) =>
        gunzipSync(readFileSync(join(folder(), name)))
          .toString()
          .trim()
          .split('\n'),
      )
      .map((line) => JSON.parse(line));
  }

  async function recordOf(requestId: string | undefined): Promise<LogRecord> {
    await expect.poll(() => records().some((record) => record.requestId === requestId), ARRIVAL).toBe(true);
    return records().find((record) => record.requestId === requestId)!;
  }

  const converse = (text: string) => ({
    modelId: MODEL,
    messages: [{ role: 'user' as const, content: [{ text }] }],
  });

  it('is off until it is switched on, and proves that it can write before it is', async () => {
    const runtime = new BedrockRuntimeClient(ana);
    await runtime.send(new ConverseCommand(converse('nobody logs this')));
    expect((await control.send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig).toBeUndefined();
    const loggingConfig = { s3Config: { bucketName: BUCKET, keyPrefix: 'logs' }, imageDataDeliveryEnabled: false };
    await control.send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig }));
    expect(await control.send(new GetModelInvocationLoggingConfigurationCommand({}))).toMatchObject({
      loggingConfig: { ...loggingConfig, textDataDeliveryEnabled: true, embeddingDataDeliveryEnabled: true },
    });
    expect(readdirSync(folder())).toEqual(['amazon-bedrock-logs-permission-check']);
    const elsewhere = new BedrockClient({ ...ana });
    await expect(elsewhere.send(new GetModelInvocationLoggingConfigurationCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const cloudWatchConfig = { logGroupName: 'group', roleArn: `arn:aws:iam::${ACCOUNT}:role/x` };
    await expect(
      control.send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig: { cloudWatchConfig } })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    runtime.destroy();
    elsewhere.destroy();
  });

  it('has AWS’s record of every call: who, what, both bodies, tokens and annotations', async () => {
    const runtime = new BedrockRuntimeClient(ana);
    const simulate = { simulate: { inputTokens: 11, outputTokens: 7 } };
    const whole = await runtime.send(
      new ConverseCommand({
        ...converse('mail ana@example.com the card 4111 1111 1111 1111'),
        ...{ requestMetadata: { ticket: 'T-1' }, additionalModelRequestFields: simulate },
      }),
    );
    const record = await recordOf(whole.$metadata.requestId);
    expect(record).toMatchObject({
      schemaType: 'ModelInvocationLog',
      schemaVersion: '1.0',
      accountId: ACCOUNT,
      region: 'us-east-1',
      identity: { arn: `arn:aws:iam::${ACCOUNT}:user/ana` },
      operation: 'Converse',
      modelId: MODEL,
      requestMetadata: { ticket: 'T-1' },
      input: {
        inputContentType: 'application/json',
        inputBodyJson: { messages: [{ content: [{ text: 'mail [email] the card [card]' }] }] },
        inputTokenCount: 11,
      },
      output: { outputBodyJson: { usage: { inputTokens: 11 } }, outputTokenCount: 7 },
    });

    const streamed = await runtime.send(
      new ConverseStreamCommand({ ...converse('stream'), additionalModelRequestFields: simulate }),
    );
    for await (const _ of streamed.stream!);
    const { output } = await recordOf(streamed.$metadata.requestId);
    expect(output.outputBodyJson[0]).toEqual({ messageStart: { role: 'assistant' } });
    expect(output.outputBodyJson.at(-1).metadata.usage).toMatchObject({ inputTokens: 11, outputTokens: 7 });
    runtime.destroy();
  });

  it('puts a large body into an object of its own', async () => {
    const runtime = new BedrockRuntimeClient(ana);
    const body = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 5 };
    const messages = [{ role: 'user', content: 'x'.repeat(10_000) }];
    const command = new InvokeModelCommand({ modelId: MODEL, body: JSON.stringify({ ...body, messages }) });
    const { $metadata } = await runtime.send(command);
    const { input } = await recordOf($metadata.requestId);
    const uri = `s3://${BUCKET}/`;
    expect(input).toMatchObject({ inputBodyS3Path: expect.stringMatching(`^${uri}logs/.*data/.*_input[.]json[.]gz$`) });
    const file = join(server.data, 'exports', BUCKET, input.inputBodyS3Path.slice(uri.length));
    expect(JSON.parse(gunzipSync(readFileSync(file)).toString()).messages).toEqual(messages);
    runtime.destroy();
  });

  it('has a failed call with its error, and ends when it is switched off', async () => {
    const runtime = new BedrockRuntimeClient({ ...ana, maxAttempts: 1 });
    const simulate = { simulate: { error: { name: 'ModelErrorException' } } };
    const failed = await runtime
      .send(new ConverseCommand({ ...converse('fails'), additionalModelRequestFields: simulate }))
      .catch((error) => error);
    expect(await recordOf(failed.$metadata.requestId)).toMatchObject({ errorCode: 'ModelErrorException' });
    await control.send(new DeleteModelInvocationLoggingConfigurationCommand({}));
    const before = records().length;
    const after = await runtime.send(new ConverseCommand(converse('after')));
    expect(await server.stop()).toBe(0);
    expect(records().length).toBe(before);
    expect(records().some(({ requestId }) => requestId === after.$metadata.requestId)).toBe(false);
    runtime.destroy();
  });
});
