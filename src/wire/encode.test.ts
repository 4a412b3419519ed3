import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { encodeOutput } from './encode.ts';
import { type EventMessage, EventStreamDecoder } from './event-stream.ts';
import type { WireResponse } from './exchange.ts';
import { modelOf } from './model.ts';
import type { Operation, ServiceId } from './operation.ts';

const operation = (service: ServiceId, name: string): Operation => modelOf(service).operation(name)!;

describe('awsQuery', () => {
  it('prints as STS does', () => {
    const output = { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/a', UserId: 'AIDA' };
    expect(encodeOutput(operation('sts', 'GetCallerIdentity'), output, 'id-1')).toEqual({
      status: 200,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'id-1' },
      body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/a</Arn>
    <UserId>AIDA</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>id-1</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`,
    });
  });

  it('writes times to the second, escapes text, and leaves out what is absent', () => {
    const output = {
      User: {
        Path: '/',
        UserName: 'a',
        UserId: 'AIDA',
        Arn: 'arn',
        CreateDate: new Date('2026-05-01T12:00:00.789Z'),
        PasswordLastUsed: undefined,
        Tags: [{ Key: 'k', Value: `<&>"'\r\n\u0000\ud800` }],
      },
    };
    const { body } = encodeOutput(operation('iam', 'GetUser'), output, 'id-1');
    expect(body).toContain('      <CreateDate>2026-05-01T12:00:00Z</CreateDate>\n');
    expect(body).toContain(`<Value>&lt;&amp;&gt;&quot;'&#xD;&#xA;\ufffd\ufffd</Value>`);
    expect(body).not.toContain('PasswordLastUsed');
  });

  it('writes empty lists and structures as empty elements, and no result where there is none', () => {
    const listed = encodeOutput(operation('iam', 'ListUsers'), { Users: [], IsTruncated: false }, 'id-1');
    expect(listed.body).toContain('    <Users/>\n    <IsTruncated>false</IsTruncated>\n');
    const deleted = encodeOutput(operation('iam', 'DeleteUser'), undefined, 'id-1');
    expect(deleted.body).not.toContain('DeleteUserResult');
    expect(deleted.body).toContain('<ResponseMetadata>');
  });
});

describe('JSON', () => {
  it('answers a client of 1.0 in 1.0', () => {
    const tags = operation('ce', 'GetTags');
    const output = { Tags: ['a'], ReturnSize: 1, TotalSize: 1, unknown: 'x' };
    expect(encodeOutput(tags, output, 'id-1')).toEqual({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'id-1' },
      body: '{"Tags":["a"],"ReturnSize":1,"TotalSize":1}',
    });
    const { headers } = encodeOutput({ ...tags, jsonVersion: '1.0' }, output, 'id-1');
    expect(headers['content-type']).toBe('application/x-amz-json-1.0');
  });

  it('writes times in the format of the member', () => {
    const at = new Date('2026-05-01T12:00:00.500Z');
    const budget = encodeOutput(operation('budgets', 'DescribeBudget'), { Budget: { LastUpdatedTime: at } }, 'id-1');
    expect(budget.body).toBe(`{"Budget":{"LastUpdatedTime":${at.getTime() / 1000}}}`);
    const exported = { ExportStatus: { CreatedAt: at, LastUpdatedAt: new Date('2026-05-01T12:00:00Z') } };
    expect(encodeOutput(operation('bcm-data-exports', 'GetExport'), exported, 'id-1').body).toBe(
      '{"ExportStatus":{"CreatedAt":"2026-05-01T12:00:00.500Z","LastUpdatedAt":"2026-05-01T12:00:00Z"}}',
    );
  });

  it('keeps __proto__ a key like any other', () => {
    const metadata = JSON.parse('{"__proto__":"x"}') as object;
    const output = { Filter: undefined, Budget: { PlannedBudgetLimits: metadata } };
    expect(() => encodeOutput(operation('budgets', 'DescribeBudget'), output, 'id-1')).not.toThrow();
    const spend = JSON.parse('{"__proto__":{"Amount":"1","Unit":"USD"}}') as object;
    const { body } = encodeOutput(
      operation('budgets', 'DescribeBudget'),
      { Budget: { PlannedBudgetLimits: spend } },
      'id',
    );
    expect(body).toBe('{"Budget":{"PlannedBudgetLimits":{"__proto__":{"Amount":"1","Unit":"USD"}}}}');
  });

  it('puts members into headers, payload and status where the model says so', () => {
    const body = Buffer.from('{}');
    const output = { body, contentType: 'application/json', serviceTier: undefined };
    const extra = { 'x-amzn-bedrock-input-token-count': '5' };
    expect(encodeOutput(operation('bedrock-runtime', 'InvokeModel'), output, 'id-1', extra)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'id-1', ...extra },
      body,
    });
    const created = encodeOutput(operation('bedrock', 'CreateInferenceProfile'), { inferenceProfileArn: 'a' }, 'id-1');
    expect(created).toMatchObject({ status: 201, body: '{"inferenceProfileArn":"a"}' });
  });

  it('treats a value of the wrong kind as a bug', () => {
    const output = { body: '{}', contentType: 'application/json' };
    expect(() => encodeOutput(operation('bedrock-runtime', 'InvokeModel'), output, 'id-1')).toThrow(TypeError);
  });
});

