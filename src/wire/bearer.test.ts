import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { readBearerKey, writeLongTermKey } from './bearer.ts';

/** What `@aws/bedrock-token-generator` signs, with its signature left out. */
const URL_PARTS = {
  Action: 'CallWithBearerToken',
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE%2F20260501%2Fus-east-1%2Fbedrock%2Faws4_request',
  'X-Amz-Date': '20260501T120000Z',
  'X-Amz-Expires': '43200',
  'X-Amz-Signature': 'a'.repeat(64),
  'X-Amz-SignedHeaders': 'host',
  Version: '1',
};

function shortTerm(parts: Readonly<Record<string, string>>): string {
  const query = Object.entries(parts).map((pair) => pair.join('='));
  return `bedrock-api-key-${Buffer.from(`bedrock.amazonaws.com/?${query.join('&')}`).toString('base64')}`;
}

describe('readBearerKey', () => {
  it('reads every long-term key that is written', () => {
    const alias = fc.stringMatching(/^[\w+=,.@-]{1,120}$/);
    const secret = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('base64'));
    fc.assert(
      fc.property(alias, secret, (alias, secret) => {
        expect(readBearerKey(writeLongTermKey(alias, secret))).toEqual({ type: 'LONG_TERM', alias, secret });
      }),
    );
  });

  it('reads the signed URL out of a short-term key, without the version that was not signed', () => {
    expect(readBearerKey(shortTerm(URL_PARTS))).toEqual({
      type: 'SHORT_TERM',
      authorization: {
        credential: 'AKIAIOSFODNN7EXAMPLE/20260501/us-east-1/bedrock/aws4_request',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        date: '20260501',
        region: 'us-east-1',
        service: 'bedrock',
        timestamp: '20260501T120000Z',
        signedHeaders: ['host'],
        signature: 'a'.repeat(64),
      },
      signed: {
        method: 'POST',
        path: '/',
        query: expect.stringMatching(/^Action=CallWithBearerToken&.*&X-Amz-SignedHeaders=host$/),
        headers: { host: 'bedrock.amazonaws.com' },
        body: Buffer.alloc(0),
      },
      signedAtMs: Date.UTC(2026, 4, 1, 12),
      expiresAtMs: Date.UTC(2026, 4, 2),
    });
    const { Version, ...rest } = URL_PARTS;
    const first = readBearerKey(shortTerm({ Version, ...rest }));
    expect(first.type === 'SHORT_TERM' && first.signed.query).not.toContain('Version');
  });

  it.each([
    ['Action', 'InvokeModel'],
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA1'],
    ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE%2F20260502%2Fus-east-1%2Fbedrock%2Faws4_request'],
    ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE%2F20260501%2Fus-east-1%2Fiam%2Faws4_request'],
    ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE%2F20260501%2Fus-east-1%2Fbedrock%2Faws5_request'],
    ['X-Amz-Date', '20260231T120000Z'],
    ['X-Amz-Expires', '43201'],
    ['X-Amz-Expires', '0'],
    ['X-Amz-Expires', '1e3'],
    ['X-Amz-Expires', '-1'],
    ['X-Amz-SignedHeaders', 'host%3Bx-amz-date'],
    ['X-Amz-SignedHeaders', ''],
    ['Version', '2'],
    ['X-Amz-Security-Token', '%'],
  ])('refuses a short-term key with %s=%s', (name, value) => {
    const key = shortTerm({ ...URL_PARTS, [name]: value });
    expect(() => readBearerKey(key)).toThrow('Authentication failed: Please make sure your API Key is valid.');
  });

  it('refuses a short-term key that says something twice, even the same', () => {
    const url = Buffer.from(shortTerm(URL_PARTS).slice('bedrock-api-key-'.length), 'base64').toString();
    for (const more of ['&X-Amz-Expires=43200', '&Version=1', '&Action=CallWithBearerToken']) {
      const key = `bedrock-api-key-${Buffer.from(url + more).toString('base64')}`;
      expect(() => readBearerKey(key)).toThrow('Authentication failed');
    }
  });

  it('answers any text with a key or a fault of AWS, and repeats none of it', () => {
    const prefix = fc.constantFrom('', 'ABSK', 'bedrock-api-key-', 'ABSKbedrock-api-key-');
    const body = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.string().map((text) => Buffer.from(text).toString('base64')),
    );
    fc.assert(
      fc.property(prefix, body, (prefix, body) => {
        try {
          readBearerKey(prefix + body);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
          expect((error as Fault).message).toMatch(/^(Invalid API Key format|Authentication failed): [A-Za-z -]+\.?$/);
        }
      }),
    );
  });

  it('does not decode what is longer than any key', () => {
    const long = Buffer.alloc(1_000_000, 'a').toString('base64');
    for (const key of [`ABSK${long}`, `bedrock-api-key-${long}`]) {
      expect(() => readBearerKey(key)).toThrow('Authentication failed');
    }
  });
});
