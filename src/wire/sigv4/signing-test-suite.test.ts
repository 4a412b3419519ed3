import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../kernel/time.ts';
import type { WireRequest } from '../exchange.ts';
import { type ExpectedScope, readAuthorization, SigningKeyCache, verifySignature } from '../sigv4.ts';
import { wireRequest } from '../wire-request.fixture.ts';

interface Suite {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
  readonly signedAt: string;
  readonly requests: readonly {
    readonly name: string;
    readonly method: string;
    readonly target: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
  }[];
}

const suite = JSON.parse(
  readFileSync(new URL('../../../test/vectors/sigv4/signing-test-suite.json', import.meta.url), 'utf8'),
) as Suite;

/** As Node's HTTP server hands text over: one character for each byte. */
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

function received(vector: Suite['requests'][number]): WireRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of vector.headers) {
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value.trim() : `${headers[key]}, ${value.trim()}`;
  }
  const [path = '', query = ''] = vector.target.split('?');
  return wireRequest({
    method: vector.method,
    path: latin1(path),
    query: latin1(query),
    headers,
    body: Buffer.from(vector.body),
  });
}

describe('the published signing test suite', () => {
  const expected: ExpectedScope = { service: suite.service, regions: new Set([suite.region]), skewMs: 15 * MINUTE_MS };
  const nowMs = Date.parse(suite.signedAt);

  it.each(suite.requests.map((vector) => [vector.name, vector] as const))('verifies %s', (_, vector) => {
    const request = received(vector);
    const authorization = readAuthorization(request, expected, nowMs);
    expect(authorization.accessKeyId).toBe(suite.accessKeyId);
    verifySignature(authorization, request, suite.secretAccessKey, new SigningKeyCache());
  });

  it.each(suite.requests.map((vector) => [vector.name, vector] as const))(
    'refuses %s under another secret',
    (_, vector) => {
      const request = received(vector);
      const authorization = readAuthorization(request, expected, nowMs);
      expect(() => verifySignature(authorization, request, 'another', new SigningKeyCache())).toThrow(
        'The request signature we calculated does not match',
      );
    },
  );
});
