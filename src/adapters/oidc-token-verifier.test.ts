import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { CompactSign, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenIdProvider } from '../../test/identity/openid-provider.ts';
import { removeFolders } from '../../test/server.ts';
import { IDENTITY_TOKEN_TEXTS } from '../identity/web-identity-fault.ts';
import { readWebIdentityToken } from '../identity/web-identity-token.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { OidcTokenVerifier } from './oidc-token-verifier.ts';

const DISCOVERY = '/.well-known/openid-configuration';
const NO_KEY = ['InvalidIdentityTokenException', IDENTITY_TOKEN_TEXTS.noKey];
const NOT_SIGNED = ['InvalidIdentityTokenException', IDENTITY_TOKEN_TEXTS.invalid];
const NOT_JWT = ['InvalidIdentityTokenException', IDENTITY_TOKEN_TEXTS.notJwt];
const UNREACHABLE = ['IDPCommunicationErrorException', expect.stringContaining('could not be reached')];

let provider: OpenIdProvider;
let verifier: OidcTokenVerifier;
let nowMs: number;
let troubles: string[];

beforeAll(async () => {
  provider = await OpenIdProvider.start();
});
afterAll(async () => {
  await provider.close();
  removeFolders();
});
beforeEach(() => {
  nowMs = Date.now();
  troubles = [];
  provider.requests.length = 0;
  provider.intercept = undefined;
  verifier = newVerifier({ ca: provider.ca });
});
afterEach(() => verifier.close());

function newVerifier(options: { ca?: string; timeoutMs?: number }): OidcTokenVerifier {
  return new OidcTokenVerifier({ clock: () => nowMs, onTrouble: (message) => troubles.push(message), ...options });
}

/** The signed subject, or what is thrown. */
async function verified(token: string, issuer = provider.issuer): Promise<unknown> {
  try {
    const payload = await verifier.verify(token, readWebIdentityToken(token).header, issuer);
    return (JSON.parse(payload) as { readonly sub: unknown }).sub;
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string };
    return [code, message];
  }
}

/** What the provider answers instead of its own document. */
function answerInstead(path: string, answer: (response: ServerResponse) => void): void {
  provider.intercept = (request, response) => {
    if (request.url !== path) return false;
    answer(response);
    return true;
  };
}

function publish(keys: unknown): void {
  answerInstead('/jwks', (response) => response.end(JSON.stringify({ keys })));
}

interface OwnKey {
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
}

function rsa(members: object = {}, modulusLength = 2048): OwnKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return { privateKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), ...members } };
}

function ec(members: object = {}, namedCurve = 'P-256'): OwnKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  return { privateKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), ...members } };
}

