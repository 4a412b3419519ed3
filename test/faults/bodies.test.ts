import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { callAs, callAsAdmin } from './principals.ts';
import {
  converseCall,
  errorOf,
  headText,
  iamCall,
  jsonCall,
  MODEL,
  queryCall,
  type RawRequest,
  rawConnection,
  restCall,
  send,
  sendHttp2,
  signed,
  stsCall,
  type WireError,
} from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';

/** As `BODY_BYTES_MAX` of the HTTP server. */
const BODY_BYTES_MAX = 26_000_000;
/** Enough to be on its way still when the answer is. */
const TOO_LARGE = Buffer.alloc(BODY_BYTES_MAX + 15_000_000, 'x');
const CONVERSE = `/model/${MODEL}/converse`;
const INVOKE = `/model/${MODEL}/invoke`;
const GET_COST = 'AWSInsightsIndexService.GetCostAndUsage';

let server: TestServer;
/** Ids of the inference calls that were answered with 200. */
const answered = new Set<unknown>();

beforeAll(async () => {
  server = watch(await startServer());
});
afterAll(async () => {
  expect(server.output()).not.toContain('"msg":"bug"');
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

async function refused(service: string, request: RawRequest): Promise<WireError> {
  return errorOf(await callAs(server, server.admin.credentials, service, request));
}

function asAdmin(service: string, request: RawRequest): RawRequest {
  return signed(server.url, request, { service, keys: server.admin.credentials });
}

async function expectAnswers(): Promise<void> {
  await callAsAdmin(server, 'sts', stsCall('GetCallerIdentity'));
}

/** Requests in the journal that have not ended; the server's own word. */
async function requestsInFlight(): Promise<string | undefined> {
  const { text } = await callAsAdmin(server, 'tallyline', jsonCall('Tallyline.GetDiagnosis', {}));
  return /(\d+) requests in flight/.exec(text)?.[1];
}

async function listedRequests(): Promise<Set<unknown>> {
  const { text } = await callAsAdmin(server, 'tallyline', jsonCall('Tallyline.ListRequests', { MaxResults: 1_000 }));
  return new Set(
    (JSON.parse(text) as { Requests: { RequestId: string }[] }).Requests.map(({ RequestId }) => RequestId),
  );
}

describe('a body over the limit', () => {
  const message = `The request body is larger than ${BODY_BYTES_MAX} bytes.`;
  const cases = [
    ['query', 'RequestEntityTooLarge', () => asAdmin('sts', stsCall('GetCallerIdentity'))],
    ['json', 'RequestEntityTooLargeException', () => asAdmin('ce', jsonCall(GET_COST, {}))],
    ['rest', 'RequestEntityTooLargeException', () => asAdmin('bedrock', converseCall())],
  ] as const;

  it.each(cases)('is refused from its declared length alone (%s)', async (_, code, make) => {
    const connection = await rawConnection(server.url);
    connection.socket.write(headText(make(), { 'content-length': String(BODY_BYTES_MAX + 1) }));
    await expect.poll(connection.received).toContain(message);
    expect(connection.received()).toMatch(/^HTTP\/1\.1 413 /);
    expect(connection.received()).toContain(code);
    connection.socket.destroy();
  });

  it.each(cases)('is refused while it comes in chunks, and the client gets to read why (%s)', async (_, code, make) => {
    const request = { ...make(), body: TOO_LARGE };
    const chunked = { ...request, headers: { ...request.headers, 'transfer-encoding': 'chunked' } };
    expect(errorOf(await send(server.url, chunked))).toEqual({ status: 413, code, message });
  });

  it.each(cases)(
    'is refused when all of it was sent at once, and the client gets to read why (%s)',
    async (_, code, make) => {
      const request = { ...make(), body: TOO_LARGE };
      expect(errorOf(await send(server.url, request))).toEqual({ status: 413, code, message });
      expect(errorOf(await sendHttp2(server.url, request))).toEqual({ status: 413, code, message });
    },
  );

  it('is no reason to close an HTTP/2 connection, nor to remember anything', async () => {
    await expectAnswers();
    expect(await requestsInFlight()).toBe('0');
  });
});

describe('a body within the limit', () => {
  it('of 20 MB is accepted by InvokeModel over HTTP/1.1 and HTTP/2', async () => {
    const image = Buffer.alloc(15_000_000, 7).toString('base64');
    const source = { type: 'base64', media_type: 'image/png', data: image };
    const content = [
      { type: 'image', source },
      { type: 'text', text: 'what is this?' },
    ];
    const simulate = { inputTokens: 11, outputTokens: 3 };
    const input = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 10,
      messages: [{ role: 'user', content }],
      simulate,
    };
    const request = restCall(INVOKE, input);
    expect(request.body.length).toBeGreaterThan(20_000_000);
    for (const answer of [
      await send(server.url, asAdmin('bedrock', request)),
      await sendHttp2(server.url, asAdmin('bedrock', request)),
    ]) {
      expect(answer.status).toBe(200);
      answered.add(answer.headers['x-amzn-requestid']);
      expect(answer.headers['x-amzn-bedrock-input-token-count']).toBe('11');
    }
  });
});

describe('a body that is cut off', () => {
  it('is dropped when the client goes: nothing is admitted, nothing answered', async () => {
    for (const request of [asAdmin('bedrock', converseCall()), asAdmin('sts', stsCall('GetCallerIdentity'))]) {
      const connection = await rawConnection(server.url);
      connection.socket.write(headText(request, { 'content-length': '10000' }));
      connection.socket.write(request.body);
      connection.socket.end();
      await connection.closed;
      expect(connection.received()).not.toContain(' 200 ');
    }
    expect(await requestsInFlight()).toBe('0');
  });

  it('occupies its own connection alone while the client keeps it open', async () => {
    const request = asAdmin('bedrock', converseCall());
    const connections = await Promise.all(Array.from({ length: 50 }, () => rawConnection(server.url)));
    for (const { socket } of connections) {
      socket.write(headText(request, { 'content-length': '10000' }));
      socket.write(request.body);
    }
    await expectAnswers();
    expect(await requestsInFlight()).toBe('0');
    for (const { socket, received } of connections) {
      expect(received()).toBe('');
      socket.destroy();
    }
    await expectAnswers();
  });
});

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const INVALID_UTF8 = Buffer.concat([
  Buffer.from('{"messages":"'),
  Buffer.from([0xff, 0xfe, 0xc0, 0x80]),
  Buffer.from('"}'),
]);
const hello = { role: 'user', content: [{ text: 'hello' }] };

describe('a body that is not what the operation takes', () => {
  const serialization = (message: string) => ({ status: 400, code: 'SerializationException', message });
  const notAllowed = (message: string) => ({ status: 400, code: 'ValidationException', message });
  const START =
    'A conversation must start with a user message. Try again with a conversation that starts with a user message.';

  it.each<[what: string, body: object | string | Buffer, expected: object]>([
    ['nothing', '', notAllowed(START)],
    ['an empty object', {}, notAllowed(START)],
    ['half an object', '{"messages":', serialization('Malformed JSON')],
    ['a form', 'Action=Converse', serialization('Malformed JSON')],
    ['a list', '[]', serialization('Start of list found where not expected')],
    ['a string', '"x"', serialization('Expected null')],
    ['a number', '5', serialization('Expected null')],
    ['null', 'null', serialization('Expected null')],
    ['bytes that are not UTF-8', INVALID_UTF8, serialization('Invalid UTF-8')],
    ['10,000 nested lists', nested(10_000), serialization('Start of list found where not expected')],
    [
      '10,000 nested lists as messages',
      `{"messages":${nested(10_000)}}`,
      serialization('Start of list found where not expected'),
    ],
    [
      '10,000 nested lists in a document',
      `{"additionalModelRequestFields":{"a":${nested(10_000)}}}`,
      serialization('Maximum nesting depth exceeded'),
    ],
    ['a string for a list', { messages: 'hello' }, serialization('Expected list or null')],
    ['an object for a list', { messages: {} }, serialization('Start of structure or map found where not expected.')],
    [
      'a list for a string',
      { messages: [{ role: [], content: [] }] },
      serialization('Start of list found where not expected'),
    ],
    [
      'a number for a string',
      { messages: [{ role: 5, content: [] }] },
      serialization('NUMBER_VALUE can not be converted to a String'),
    ],
    [
      'a string for a number',
      { messages: [hello], inferenceConfig: { maxTokens: '5' } },
      serialization('STRING_VALUE can not be converted to an Integer'),
    ],
    [
      'a fraction for an integer',
      { messages: [hello], inferenceConfig: { maxTokens: 1.5 } },
      serialization('DECIMAL_VALUE can not be converted to an Integer'),
    ],
    [
      'more than an integer holds',
      { messages: [hello], inferenceConfig: { maxTokens: 2 ** 31 } },
      serialization('NUMBER_VALUE can not be converted to an Integer'),
    ],
    [
      'a number beyond all floats',
      '{"inferenceConfig":{"temperature":1e999}}',
      serialization('DECIMAL_VALUE can not be converted to a Double'),
    ],
    [
      'an unknown role',
      { messages: [{ ...hello, role: '__proto__' }] },
      { status: 400, code: 'ValidationException', message: expect.stringContaining("at 'messages.1.member.role'") },
    ],
    [
      'two members of a union',
      { messages: [{ role: 'user', content: [{ text: 'a', image: {} }] }] },
      serialization('Exactly one member of ContentBlock must be set'),
    ],
    [
      'base64 that is none',
      { messages: [{ role: 'user', content: [{ image: { format: 'png', source: { bytes: '***' } } }] }] },
      serialization('STRING_VALUE can not be converted to a Blob: Invalid Base64'),
    ],
  ])('to Converse: %s', async (_, body, expected) => {
    expect(await refused('bedrock', restCall(CONVERSE, body))).toEqual(expected);
  });

  it.each<[what: string, body: object | string | Buffer, message: unknown]>([
    ['nothing', '', 'Malformed input request, please reformat your input and try again.'],
    ['half an object', '{', 'Malformed input request, please reformat your input and try again.'],
    [
      'a list',
      '[]',
      'Malformed input request: #: expected type: JSONObject, found: JSONArray, please reformat your input and try again.',
    ],
    [
      '10,000 nested lists',
      `{"messages":${nested(10_000)}}`,
      'Malformed input request, please reformat your input and try again.',
    ],
    [
      'another version',
      { anthropic_version: 'x' },
      expect.stringMatching(/^Malformed input request: #\/anthropic_version: x is not a valid enum value/),
    ],
    [
      'no messages',
      { anthropic_version: 'bedrock-2023-05-31', max_tokens: 1 },
      expect.stringContaining('required key [messages] not found'),
    ],
    [
      'a huge number',
      '{"anthropic_version":"bedrock-2023-05-31","max_tokens":1e999,"messages":[]}',
      expect.stringContaining('#/max_tokens'),
    ],
  ])('to InvokeModel: %s', async (_, body, message) => {
    expect(await refused('bedrock', restCall(INVOKE, body))).toEqual({
      status: 400,
      code: 'ValidationException',
      message,
    });
  });

  it.each<[what: string, body: object | string | Buffer, expected: object]>([
    ['nothing', '', { code: 'ValidationException' }],
    ['half an object', '{', serialization('Malformed JSON')],
    ['a list', '[]', serialization('Start of list found where not expected')],
    ['bytes that are not UTF-8', INVALID_UTF8, serialization('Invalid UTF-8')],
    ['10,000 nested lists', `{"Filter":${nested(10_000)}}`, serialization('Start of list found where not expected')],
    [
      '10,000 nested filters',
      `{"Filter":${'{"Not":'.repeat(10_000)}{}${'}'.repeat(10_000)}}`,
      serialization('Maximum nesting depth exceeded'),
    ],
    ['a string for a structure', { TimePeriod: '2026' }, serialization('Expected null')],
    ['a huge number', '{"MaxResults":1e999}', { code: 'ValidationException' }],
  ])('to Cost Explorer: %s', async (_, body, expected) => {
    expect(await refused('ce', jsonCall(GET_COST, body))).toMatchObject({ status: 400, ...expected });
  });

  it.each<[what: string, fields: string, expected: object]>([
    ['no number for a number', 'DurationSeconds=x', { code: 'MalformedInput', message: undefined }],
    ['nothing for a number', 'DurationSeconds=', { code: 'MalformedInput', message: 'missing value for decimal type' }],
    ['more than an integer holds', 'DurationSeconds=99999999999', { code: 'MalformedInput', message: undefined }],
    [
      'a number beyond all floats',
      `DurationSeconds=${'9'.repeat(400)}`,
      { code: 'MalformedInput', message: undefined },
    ],
    ['a broken percent-encoding', 'RoleArn=%', { code: 'MalformedInput', message: 'Malformed percent-encoding' }],
    [
      'a percent-encoding that is not UTF-8',
      'RoleArn=%ff%fe',
      { code: 'MalformedInput', message: 'Malformed percent-encoding' },
    ],
    ['what IAM does not take', 'RoleArn=x&RoleSessionName=y', { code: 'ValidationError' }],
  ])('to STS: %s', async (_, fields, expected) => {
    const request = { ...stsCall('AssumeRole'), body: `Action=AssumeRole&Version=2011-06-15&${fields}` };
    expect(await refused('sts', request)).toMatchObject({ status: 400, ...expected });
  });

  it('in a form that is not UTF-8 is refused in the words of the protocol', async () => {
    const body = Buffer.concat([Buffer.from('Action=GetCallerIdentity&Version=2011-06-15&X='), Buffer.from([0xff])]);
    expect(await refused('sts', { ...stsCall('GetCallerIdentity'), body })).toMatchObject({
      status: 400,
      code: 'MalformedInput',
    });
  });
});

describe('names that JavaScript knows', () => {
  it('are only names, in bodies', async () => {
    const body =
      '{"__proto__":{"messages":[]},"constructor":{"prototype":{"x":1}},"messages":[{"role":"user","content":[{"text":"hello"}]}],' +
      '"additionalModelRequestFields":{"__proto__":{"simulate":{"inputTokens":7}},"toString":1,"simulate":{"inputTokens":5,"outputTokens":2}},' +
      '"requestMetadata":{"__proto__":"x","constructor":"y","toString":"z"}}';
    const answer = await callAsAdmin(server, 'bedrock', restCall(CONVERSE, body));
    answered.add(answer.headers['x-amzn-requestid']);
    expect(JSON.parse(answer.text)).toMatchObject({ usage: { inputTokens: 5, outputTokens: 2 } });
    const filter = {
      ...(JSON.parse('{"__proto__":{"and":[]}}') as object),
      key: { dimension: '__proto__' },
      equalsAny: ['x'],
    };
    const report = { Start: '2026-01-01T00:00:00Z', End: '2026-01-02T00:00:00Z', Granularity: 'TOTAL', Filter: filter };
    expect(await refused('tallyline', jsonCall('Tallyline.GetReport', report))).toMatchObject({
      status: 400,
      code: 'QueryInvalid',
    });
  });

  it('are only names, in forms and tags', async () => {
    const tags = {
      'Tags.member.1.Key': '__proto__',
      'Tags.member.1.Value': 'a',
      'Tags.member.2.Key': 'constructor',
      'Tags.member.2.Value': 'b',
    };
    const { text } = await callAsAdmin(
      server,
      'iam',
      iamCall('CreateUser', { UserName: 'constructor', ...tags, '__proto__.x': 'y' }),
    );
    expect(text).toContain('<Key>__proto__</Key>');
    expect(await refused('iam', iamCall('GetUser', { UserName: 'toString' }))).toMatchObject({
      status: 404,
      code: 'NoSuchEntity',
    });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('are no operations: %s', async (name) => {
    expect((await refused('sts', stsCall(name))).code).toBe('InvalidAction');
    expect((await refused('ce', jsonCall(`AWSInsightsIndexService.${name}`, {}))).code).toBe(
      'UnknownOperationException',
    );
    expect((await refused('ce', jsonCall(`${name}.${name}`, {}))).code).toBe('UnknownOperationException');
    expect((await refused('bedrock', restCall(`/model/${name}/${name}`, {}))).code).toBe('UnknownOperationException');
    expect((await refused('bedrock', converseCall({}, name))).code).toBe('ValidationException');
  });
});

describe('a form', () => {
  it('with a name twice counts the first', async () => {
    const body = 'Action=GetCallerIdentity&Action=GetSessionToken&Version=2011-06-15&Version=2010-05-08';
    expect((await callAsAdmin(server, 'sts', { ...stsCall('GetCallerIdentity'), body })).text).toContain(
      '<GetCallerIdentityResponse',
    );
  });

  it('with 100,000 fields is refused, whether they are many or the same again and again', async () => {
    const numbered = Array.from({ length: 100_000 }, (_, index) => `TagKeys.member.${index}=x`).join('&');
    for (const fields of [numbered, 'x=y&'.repeat(100_000)]) {
      const body = `Action=GetCallerIdentity&Version=2011-06-15&${fields}`;
      const expected = { status: 400, code: 'MalformedInput', message: 'Too many parameters' };
      expect(await refused('sts', { ...stsCall('GetCallerIdentity'), body })).toEqual(expected);
    }
  });
});

describe('what does not exist', () => {
  it('is told apart in the words of each protocol', async () => {
    const unknownOperation = { status: 404, code: 'UnknownOperationException', message: undefined };
    expect(await refused('sts', stsCall('Nothing'))).toEqual({
      status: 400,
      code: 'InvalidAction',
      message: 'Could not find operation Nothing for version 2011-06-15',
    });
    expect(await refused('sts', queryCall('GetCallerIdentity', '1999-01-01'))).toEqual({
      status: 400,
      code: 'InvalidAction',
      message: 'Could not find operation GetCallerIdentity for version 1999-01-01',
    });
    const noVersion = { ...stsCall('x'), body: 'Action=GetCallerIdentity' };
    expect(await refused('sts', noVersion)).toEqual({
      status: 400,
      code: 'InvalidAction',
      message: 'Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED',
    });
    expect(await refused('ce', jsonCall('AWSInsightsIndexService.Nothing', {}))).toEqual({
      ...unknownOperation,
      status: 400,
    });
    expect(await refused('ce', jsonCall('Nothing.GetCostAndUsage', {}))).toEqual({ ...unknownOperation, status: 400 });
    expect(await refused('ce', jsonCall('', {}))).toEqual({ ...unknownOperation, status: 400 });
    expect(await refused('bedrock', restCall('/nothing/here', {}))).toEqual(unknownOperation);
    expect(await refused('bedrock', { ...converseCall(), method: 'DELETE' })).toEqual(unknownOperation);
    expect(await refused('bedrock', restCall('/model/%/converse', {}))).toMatchObject({
      status: 400,
      code: 'SerializationException',
    });
  });

  it("as a model or a role has AWS's words", async () => {
    const invalid = { status: 400, code: 'ValidationException', message: 'The provided model identifier is invalid.' };
    const notFound = {
      status: 404,
      code: 'ResourceNotFoundException',
      message: 'Could not resolve the foundation model from the provided model identifier.',
    };
    const profile = (region: string, account: string) =>
      `arn:aws:bedrock:${region}:${account}:inference-profile/us.${MODEL}`;
    const { accessKeyId } = server.admin.credentials;
    expect(accessKeyId).toMatch(/^AKIA/);
    expect(await refused('bedrock', converseCall({}, 'anthropic.claude-of-tomorrow'))).toEqual(invalid);
    expect(await refused('bedrock', converseCall({}, 'xx.anthropic.claude-sonnet-4-6'))).toEqual(invalid);
    expect(await refused('bedrock', converseCall({}, profile('eu-west-1', '123456789012')))).toEqual(invalid);
    expect(await refused('bedrock', converseCall({}, profile('us-east-1', '999999999999')))).toEqual(notFound);
    expect(
      await refused('bedrock', converseCall({}, 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.nothing')),
    ).toEqual(notFound);
    expect(await refused('bedrock', converseCall({}, 'x'.repeat(3_000)))).toMatchObject({
      status: 400,
      code: 'ValidationException',
    });
    const role = (account: string) =>
      stsCall('AssumeRole', { RoleArn: `arn:aws:iam::${account}:role/nobody`, RoleSessionName: 'session' });
    for (const account of ['123456789012', '999999999999']) {
      const message = `User: arn:aws:iam::123456789012:user/admin is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${account}:role/nobody`;
      expect(await refused('sts', role(account))).toEqual({ status: 403, code: 'AccessDenied', message });
    }
  });
});

describe('the ledger', () => {
  it('has the calls that were answered, and nothing of those that were refused', async () => {
    const last = await callAsAdmin(server, 'bedrock', converseCall());
    answered.add(last.headers['x-amzn-requestid']);
    await expect.poll(listedRequests, { timeout: 20_000 }).toEqual(answered);
  });
});
