import { describe, expect, it } from 'vitest';
import { Fault, type FaultCause, type FaultCode } from '../kernel/fault.ts';
import { bearerKeyRefused } from './bearer.ts';
import { encodeFault } from './encode-fault.ts';
import { dialectOf } from './route.ts';
import { wireRequest } from './wire-request.fixture.ts';

const OPENAI = { protocol: 'restJson', service: 'openai' } as const;

describe('an error at the door of OpenAI', () => {
  it.each<[FaultCode, Record<string, unknown>, number, string, string | null]>([
    ['ValidationException', {}, 400, 'invalid_request_error', null],
    ['SerializationException', {}, 400, 'invalid_request_error', null],
    ['UnrecognizedClientException', {}, 401, 'invalid_request_error', 'invalid_api_key'],
    ['InvalidSignatureException', {}, 401, 'invalid_request_error', 'invalid_api_key'],
    ['ThrottlingException', { cause: 'budget' }, 402, 'insufficient_quota', 'insufficient_quota'],
    ['AccessDeniedException', {}, 403, 'invalid_request_error', 'permission_denied'],
    ['ValidationException', { cause: 'unknown_model' }, 404, 'invalid_request_error', 'model_not_found'],
    ['ModelTimeoutException', {}, 408, 'server_error', 'timeout'],
    ['RequestEntityTooLargeException', {}, 413, 'invalid_request_error', 'request_too_large'],
    ['ThrottlingException', {}, 429, 'requests', 'rate_limit_exceeded'],
    ['ModelErrorException', {}, 500, 'server_error', null],
    ['ServiceUnavailableException', {}, 503, 'server_error', null],
  ])('%s %o is answered with %i', (faultCode, fields, status, type, code) => {
    const cause = fields.cause as FaultCause | undefined;
    const param = cause === 'unknown_model' ? 'model' : null;
    const response = encodeFault(OPENAI, new Fault(faultCode, 'what is wrong', fields), 'id-1');
    expect(response.status).toBe(status);
    expect(response.headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': 'id-1' });
    expect(JSON.parse(response.body as string)).toEqual({ error: { message: 'what is wrong', type, param, code } });
  });

  it('tells a key that is not in force from what a policy denies', () => {
    expect(encodeFault(OPENAI, bearerKeyRefused(), 'id-1').status).toBe(401);
  });

  it('says when to come back, in whole seconds', () => {
    const headers = (fields: object) =>
      encodeFault(OPENAI, new Fault('ThrottlingException', 'x', { ...fields }), 'id-1').headers;
    expect(headers({})['retry-after']).toBe('1');
    expect(headers({ retryAfterSeconds: 2.1 })['retry-after']).toBe('3');
    expect(headers({ cause: 'budget' })['retry-after']).toBeUndefined();
  });

  it('keeps bugs and what is for operators inside', () => {
    for (const error of [new Error('secret'), new Fault('StoreUnavailable', 'secret')]) {
      const { status, body } = encodeFault(OPENAI, error, 'id-1');
      expect(status).toBe(500);
      expect(body).not.toContain('secret');
    }
  });

  it('is worded so for unknown paths below its prefixes as well', () => {
    for (const path of ['/openai/v1/images/generations', '/v1/files', '/openai/v1/']) {
      expect(dialectOf(wireRequest({ path }))).toEqual(OPENAI);
    }
    for (const path of ['/', '/v1', '/v2/chat/completions']) {
      expect(dialectOf(wireRequest({ path })).service).toBeUndefined();
    }
  });
});
