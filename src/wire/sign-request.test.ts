import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../kernel/time.ts';
import type { WireRequest } from './exchange.ts';
import { signRequest } from './sign-request.ts';
import { sdkSigned } from './sigv4/sdk-signer.fixture.ts';
import { type Authorization, readAuthorization, SigningKeyCache, verifySignature } from './sigv4.ts';
import { wireRequest } from './wire-request.fixture.ts';

const NOW_MS = Date.parse('2026-05-23T07:31:28Z');
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

function verify(request: WireRequest): Authorization {
  const expected = { service: 'bedrock', regions: new Set(['us-east-1']), skewMs: 5 * MINUTE_MS };
  const authorization = readAuthorization(request, expected, NOW_MS);
  verifySignature(authorization, request, SECRET, new SigningKeyCache());
  return authorization;
}

describe('agreement with the SDK', () => {
  const text = (maxLength: number) => fc.string({ maxLength }).map((value) => value.toWellFormed());
  const token = fc.string({ minLength: 1, maxLength: 20 }).map((value) => value.toWellFormed());
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    segments: fc.array(fc.oneof(fc.constantFrom('..', '.', '', 'model', 'a:b', 'arn:aws:x/y'), token), {
      maxLength: 5,
    }),
    query: fc.dictionary(token, text(12), { maxKeys: 4 }),
    headers: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[ -+\--~]{0,30}$/), { maxKeys: 4 }),
    body: text(200),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,60}$/), { nil: undefined }),
    isSignedUrl: fc.boolean(),
  });

  it('verifies what the SDK signs, and signs what it would sign', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ segments, isSignedUrl, sessionToken, ...parts }) => {
        const path = `/${segments.map(encodeURIComponent).join('/')}`;
        const headers = { host: 'h:80', ...parts.headers };
        const unsigned = { ...parts, path, headers, body: isSignedUrl ? '' : parts.body };
        const credentials = { accessKeyId: 'AKID', secretAccessKey: SECRET, ...(sessionToken && { sessionToken }) };
        const signing = { credentials, service: 'bedrock', nowMs: NOW_MS, ...(isSignedUrl && { expiresIn: 60 }) };
        const sent = await sdkSigned(unsigned, signing);
        expect(verify(sent)).toMatchObject({ accessKeyId: 'AKID', region: 'us-east-1', service: 'bedrock' });
        expect(verify(sent).sessionToken).toBe(sessionToken);
        if (isSignedUrl) return;
        const identity = { ...credentials, region: 'us-east-1', service: 'bedrock' };
        const ours = signRequest({ ...unsigned, query: sent.query }, identity, NOW_MS);
        verify(wireRequest({ ...sent, headers: ours }));
        expect(ours.authorization).toBe(sent.headers.authorization);
      }),
      { seed: 20_260_523, numRuns: 300 },
    );
  });
});
