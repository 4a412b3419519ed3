import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { decodeInput } from './decode.ts';
import type { WireRequest } from './exchange.ts';
import { route } from './route.ts';
import { formRequest, jsonRequest, restRequest } from './wire-request.fixture.ts';

const decode = (request: WireRequest) => decodeInput(route(request), request) as Record<string, unknown>;

function refusal(request: WireRequest): Pick<Fault, 'code' | 'message'> {
  try {
    decode(request);
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
}

const converse = (body: unknown) => restRequest('POST', '/model/a.b-v1%3A0/converse', body);
const user = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });
const getCost = (body: object) =>
  jsonRequest('AWSInsightsIndexService.GetCostAndUsage', {
    TimePeriod: { Start: '2026-01-01', End: '2026-02-01' },
    Granularity: 'DAILY',
    Metrics: ['UnblendedCost'],
    ...body,
  });

describe('JSON', () => {
  it('gives Dates, Buffers, and documents as they came', () => {
    const additionalModelRequestFields = { thinking: { budget: 1.5, none: null }, list: [null, [true]] };
    const image = { image: { format: 'png', source: { bytes: 'AQID' } } };
    const input = decode(converse({ ...user({ text: 'hi' }, image), additionalModelRequestFields }));
    expect(input).toEqual({
      modelId: 'a.b-v1:0',
      messages: [
        {
          role: 'user',
          content: [{ text: 'hi' }, { image: { format: 'png', source: { bytes: Buffer.from([1, 2, 3]) } } }],
        },
      ],
      additionalModelRequestFields,
    });
  });

  it.each<[unknown]>([
    [1_700_000_000.5],
    ['1700000000.5'],
    ['2023-11-14T22:13:20.5Z'],
    ['2023-11-14T23:13:20.5+01:00'],
  ])('reads the timestamp %s', (Start) => {
    const request = jsonRequest('AWSBudgetServiceGateway.CreateBudget', {
      AccountId: '123456789012',
      Budget: { BudgetName: 'b', TimeUnit: 'DAILY', BudgetType: 'COST', TimePeriod: { Start } },
    });
    expect(decode(request)).toMatchObject({ Budget: { TimePeriod: { Start: new Date(1_700_000_000_500) } } });
  });

  it('drops unknown members and nulls, and takes nothing from the body that travels elsewhere', () => {
    const input = decode(converse({ ...user(), modelId: 'evil', unknown: { a: 1 }, system: null }));
    expect(input).toEqual({ modelId: 'a.b-v1:0', messages: [{ role: 'user', content: [] }] });
    expect(decode(restRequest('GET', '/foundation-models', { byProvider: 'x' }))).toEqual({});
  });

  it('takes no body for an empty object', () => {
    expect(decode(restRequest('POST', '/model/a.b/converse'))).toEqual({ modelId: 'a.b' });
  });

  it('keeps __proto__ a key like any other', () => {
    const polluting = '"__proto__":{"polluted":1}';
    const metadata = '{"__proto__":"x","constructor":"y"}';
    const input = decode(
      converse(`{${polluting},"requestMetadata":${metadata},"additionalModelRequestFields":{${polluting}}}`),
    );
    expect(Object.keys(input.requestMetadata as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(input.requestMetadata)).toBe(Object.prototype);
    expect(JSON.stringify(input.additionalModelRequestFields)).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('takes exactly one member of a union, and no account of __type', () => {
    expect(decode(converse(user({ text: 'a', __type: 'x' })))).toMatchObject({
      messages: [{ content: [{ text: 'a' }] }],
    });
    const message = 'Exactly one member of ContentBlock must be set';
    for (const block of [{}, { text: 'a', cachePoint: { type: 'default' } }, { noSuchBlock: 1 }, { text: null }]) {
      expect(refusal(converse(user(block)))).toEqual({ code: 'SerializationException', message });
    }
  });

  it.each<[string, WireRequest, string]>([
    ['no JSON', converse('{"messages":'), 'Malformed JSON'],
    ['text after JSON', converse('{} {}'), 'Malformed JSON'],
    ['a list for the body', converse('[]'), 'Start of list found where not expected'],
    ['a text for the body', converse('"x"'), 'Expected null'],
    ['null for the body', converse('null'), 'Expected null'],
    ['a number for a text', getCost({ NextPageToken: 1 }), 'NUMBER_VALUE can not be converted to a String'],
    ['a fraction for a text', getCost({ NextPageToken: 1.5 }), 'DECIMAL_VALUE can not be converted to a String'],
    ['true for a text', getCost({ NextPageToken: true }), 'TRUE_VALUE can not be converted to a String'],
    ['a list for a text', getCost({ NextPageToken: [] }), 'Start of list found where not expected'],
    ['an object for a text', getCost({ NextPageToken: {} }), 'Start of structure or map found where not expected.'],
    ['a text for a list', getCost({ Metrics: 'x' }), 'Expected list or null'],
    ['an object for a list', getCost({ Metrics: {} }), 'Start of structure or map found where not expected.'],
    ['a text for an object', getCost({ TimePeriod: 'x' }), 'Expected null'],
    [
      'a text for a number',
      converse({ ...user(), inferenceConfig: { maxTokens: '5' } }),
      'STRING_VALUE can not be converted to an Integer',
    ],
    [
      'a fraction for an integer',
      converse({ ...user(), inferenceConfig: { maxTokens: 1.5 } }),
      'DECIMAL_VALUE can not be converted to an Integer',
    ],
    [
      'a long for an integer',
      converse({ ...user(), inferenceConfig: { maxTokens: 2 ** 31 } }),
      'NUMBER_VALUE can not be converted to an Integer',
    ],
    [
      'infinity',
      converse('{"inferenceConfig":{"temperature":1e999}}'),
      'DECIMAL_VALUE can not be converted to a Double',
    ],
    ['NaN', converse({ inferenceConfig: { temperature: 'NaN' } }), 'STRING_VALUE can not be converted to a Double'],
    [
      'false for a number',
      converse({ inferenceConfig: { temperature: false } }),
      'FALSE_VALUE can not be converted to a Double',
    ],
    [
      'no base64',
      converse(user({ image: { format: 'png', source: { bytes: 'a*' } } })),
      'STRING_VALUE can not be converted to a Blob: Invalid Base64',
    ],
    [
      'base64 with a line break',
      converse(user({ image: { format: 'png', source: { bytes: 'AQID\nAQI' } } })),
      'STRING_VALUE can not be converted to a Blob: Invalid Base64',
    ],
    [
      'no date',
      jsonRequest('AWSBudgetServiceGateway.CreateBudget', { Budget: { TimePeriod: { Start: 'tomorrow' } } }),
      'STRING_VALUE can not be converted to milliseconds since epoch',
    ],
    [
      'a date beyond all dates',
      jsonRequest('AWSBudgetServiceGateway.CreateBudget', { Budget: { TimePeriod: { Start: 1e300 } } }),
      'NUMBER_VALUE can not be converted to milliseconds since epoch',
    ],
  ])('refuses %s', (_, request, message) => {
    expect(refusal(request)).toEqual({ code: 'SerializationException', message });
  });

  it('refuses bytes that are not UTF-8', () => {
    const request = { ...converse(''), body: Buffer.from([0x22, 0xff, 0x22]) };
    expect(refusal(request)).toEqual({ code: 'SerializationException', message: 'Invalid UTF-8' });
  });

  it.each([
    ['lists where a structure belongs', `{"messages":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['lists without an end', '['.repeat(100_000)],
    ['a document', `{"additionalModelRequestFields":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['a document of objects', `{"additionalModelRequestFields":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`],
  ])('refuses 10,000 levels of %s', (_, body) => {
    expect(refusal(converse(body)).code).toBe('SerializationException');
  });

  it('refuses a filter that nests without end, and takes a deep one', () => {
    const nested = (levels: number): WireRequest => {
      const filter = `${'{"Not":'.repeat(levels)}{"Dimensions":{"Key":"SERVICE","Values":["x"]}}${'}'.repeat(levels)}`;
      const request = getCost({ Filter: 'here' });
      return { ...request, body: Buffer.from(request.body.toString().replace('"here"', filter)) };
    };
    expect(refusal(nested(5_000))).toEqual({
      code: 'SerializationException',
      message: 'Maximum nesting depth exceeded',
    });
    expect(decode(nested(50))).toHaveProperty('Filter');
  });
});

describe('forms', () => {
  const assumeRole = (fields: Readonly<Record<string, string>> = {}) =>
    formRequest({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::123456789012:role/x',
      RoleSessionName: 'me',
      ...fields,
    });

  it('gives structures, lists in the order of their numbers, and numbers', () => {
    const input = decode(
      assumeRole({
        'Tags.member.10.Key': 'b',
        'Tags.member.10.Value': '',
        'Tags.member.2.Value': 'x  y',
        'Tags.member.2.Key': 'a',
        'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
        'TransitiveTagKeys.member.1': 'a',
        DurationSeconds: '+0900',
      }),
    );
    expect(input).toEqual({
      RoleArn: 'arn:aws:iam::123456789012:role/x',
      RoleSessionName: 'me',
      Tags: [
        { Key: 'a', Value: 'x  y' },
        { Key: 'b', Value: '' },
      ],
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      TransitiveTagKeys: ['a'],
      DurationSeconds: 900,
    });
  });

  it('takes botocore’s empty list for an empty list, and ignores what it does not know', () => {
    const names = {
      'Tags.member.x.Key': 'a',
      [`Tags${'.member.1'.repeat(5_000)}`]: 'deep',
      '__proto__.x': '1',
      Unknown: '1',
    };
    const input = decode(assumeRole({ Tags: '', ...names }));
    expect(input).toEqual({ RoleArn: 'arn:aws:iam::123456789012:role/x', RoleSessionName: 'me', Tags: [] });
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
  });

  it('reads booleans and blobs', () => {
    const create = {
      Action: 'CreatePolicyVersion',
      Version: '2010-05-08',
      PolicyArn: 'arn:aws:iam::123456789012:policy/x',
      PolicyDocument: '{}',
    };
    expect(decode(formRequest({ ...create, SetAsDefault: 'true' }))).toMatchObject({ SetAsDefault: true });
    expect(refusal(formRequest({ ...create, SetAsDefault: 'yes' }))).toEqual({
      code: 'SerializationException',
      message: '',
    });
  });

  it.each([
    ['', 'missing value for decimal type'],
    ['abc', ''],
    ['900.0', ''],
    ['2147483648', ''],
    ['-2147483649', ''],
    ['9 0', ''],
  ])('refuses the number "%s"', (DurationSeconds, message) => {
    expect(refusal(assumeRole({ DurationSeconds }))).toEqual({ code: 'SerializationException', message });
  });
});

describe('REST bindings', () => {
  it('reads labels, query parameters and headers, and leaves a blob alone', () => {
    const list = restRequest(
      'GET',
      '/async-invoke?maxResults=5&statusEquals=Completed&submitTimeAfter=2026-05-01T00%3A00%3A00Z',
    );
    expect(decode(list)).toEqual({
      maxResults: 5,
      statusEquals: 'Completed',
      submitTimeAfter: new Date('2026-05-01T00:00:00Z'),
    });
    const invoke = restRequest('POST', '/model/a.b/invoke', '{not json');
    const headers = { ...invoke.headers, 'x-amzn-bedrock-service-tier': 'flex', accept: '*/*' };
    expect(decode({ ...invoke, headers })).toEqual({
      modelId: 'a.b',
      body: Buffer.from('{not json'),
      contentType: 'application/json',
      accept: '*/*',
      serviceTier: 'flex',
    });
  });

  it('refuses a query parameter of another type', () => {
    expect(refusal(restRequest('GET', '/async-invoke?maxResults=abc'))).toEqual({
      code: 'SerializationException',
      message: "'abc' can not be converted to Integer",
    });
    expect(decode(restRequest('GET', '/async-invoke?maxResults='))).toEqual({});
  });
});