/** A token of somebody who has that key. */
function signedWith(key: KeyObject, header: { readonly alg: string; readonly kid?: string }): Promise<string> {
  const claims = JSON.stringify({ iss: provider.issuer, sub: 'someone' });
  return new CompactSign(new TextEncoder().encode(claims)).setProtectedHeader(header).sign(key);
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('keys', () => {
  it('are found by discovery, fetched once and kept', async () => {
    expect(await verified(await provider.signIn('jane@acme.org'))).toBe('jane@acme.org');
    expect(await verified(await provider.sign({}, { alg: 'ES256' }))).toBe('someone');
    nowMs += 14 * MINUTE_MS;
    expect(await verified(await provider.sign({}))).toBe('someone');
    expect(provider.requests.filter((path) => path === DISCOVERY || path === '/jwks')).toEqual([DISCOVERY, '/jwks']);
  });

  it('are fetched once for all who wait for them', async () => {
    const token = await provider.sign({});
    const subjects = await Promise.all(Array.from({ length: 50 }, () => verified(token)));
    expect(new Set(subjects)).toEqual(new Set(['someone']));
    expect(provider.requests).toEqual([DISCOVERY, '/jwks']);
  });

  it('change when the provider changes them: a new id is asked for, an old key is refused within 15 minutes', async () => {
    const before = await provider.sign({});
    expect(await verified(before)).toBe('someone');
    await provider.rotate();
    nowMs += 10 * SECOND_MS;
    const after = await provider.sign({});
    expect(await verified(after)).toBe('someone');
    nowMs += 10 * SECOND_MS;
    expect(await verified(before)).toEqual(NO_KEY);
  });

  it('are dropped for fresh ones after 15 minutes, before they are used', async () => {
    const token = await provider.sign({});
    expect(await verified(token)).toBe('someone');
    await provider.rotate();
    nowMs += 15 * MINUTE_MS;
    expect(await verified(token)).toEqual(NO_KEY);
  });

  it('that nobody has are asked for once in ten seconds, however many tokens name them', async () => {
    expect(await verified(await provider.sign({}))).toBe('someone');
    nowMs += 10 * SECOND_MS;
    const flood = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => verified(await provider.sign({}, { kid: `made-up-${n}` }))),
    );
    expect(new Set(flood.map(String))).toEqual(new Set([String(NO_KEY)]));
    expect(provider.requests).toHaveLength(4);
    nowMs += 10 * SECOND_MS;
    await verified(await provider.sign({}, { kid: 'made-up' }));
    expect(provider.requests).toHaveLength(6);
  });

  it('may be changed under the same id', async () => {
    const [first, second] = [rsa({ kid: 'default' }), rsa({ kid: 'default' })];
    publish([first.jwk]);
    expect(await verified(await signedWith(first.privateKey, { alg: 'RS256', kid: 'default' }))).toBe('someone');
    publish([second.jwk]);
    nowMs += 10 * SECOND_MS;
    expect(await verified(await signedWith(second.privateKey, { alg: 'RS256', kid: 'default' }))).toBe('someone');
  });

  it('are found without ids, by either side, and among several of one id', async () => {
    const [one, two, three] = [rsa({ kid: 'same' }), rsa({ kid: 'same' }), rsa()];
    publish([one.jwk, two.jwk, three.jwk, ec({ kid: 'same' }).jwk]);
    expect(await verified(await signedWith(two.privateKey, { alg: 'RS256', kid: 'same' }))).toBe('someone');
    expect(await verified(await signedWith(two.privateKey, { alg: 'RS512' }))).toBe('someone');
    expect(await verified(await signedWith(three.privateKey, { alg: 'RS384', kid: 'other' }))).toBe('someone');
    expect(await verified(await signedWith(rsa().privateKey, { alg: 'RS256', kid: 'same' }))).toEqual(NOT_SIGNED);
  });
});