describe('event streams', () => {
  const stream = (events: AsyncIterable<unknown>) =>
    encodeOutput(operation('bedrock-runtime', 'ConverseStream'), { stream: events }, 'id-1');

  it('are encoded one event at a time, when asked for', async () => {
    const asked: string[] = [];
    async function* events() {
      for (const role of ['assistant', 'user']) {
        asked.push(role);
        yield { messageStart: { role } };
      }
    }
    const response = stream(events());
    expect(response.headers).toEqual({
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-requestid': 'id-1',
    });
    const frames = (response.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    expect(asked).toEqual([]);
    const first = await frames.next();
    expect(asked).toEqual(['assistant']);
    const [message] = new EventStreamDecoder().decode(first.value as Buffer);
    expect({ ...message?.headers }).toEqual({
      ':event-type': 'messageStart',
      ':content-type': 'application/json',
      ':message-type': 'event',
    });
    expect(message?.payload.toString()).toBe('{"role":"assistant"}');
    await frames.return?.(undefined);
    expect(asked).toEqual(['assistant']);
  });

  it('tell the source when the reader goes away', async () => {
    let isClosed = false;
    async function* events() {
      try {
        for (;;) yield { messageStart: { role: 'assistant' } };
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of stream(events()).body as AsyncIterable<Buffer>) break;
    expect(isClosed).toBe(true);
  });

  it.each<[unknown, string, string]>([
    [new Fault('ThrottlingException', 'slow down'), 'throttlingException', '{"message":"slow down"}'],
    [
      new Fault('ModelStreamErrorException', 'broke', { originalStatusCode: 500, usage: { inputTokens: 1 } }),
      'modelStreamErrorException',
      '{"originalStatusCode":500,"message":"broke"}',
    ],
    [
      new Fault('ModelTimeoutException', 'not a member of this union'),
      'internalServerException',
      '{"message":"not a member of this union"}',
    ],
    [
      new Error('secret'),
      'internalServerException',
      '{"message":"The request processing has failed because of an unknown error, exception or failure."}',
    ],
  ])('end with an exception frame for %s', async (error, name, payload) => {
    async function* events() {
      yield { contentBlockStop: { contentBlockIndex: 0 } };
      throw error;
    }
    const messages = await collect(stream(events()));
    expect(messages.map(({ headers }) => headers[':message-type'])).toEqual(['event', 'exception']);
    expect(messages[1]?.headers[':exception-type']).toBe(name);
    expect(messages[1]?.payload.toString()).toBe(payload);
  });

  it('write an exception that the source yields', async () => {
    async function* events() {
      yield { validationException: { message: 'no' } };
    }
    const [message] = await collect(stream(events()));
    expect(message?.headers).toMatchObject({ ':message-type': 'exception', ':exception-type': 'validationException' });
  });
});

async function collect(response: WireResponse): Promise<EventMessage[]> {
  const decoder = new EventStreamDecoder();
  const messages: EventMessage[] = [];
  for await (const chunk of response.body as AsyncIterable<Buffer>) messages.push(...decoder.decode(chunk));
  decoder.end();
  return messages;
}
