import { describe, expect, it } from 'vitest';
import { isAuthenticationFault } from './authentication-fault.ts';
import type { ServiceId } from './operation.ts';
import { presentedToken } from './presented-token.ts';
import { wireRequest } from './wire-request.fixture.ts';

const DOORS: readonly ServiceId[] = ['bedrock', 'bedrock-runtime', 'openai', 'anthropic'];
const VENDOR_DOORS: readonly ServiceId[] = ['openai', 'anthropic'];

const presented = (headers: Readonly<Record<string, string>>, service: ServiceId, query = '') =>
  presentedToken(wireRequest({ headers, query }), service);

function refusal(headers: Readonly<Record<string, string>>, service: ServiceId, query = ''): string {
  try {
    return `taken: ${presented(headers, service, query)}`;
  } catch (error) {
    expect(isAuthenticationFault(error as never)).toBe(true);
    return (error as Error).message;
  }
}

const TWO_SCHEMES = 'Found both a bearer token and an AWS signature in the request.';
const TWO_KEYS = 'Found more than one API key or bearer token in the request.';
const MALFORMED = 'Invalid API Key format: Must start with pre-defined prefix';

describe('a presented token', () => {
  it.each(DOORS)('is a bearer token at the door of %s, the scheme in any letter case', (service) => {
    for (const authorization of ['Bearer k', 'bearer k', '  BEARER   k ']) {
      expect(presented({ authorization }, service)).toBe('k');
    }
    for (const authorization of ['', 'Bearerk', 'Basic Bearerk', 'AWS4-HMAC-SHA256 Credential=bearer']) {
      expect(presented({ authorization }, service)).toBeUndefined();
    }
    for (const authorization of ['Bearer', 'Bearer a b', 'Basic x, Bearer k', 'Bearer a, Bearer b']) {
      expect(refusal({ authorization }, service)).toBe(MALFORMED);
    }
    expect(presented({}, service, 'authorization=Bearer%20k')).toBeUndefined();
  });

  it('is an API key header at the doors of other vendors, where their clients put it', () => {
    for (const name of ['x-api-key', 'api-key']) {
      for (const service of VENDOR_DOORS) expect(presented({ [name]: 'k' }, service)).toBe('k');
      for (const service of ['bedrock', 'bedrock-runtime', 'sts', 'iam'] as const) {
        expect(presented({ [name]: 'k' }, service)).toBeUndefined();
      }
      expect(presented({ [name]: '' }, 'anthropic')).toBeUndefined();
      expect(refusal({ [name]: 'a, b' }, 'anthropic')).toBe(MALFORMED);
    }
  });

  it('is the only thing that says who calls', () => {
    for (const service of VENDOR_DOORS) {
      for (const key of ['x-api-key', 'api-key']) {
        expect(refusal({ [key]: 'k', authorization: 'Bearer k' }, service)).toBe(TWO_KEYS);
        expect(refusal({ [key]: 'k', authorization: 'Basic abc' }, service)).toBe(TWO_KEYS);
        expect(refusal({ [key]: 'k', authorization: 'AWS4-HMAC-SHA256 Credential=x' }, service)).toBe(TWO_SCHEMES);
        expect(refusal({ [key]: 'k', 'x-amz-security-token': 't' }, service)).toBe(TWO_SCHEMES);
        expect(refusal({ [key]: 'k' }, service, 'X-Amz-Signature=x')).toBe(TWO_SCHEMES);
      }
      expect(refusal({ 'x-api-key': 'k', 'api-key': 'k' }, service)).toBe(TWO_KEYS);
    }
    for (const service of DOORS) {
      expect(refusal({ authorization: 'AWS4-HMAC-SHA256 Credential=a, Bearer k' }, service)).toBe(TWO_SCHEMES);
      expect(refusal({ authorization: 'Bearer k', 'x-amz-security-token': 't' }, service)).toBe(TWO_SCHEMES);
      expect(refusal({ authorization: 'Bearer k' }, service, 'X-Amz-Algorithm=x')).toBe(TWO_SCHEMES);
    }
  });
});