describe('an outage', () => {
  const down = () => answerInstead(DISCOVERY, (response) => response.destroy());

  it('is an error that clients retry, when nothing is known of the provider', async () => {
    down();
    const token = await provider.sign({});
    expect(await verified(token)).toEqual(UNREACHABLE);
    expect(await verified(token)).toEqual(UNREACHABLE);
    expect(provider.requests).toEqual([DISCOVERY]);
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toContain(`cannot read the keys of the OIDC provider \`${provider.issuer}\``);
    provider.intercept = undefined;
    nowMs += 10 * SECOND_MS;
    expect(await verified(token)).toBe('someone');
  });

  it('is bridged by the keys that are known, for a day', async () => {
    const token = await provider.sign({});
    expect(await verified(token)).toBe('someone');
    down();
    nowMs += 23 * HOUR_MS;
    expect(await verified(token)).toBe('someone');
    expect(troubles).toHaveLength(1);
    // From here on nobody waits for it: the token is good before it is known how the provider answers.
    const asked: ServerResponse[] = [];
    answerInstead(DISCOVERY, (response) => asked.push(response));
    nowMs += 10 * SECOND_MS;
    expect(await verified(token)).toBe('someone');
    expect(troubles).toHaveLength(1);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    asked[0]!.destroy();
    await vi.waitFor(() => expect(troubles).toHaveLength(2));
    nowMs += HOUR_MS;
    down();
    expect(await verified(token)).toEqual(UNREACHABLE);
  });

  it.each([500, 503, 429, 408])('is also what the status %i says', async (status) => {
    answerInstead('/jwks', (response) => response.writeHead(status).end());
    expect(await verified(await provider.sign({}))).toEqual(UNREACHABLE);
  });

  it('is also a provider that is too slow, in the whole and in every piece', async () => {
    await verifier.close();
    verifier = newVerifier({ ca: provider.ca, timeoutMs: 300 });
    answerInstead(DISCOVERY, () => {});
    expect(await verified(await provider.sign({}))).toEqual(UNREACHABLE);
    nowMs += 10 * SECOND_MS;
    answerInstead(DISCOVERY, (response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await verified(await provider.sign({}))).toEqual(UNREACHABLE);
  });
});

describe('a provider that is set up wrongly', () => {
  it('has a certificate that nobody trusts', async () => {
    await verifier.close();
    verifier = newVerifier({});
    expect(await verified(await provider.sign({}))).toEqual([
      'InvalidIdentityTokenException',
      IDENTITY_TOKEN_TEXTS.certificate,
    ]);
    expect(troubles[0]).toContain('self-signed certificate');
  });

  const complete = (changes: object = {}) => ({
    issuer: provider.issuer,
    jwks_uri: `${provider.issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    ...changes,
  });

  it('has a discovery document of another issuer, or one that lacks a member that AWS wants', async () => {
    answerInstead(DISCOVERY, (response) => response.end(JSON.stringify(complete())));
    expect(await verified(await provider.sign({}))).toBe('someone');
    const wrong = [
      { issuer: `${provider.issuer}/` },
      { issuer: 'https://attacker.example.com' },
      { issuer: undefined },
      { response_types_supported: undefined },
      { subject_types_supported: undefined },
      { id_token_signing_alg_values_supported: 'RS256' },
      { jwks_uri: undefined },
      { jwks_uri: `http://${provider.url}/jwks` },
      { jwks_uri: 'file:///etc/passwd' },
      { jwks_uri: 'https://' },
    ];
    for (const changes of wrong) {
      await verifier.close();
      verifier = newVerifier({ ca: provider.ca });
      answerInstead(DISCOVERY, (response) => response.end(JSON.stringify(complete(changes))));
      expect(await verified(await provider.sign({})), JSON.stringify(changes)).toEqual(NO_KEY);
    }
  });

  it.each([
    ['no JSON', (response: ServerResponse) => response.end('<html>')],
    ['a list', (response: ServerResponse) => response.end('[]')],
    ['null', (response: ServerResponse) => response.end('null')],
    ['not found', (response: ServerResponse) => response.writeHead(404).end('{}')],
    ['a redirect', (response: ServerResponse) => response.writeHead(302, { location: '/jwks' }).end()],
    ['without end', (response: ServerResponse) => response.end(' '.repeat(2_000_000))],
    ['keys that are no list', (response: ServerResponse) => response.end('{"keys":{}}')],
    ['no keys', (response: ServerResponse) => response.end('{"keys":[]}')],
  ])('answers with what is %s', async (_, answer) => {
    for (const path of [DISCOVERY, '/jwks']) {
      await verifier.close();
      verifier = newVerifier({ ca: provider.ca });
      answerInstead(path, answer);
      expect(await verified(await provider.sign({})), path).toEqual(NO_KEY);
    }
  });

  it('has more than a hundred keys of a type', async () => {
    const { privateKey, jwk } = ec({ kid: 'last' });
    const other = ec().jwk;
    const token = await signedWith(privateKey, { alg: 'ES256', kid: 'last' });
    publish([...Array(100).fill({ ...other, kid: 'other' }), jwk]);
    expect(await verified(token)).toEqual(NO_KEY);
    nowMs += 10 * SECOND_MS;
    publish([...Array(99).fill({ ...other, kid: 'other' }), jwk, ...Array(100).fill({ kty: 'RSA' })]);
    expect(await verified(token)).toBe('someone');
  });

  it('has keys among its own that are no use', async () => {
    const { privateKey, jwk } = rsa({ kid: 'good' });
    const useless = [null, 7, 'key', {}, { kty: 'RSA', n: '', e: 'AQAB' }, { kty: 'RSA', n: '?', e: {} }];
    const offCurve = { kty: 'EC', crv: 'P-256', x: jwk.n!.slice(0, 43), y: jwk.n!.slice(0, 43) };
    publish([...useless, offCurve, { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }, jwk]);
    expect(await verified(await signedWith(privateKey, { alg: 'RS256', kid: 'good' }))).toBe('someone');
  });
});

