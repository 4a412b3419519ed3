import { describe, expect, it } from 'vitest';
import { Fault, type FaultCode } from '../kernel/fault.ts';
import { anthropicError } from './anthropic-error.ts';
import { bearerKeyRefused } from './bearer.ts';
import { encodeFault } from './encode-fault.ts';
import { dialectOf } from './route.ts';
import { wireRequest } from './wire-request.fixture.ts';

const ANTHROPIC = { protocol: 'restJson', service: 'anthropic' } as const;

describe('an error at the door of Anthropic', () => {
  it.each<[FaultCode, Record<string, unknown>, number, string]>([
    ['ValidationException', {}, 400, 'invalid_request_error'],
    ['SerializationException', {}, 400, 'invalid_request_error'],
    ['InvalidSignatureException', {}, 401, 'authentication_error'],
    ['ThrottlingException', { cause: 'budget' }, 402, 'billing_error'],
    ['AccessDeniedException', {}, 403, 'permission_error'],
    ['UnknownOperationException', {}, 404, 'not_found_error'],
    ['ValidationException', { cause: 'unknown_model' }, 404, 'not_found_error'],
    ['ModelTimeoutException', {}, 408, 'timeout_error'],
    ['RequestEntityTooLargeException', {}, 413, 'request_too_large'],
    ['ThrottlingException', {}, 429, 'rate_limit_error'],
    ['ModelNotReadyException', {}, 429, 'rate_limit_error'],
    ['ModelErrorException', {}, 500, 'api_error'],
    ['ServiceUnavailableException', {}, 503, 'overloaded_error'],
  ])('%s %o is answered with %i', (code, fields, status, type) => {
    const response = encodeFault(ANTHROPIC, new Fault(code, 'what is wrong', fields), 'id-1');
    expect(response.status).toBe(status);
    expect(response.headers).toMatchObject({ 'content-type': 'application/json', 'request-id': 'id-1' });
    expect(response.headers['retry-after']).toBe(status === 429 ? '1' : undefined);
    const told = { type: 'error', error: { type, message: 'what is wrong' }, request_id: 'id-1' };
    expect(JSON.parse(response.body as string)).toEqual(told);
  });

  it('tells a key that is not in force from what a policy denies', () => {
    expect(encodeFault(ANTHROPIC, bearerKeyRefused(), 'id-1').status).toBe(401);
  });

  it('keeps a bug inside', () => {
    expect(anthropicError(new Error('secret'), 'id-1')).toMatchObject({ error: { type: 'api_error' } });
    expect(JSON.stringify(anthropicError(new Error('secret'), 'id-1'))).not.toContain('secret');
  });

  it('is known by the path, and by the version that its clients name', () => {
    const headers = { 'anthropic-version': '2023-06-01' };
    expect(dialectOf(wireRequest({ method: 'GET', path: '/anthropic/v1/nothing' }))).toEqual(ANTHROPIC);
    expect(dialectOf(wireRequest({ method: 'GET', path: '/v1/models', headers }))).toEqual(ANTHROPIC);
    expect(dialectOf(wireRequest({ method: 'GET', path: '/v1/nothing', headers }))).toEqual(ANTHROPIC);
    expect(dialectOf(wireRequest({ method: 'GET', path: '/v1/models' })).service).toBe('openai');
  });
});
