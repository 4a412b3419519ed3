import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AWS_REQUEST_ID, BedrockServer, refused, whole } from '../../../test/clients/bedrock-server.ts';
import type { Fault } from '../../kernel/fault.ts';
import { parseBasicDate } from '../../wire/sigv4/basic-date.ts';
import { bedrockModel, failureOf, GivenCredentials, modelCall } from '../bedrock-model.fixture.ts';
import type { BedrockModel } from '../bedrock-model.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12);

const server = new BedrockServer();
const credentials = new GivenCredentials();
const troubles: string[] = [];
let nowMs = NOW_MS;
let endpoint: string;
let model: BedrockModel;

beforeAll(async () => {
  endpoint = await server.listen();
  model = bedrockModel({ endpoint, credentials, clock: () => nowMs, onTrouble: (message) => troubles.push(message) });
});
afterEach(() => {
  troubles.length = 0;
  nowMs += 3_600_000;
});
afterAll(async () => {
  server.close();
  await model.close();
});

/** AWS's clock agrees with ours unless `headers` say otherwise. */
async function refusalOf(status: number, code: string, headers: Record<string, string> = {}): Promise<Fault> {
  const date = new Date(nowMs).toUTCString();
  server.script = (reply) => refused(reply, status, code, 'Words of AWS.', { date, ...headers });
  return (await failureOf(model.complete(modelCall()))) as Fault;
}

describe('what Bedrock says of a call', () => {
  it.each([
    [400, 'ValidationException'],
    [400, 'ServiceQuotaExceededException'],
    [404, 'ResourceNotFoundException'],
    [424, 'ModelErrorException'],
    [429, 'ThrottlingException'],
    [429, 'ModelNotReadyException'],
    [500, 'InternalServerException'],
    [503, 'ServiceUnavailableException'],
  ])('reaches the caller as it is: %d %s', async (status, code) => {
    const fault = await refusalOf(status, `${code}:http://internal.amazon.com/coral/com.amazon.bedrock/`);
    expect(fault).toMatchObject({ code, message: 'Words of AWS.', kind: { status } });
    // Nothing ran, but which request it was and whose is known.
    expect(fault.fields).toMatchObject({ upstream: { requestId: AWS_REQUEST_ID } });
    expect(fault.fields.usage).toBeUndefined();
    expect(troubles).toEqual([]);
  });

  it('is counted as a call that may have run where the model timed out', async () => {
    const fault = await refusalOf(408, 'ModelTimeoutException');
    expect(fault).toMatchObject({ code: 'ModelTimeoutException', fields: { usage: { isEstimated: true } } });
  });

  it.each([
    [418, 'TeapotException', 'ModelErrorException'],
    [502, '', 'InternalServerException'],
    [429, 'SomethingNewException', 'ThrottlingException'],
  ])('has a name of ours where %d %s is none', async (status, code, named) => {
    expect((await refusalOf(status, code)).code).toBe(named);
  });

  it('is found in the body where no header names it', async () => {
    server.script = (reply) => {
      reply.writeHead(400);
      reply.end('{"__type":"com.amazon.bedrock#ValidationException","Message":"In the body."}');
    };
    expect(await failureOf(model.complete(modelCall()))).toMatchObject({
      ...{ code: 'ValidationException', message: 'In the body.' },
    });
  });
});

describe('what AWS says of the gateway', () => {
  it('is an error of the model for the caller, and tells the operator who lacks what', async () => {
    const fault = await refusalOf(403, 'AccessDeniedException');
    expect(fault.code).toBe('ModelErrorException');
    expect(fault.message).not.toContain('Words of AWS');
    expect(troubles).toEqual([
      'Amazon Bedrock refuses arn:aws:sts::999999999999:assumed-role/BedrockRole/alice: AccessDeniedException: Words of AWS.',
    ]);
    expect(credentials.refusals).toEqual([]);
  });

  it('is told once a minute', async () => {
    for (let call = 0; call < 3; call++) await refusalOf(403, 'AccessDeniedException');
    expect(troubles).toHaveLength(1);
    nowMs += 60_000;
    await refusalOf(403, 'AccessDeniedException');
    expect(troubles).toHaveLength(2);
  });

  it.each(['ExpiredTokenException', 'UnrecognizedClientException', 'InvalidSignatureException'])(
    'asks for other credentials, and tries those once: %s',
    async (code) => {
      credentials.refusals.length = 0;
      credentials.next = credentials.given;
      const fault = await refusalOf(403, code);
      expect(fault.code).toBe('ServiceUnavailableException');
      expect(fault.message).not.toContain('Words of AWS');
      expect(credentials.refusals).toEqual([credentials.given, credentials.given]);
      expect(troubles).toHaveLength(1);
    },
  );

  it('sets the clock of the next signature', async () => {
    const theirMs = nowMs + 7_200_000;
    await refusalOf(403, 'InvalidSignatureException', { date: new Date(theirMs).toUTCString() });
    server.script = (reply) => whole(reply, { output: { message: { content: [] } }, usage: {} });
    await model.complete(modelCall());
    expect(parseBasicDate(server.last.headers['x-amz-date']!)).toBe(theirMs);
    // A later look at a clock that agrees sets it back.
    await refusalOf(403, 'InvalidSignatureException', { date: new Date(nowMs).toUTCString() });
    server.script = (reply) => whole(reply, { output: { message: { content: [] } }, usage: {} });
    await model.complete(modelCall());
    expect(parseBasicDate(server.last.headers['x-amz-date']!)).toBe(nowMs);
  });
});

describe('an endpoint that cannot be reached', () => {
  it('is unavailable, and the model did not run', async () => {
    const gone = bedrockModel({ endpoint: 'http://127.0.0.1:9' });
    const fault = (await failureOf(gone.complete(modelCall()))) as Fault;
    expect(fault.code).toBe('ServiceUnavailableException');
    expect(fault.fields.usage).toBeUndefined();
    await gone.close();
  });

  it('is left alone by more calls than may wait', async () => {
    const held: (() => void)[] = [];
    server.script = (reply) => void held.push(() => whole(reply, { output: { message: { content: [] } }, usage: {} }));
    const busy = bedrockModel({ endpoint, maxConnections: 1 });
    const calls = Array.from({ length: 5 }, () => busy.complete(modelCall()));
    expect(await failureOf(busy.complete(modelCall()))).toMatchObject({ code: 'ThrottlingException' });
    await expect.poll(() => held.length).toBe(1);
    server.script = (reply) => whole(reply, { output: { message: { content: [] } }, usage: {} });
    held[0]!();
    expect(await Promise.all(calls)).toHaveLength(5);
    await busy.close();
  });
});
