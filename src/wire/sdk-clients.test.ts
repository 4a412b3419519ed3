import { Readable } from 'node:stream';
import * as bcmDataExports from '@aws-sdk/client-bcm-data-exports';
import { BCMDataExportsClient } from '@aws-sdk/client-bcm-data-exports';
import * as bedrock from '@aws-sdk/client-bedrock';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import * as bedrockAgentRuntime from '@aws-sdk/client-bedrock-agent-runtime';
import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import * as bedrockRuntime from '@aws-sdk/client-bedrock-runtime';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ModelErrorException,
  ThrottlingException,
} from '@aws-sdk/client-bedrock-runtime';
import * as budgets from '@aws-sdk/client-budgets';
import { BudgetsClient } from '@aws-sdk/client-budgets';
import * as cloudTrail from '@aws-sdk/client-cloudtrail';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import * as costExplorer from '@aws-sdk/client-cost-explorer';
import { CostExplorerClient, DataUnavailableException, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import * as iam from '@aws-sdk/client-iam';
import { CreateUserCommand, EntityAlreadyExistsException, IAMClient, TagUserCommand } from '@aws-sdk/client-iam';
import * as organizations from '@aws-sdk/client-organizations';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import * as sts from '@aws-sdk/client-sts';
import { AssumeRoleCommand, ExpiredTokenException, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { decodeInput } from './decode.ts';
import { encodeOutput } from './encode.ts';
import { encodeFault } from './encode-fault.ts';
import type { WireRequest, WireResponse } from './exchange.ts';
import { modelOf, type OperationModel } from './model.ts';
import { sampleStructure } from './model-sample.fixture.ts';
import type { ServiceId } from './operation.ts';
import { dialectOf, route } from './route.ts';
import { hasAuthorization, readAuthorization, SigningKeyCache, verifySignature } from './sigv4.ts';
import { wireRequest } from './wire-request.fixture.ts';

const REQUEST_ID = '01234567-89ab-cdef-0123-456789abcdef';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session+/=' };
const SIGNING_NAMES: Partial<Record<ServiceId, string>> = {
  'bedrock-runtime': 'bedrock',
  'bedrock-agent-runtime': 'bedrock',
};

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Stands in for the network: hands the client's request to a function and the answer back to the client. */
class Loopback {
  readonly metadata: { readonly handlerProtocol: string };
  readonly #answer: (request: WireRequest) => WireResponse;

  constructor(answer: (request: WireRequest) => WireResponse, handlerProtocol = 'http/1.1') {
    this.#answer = answer;
    this.metadata = { handlerProtocol };
  }

  async handle(sent: SentRequest) {
    const query = Object.entries(sent.query).flatMap(([name, value]) =>
      [value ?? ''].flat().map((text) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`),
    );
    const request = wireRequest({
      method: sent.method,
      path: sent.path,
      query: query.join('&'),
      headers: Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: typeof sent.body === 'object' ? Buffer.concat([sent.body]) : Buffer.from(sent.body ?? ''),
    });
    const { status, headers, body } = this.#answer(request);
    const chunks = typeof body === 'string' || Buffer.isBuffer(body) ? [Buffer.from(body)] : body;
    return { response: { statusCode: status, headers, body: Readable.from(chunks, { objectMode: false }) } };
  }

  updateHttpClientConfig(): void {}
  httpHandlerConfigs() {
    return {};
  }
}

/** Verifies, decodes and answers as the server will. */
function serve(output: (input: unknown, operation: string) => unknown): (request: WireRequest) => WireResponse {
  return (request) => {
    try {
      const routed = route(request);
      const { service, isUnsigned, name } = routed.operation;
      expect(hasAuthorization(request)).toBe(!isUnsigned);
      if (!isUnsigned) {
        const expected = {
          service: SIGNING_NAMES[service] ?? service,
          regions: new Set(['us-east-1']),
          skewMs: 60_000,
        };
        const authorization = readAuthorization(request, expected, Date.now());
        expect(authorization.sessionToken).toBe(CREDENTIALS.sessionToken);
        verifySignature(authorization, request, CREDENTIALS.secretAccessKey, new SigningKeyCache());
      }
      return encodeOutput(routed.operation, output(decodeInput(routed, request), name), REQUEST_ID);
    } catch (error) {
      return encodeFault(dialectOf(request), error, REQUEST_ID);
    }
  };
}

function configuration(answer: (request: WireRequest) => WireResponse, handlerProtocol?: string) {
  return {
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:4600',
    credentials: CREDENTIALS,
    maxAttempts: 1,
    requestHandler: new Loopback(answer, handlerProtocol) as never,
  };
}

interface Client {
  send(command: unknown): Promise<Record<string, unknown>>;
}

type Commands = Readonly<Record<string, new (input: unknown) => unknown>>;
type ClientConstructor = new (configuration: unknown) => Client;

const SDK: readonly [ServiceId, ClientConstructor, Commands][] = [
  ['sts', STSClient as unknown as ClientConstructor, sts as unknown as Commands],
  ['iam', IAMClient as unknown as ClientConstructor, iam as unknown as Commands],
  ['ce', CostExplorerClient as unknown as ClientConstructor, costExplorer as unknown as Commands],
  ['budgets', BudgetsClient as unknown as ClientConstructor, budgets as unknown as Commands],
  ['bcm-data-exports', BCMDataExportsClient as unknown as ClientConstructor, bcmDataExports as unknown as Commands],
  ['organizations', OrganizationsClient as unknown as ClientConstructor, organizations as unknown as Commands],
  ['cloudtrail', CloudTrailClient as unknown as ClientConstructor, cloudTrail as unknown as Commands],
  ['bedrock', BedrockClient as unknown as ClientConstructor, bedrock as unknown as Commands],
  ['bedrock-runtime', BedrockRuntimeClient as unknown as ClientConstructor, bedrockRuntime as unknown as Commands],
  [
    'bedrock-agent-runtime',
    BedrockAgentRuntimeClient as unknown as ClientConstructor,
    bedrockAgentRuntime as unknown as Commands,
  ],
];

describe('every operation, from the SDK client and back', () => {
  for (const [service, Client, commands] of SDK) {
    const operations = modelOf(service)
      .operationNames.map((name) => modelOf(service).operation(name)!)
      .filter((operation) => !isStreaming(operation));

    it.each(operations.map((operation) => [operation.name, operation] as const))(
      `${service} %s`,
      async (name, operation) => {
        const Command = commands[`${name}Command`];
        if (!Command) throw new Error('the SDK does not know it');
        const input = sampleStructure(operation.input);
        const output = sampleStructure(operation.output);
        let decoded: unknown;
        const client = new Client(
          configuration(
            serve((received) => {
              decoded = received;
              return output;
            }),
          ),
        );
        const { $metadata, ...returned } = await client.send(new Command(input));
        expect($metadata).toMatchObject({ httpStatusCode: operation.http?.status ?? 200, requestId: REQUEST_ID });
        expect(comparable(decoded)).toEqual(comparable(input));
        expect(comparable(returned)).toEqual(comparable(output));
      },
    );
  }
});

function isStreaming(operation: OperationModel): boolean {
  return [...operation.input.members, ...operation.output.members].some(
    (member) => member.binding?.at === 'payload' && member.shape.kind === 'union',
  );
}

/** The SDK has its own classes for bytes and numbers in strings; the content is what counts. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { date: value.toISOString() };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, comparable(entry)]));
}

describe('Bedrock Runtime', () => {
  const MODEL = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.x-v1:0';

  it('is called over HTTP/2 with :authority signed', async () => {
    let path = '';
    const answer = serve(() => ({
      output: { message: { role: 'assistant', content: [{ text: 'hi' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      metrics: { latencyMs: 1 },
    }));
    const handler = (request: WireRequest) => {
      path = request.path;
      expect(request.headers).not.toHaveProperty('host');
      return answer(request);
    };
    const client = new BedrockRuntimeClient(configuration(handler, 'h2'));
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    const { output } = await client.send(new ConverseCommand({ modelId: MODEL, messages }));
    expect(output?.message?.content).toEqual([{ text: 'hi' }]);
    expect(path).toBe(`/model/${encodeURIComponent(MODEL)}/converse`);
  });

  it('streams Converse', async () => {
    const events = [
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'h\u00e4\u{1f600}' } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'end_turn', additionalModelResponseFields: { a: [null] } } },
      { metadata: { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 }, metrics: { latencyMs: 4 } } },
    ];
    const client = new BedrockRuntimeClient(configuration(serve(() => ({ stream: fromArray(events) }))));
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: MODEL, messages: [] }));
    const seen: unknown[] = [];
    for await (const event of stream!) seen.push(event);
    expect(seen).toEqual(events);
  });

  it('streams InvokeModel, with its headers', async () => {
    const chunk = Buffer.from('{"type":"message_start"}');
    const output = { body: fromArray([{ chunk: { bytes: chunk } }]), contentType: 'application/json' };
    const client = new BedrockRuntimeClient(configuration(serve(() => output)));
    const answer = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: '{}' }));
    expect(answer.contentType).toBe('application/json');
    for await (const event of answer.body!) expect(Buffer.from(event.chunk!.bytes!)).toEqual(chunk);
  });

  it('names a fault in the middle of a stream', async () => {
    async function* broken() {
      yield { messageStart: { role: 'assistant' } };
      throw new Fault('ThrottlingException', 'Too many tokens', { usage: { inputTokens: 1 } });
    }
    const client = new BedrockRuntimeClient(configuration(serve(() => ({ stream: broken() }))));
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: MODEL, messages: [] }));
    const seen: unknown[] = [];
    const error = await (async () => {
      for await (const event of stream!) seen.push(event);
    })().catch((thrown: unknown) => thrown);
    expect(seen).toEqual([{ messageStart: { role: 'assistant' } }]);
    expect(error).toBeInstanceOf(ThrottlingException);
    expect(error).toMatchObject({ message: 'Too many tokens' });
  });

  it('passes the body of InvokeModel on untouched, and its headers', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x00, 0x22]);
    let input: unknown;
    const client = new BedrockRuntimeClient(
      configuration(
        serve((received) => {
          input = received;
          return { body, contentType: 'application/json', serviceTier: 'flex' };
        }),
      ),
    );
    const requestMetadata = '{"team":"a"}';
    const command = new InvokeModelCommand({ modelId: 'x.y', body, accept: '*/*', requestMetadata } as never);
    const answer = await client.send(command);
    expect(input).toEqual({
      modelId: 'x.y',
      body,
      accept: '*/*',
      contentType: 'application/octet-stream',
      requestMetadata,
    });
    expect(Buffer.from(answer.body!)).toEqual(body);
    expect(answer.serviceTier).toBe('flex');
  });
});

describe('faults reach the SDK as its own classes', () => {
  const failing = (fault: Fault) => configuration(() => encodeFault({ protocol: 'restJson' }, fault, REQUEST_ID));
  const through = (fault: Error) =>
    configuration(
      serve(() => {
        throw fault;
      }),
    );

  it('awsQuery', async () => {
    const exists = new Fault('EntityAlreadyExistsException', 'User with name <a&b> already exists.');
    const error = await caught(new IAMClient(through(exists)).send(new CreateUserCommand({ UserName: 'a' })));
    expect(error).toBeInstanceOf(EntityAlreadyExistsException);
    expect(error).toMatchObject({
      message: 'User with name <a&b> already exists.',
      $metadata: { httpStatusCode: 409, requestId: REQUEST_ID },
    });
  });

  it('awsQuery, an identity token that ran out and credentials that did', async () => {
    const command = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/x', RoleSessionName: 'me' });
    const modelled = new Fault('ExpiredIdentityTokenException', 'Token expired');
    expect(await caught(new STSClient(through(modelled)).send(command))).toBeInstanceOf(ExpiredTokenException);
    const session = new Fault('ExpiredTokenException', 'The security token included in the request is expired');
    expect(await caught(new STSClient(through(session)).send(command))).toMatchObject({
      name: 'ExpiredToken',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('awsJson, with the message under the name of the model', async () => {
    const fault = new Fault('DataUnavailableException', 'The requested data is unavailable.');
    const command = new GetCostAndUsageCommand({
      TimePeriod: { Start: '2026-01-01', End: '2026-02-01' },
      Granularity: 'DAILY',
      Metrics: ['UnblendedCost'],
    });
    const error = await caught(new CostExplorerClient(through(fault)).send(command));
    expect(error).toBeInstanceOf(DataUnavailableException);
    expect(error).toMatchObject({ message: 'The requested data is unavailable.' });
  });

  it('restJson, with further members', async () => {
    const fault = new Fault('ModelErrorException', 'it broke', { originalStatusCode: 503, secret: 'x' });
    const error = await caught(new BedrockRuntimeClient(through(fault)).send(new ConverseCommand({ modelId: 'a.b' })));
    expect(error).toBeInstanceOf(ModelErrorException);
    expect(error).toMatchObject({ message: 'it broke', originalStatusCode: 503, $metadata: { httpStatusCode: 424 } });
    expect(error).not.toHaveProperty('secret');
  });

  it('errors that no model names, by their code', async () => {
    const denied = new Fault('AccessDeniedException', 'User: a is not authorized');
    const command = new TagUserCommand({ UserName: 'a', Tags: [] });
    expect(await caught(new IAMClient(through(denied)).send(command))).toMatchObject({ name: 'AccessDenied' });
    const converse = new ConverseCommand({ modelId: 'a.b' });
    const unsigned = new Fault('InvalidSignatureException', 'no match');
    expect(await caught(new BedrockRuntimeClient(failing(unsigned)).send(converse))).toMatchObject({
      name: 'InvalidSignatureException',
      message: 'no match',
    });
  });

  it('bugs, without their message', async () => {
    const error = await caught(
      new STSClient(through(new TypeError('secret'))).send(new sts.GetCallerIdentityCommand({})),
    );
    expect(error).toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    expect(String(error)).not.toContain('secret');
  });
});

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
}

async function* fromArray<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