describe('a signature', () => {
  it('is one of the six that AWS takes', async () => {
    const key = rsa();
    const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
    const own = Object.entries(curves).map(([alg, curve]) => [alg, ec({}, curve)] as const);
    publish([key.jwk, ...own.map(([, { jwk }]) => jwk)]);
    for (const alg of ['RS256', 'RS384', 'RS512']) {
      expect(await verified(await signedWith(key.privateKey, { alg }))).toBe('someone');
    }
    for (const [alg, { privateKey }] of own)
      expect(await verified(await signedWith(privateKey, { alg }))).toBe('someone');
    expect(await verified(await signedWith(key.privateKey, { alg: 'PS256' }))).toEqual(NOT_JWT);
    const { privateKey: edwards } = generateKeyPairSync('ed25519');
    expect(await verified(await signedWith(edwards, { alg: 'EdDSA' }))).toEqual(NOT_JWT);
  });

  it('is never left out', async () => {
    const claims = base64url({ iss: provider.issuer, sub: 'someone' });
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(await verified(`${base64url({ alg })}.${claims}.`), alg).toEqual(NOT_JWT);
      expect(await verified(`${base64url({ alg })}.${claims}.AAAA`), alg).toEqual(NOT_JWT);
    }
    const [header, payload] = (await provider.sign({})).split('.');
    expect(await verified(`${header}.${payload}.`)).toEqual(NOT_JWT);
    expect(await verified(`${header}.${payload}.AAAA`)).toEqual(NOT_SIGNED);
  });

  it('is never a hash with the public key as its secret', async () => {
    const { privateKey, jwk } = rsa({ kid: 'key' });
    publish([jwk]);
    expect(await verified(await signedWith(privateKey, { alg: 'RS256', kid: 'key' }))).toBe('someone');
    const pem = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const secret of [pem, JSON.stringify(jwk), jwk.n!]) {
      for (const alg of ['HS256', 'RS256']) {
        const signed = `${base64url({ alg, kid: 'key' })}.${base64url({ iss: provider.issuer, sub: 'attacker' })}`;
        const mac = createHmac('sha256', secret).update(signed).digest('base64url');
        expect(await verified(`${signed}.${mac}`), alg).toEqual(alg === 'HS256' ? NOT_JWT : NOT_SIGNED);
      }
    }
  });

  it('is by the algorithm and use that the key is published for', async () => {
    const { privateKey, jwk } = rsa({ kid: 'key' });
    const token = await signedWith(privateKey, { alg: 'RS256', kid: 'key' });
    const cases: [object, unknown][] = [
      [{ alg: 'RS256' }, 'someone'],
      [{ use: 'sig', key_ops: ['verify'] }, 'someone'],
      [{ alg: 'RS512' }, NO_KEY],
      [{ alg: 'RSA-OAEP' }, NO_KEY],
      [{ use: 'enc' }, NO_KEY],
      [{ key_ops: ['encrypt'] }, NO_KEY],
      [{ kid: 'other' }, NO_KEY],
    ];
    for (const [members, outcome] of cases) {
      nowMs += HOUR_MS;
      publish([{ ...jwk, ...members }]);
      expect(await verified(token), JSON.stringify(members)).toEqual(outcome);
    }
  });

  it('is by a key that is neither too short nor a secret', async () => {
    const signed = `${base64url({ alg: 'RS256', kid: 'key' })}.${base64url({ iss: provider.issuer, sub: 'someone' })}`;
    const signature = (key: KeyObject) => sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url');
    const [long, short] = [rsa({ kid: 'key' }), rsa({ kid: 'key' }, 1024)];
    publish([long.jwk]);
    expect(await verified(`${signed}.${signature(long.privateKey)}`)).toBe('someone');
    nowMs += HOUR_MS;
    publish([short.jwk]);
    expect(await verified(`${signed}.${signature(short.privateKey)}`)).toEqual(NO_KEY);
    nowMs += HOUR_MS;
    publish([{ kty: 'oct', k: 'c2VjcmV0', kid: 'key' }]);
    expect(await verified(`${signed}.AAAA`)).toEqual(NO_KEY);
  });

  it('is not by a key that the token brings along', async () => {
    const own = rsa();
    const claims = new TextEncoder().encode(JSON.stringify({ iss: provider.issuer, sub: 'attacker' }));
    for (const extra of [
      { jwk: own.jwk as JWK },
      { jku: `${provider.issuer}/jwks` },
      { x5u: 'https://attacker.example.com' },
      { x5c: ['AAAA'] },
    ]) {
      const header = { alg: 'RS256', ...extra } as { alg: string };
      const token = await new CompactSign(claims).setProtectedHeader(header).sign(own.privateKey);
      expect(await verified(token)).toEqual(NOT_SIGNED);
    }
  });

  it('covers every byte of header and claims', async () => {
    const token = await provider.sign({ sub: 'jane' });
    const [header, , signature] = token.split('.');
    const other = base64url({ iss: provider.issuer, sub: 'john', aud: provider.clientId });
    expect(await verified(`${header}.${other}.${signature}`)).toEqual(NOT_SIGNED);
    const changed = token.at(-10) === 'A' ? 'B' : 'A';
    expect(await verified(token.slice(0, -10) + changed + token.slice(-9))).toEqual(NOT_SIGNED);
    for (const text of [`${token}.x`, ` ${token}`, `${token}=`, 'x.y', '....', token.replaceAll('.', '')]) {
      expect(await verified(text), text.slice(0, 10)).toEqual(NOT_JWT);
    }
  });
});
