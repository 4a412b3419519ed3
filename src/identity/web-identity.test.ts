import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { NO_TAGS } from '../kernel/tags.ts';
import type { OidcProvider } from './oidc-provider.ts';
import { readWebIdentity, type WebIdentity } from './web-identity.ts';
import { IDENTITY_TOKEN_TEXTS } from './web-identity-fault.ts';
import { readWebIdentityToken } from './web-identity-token.ts';

const NOW = 1_800_000_000;
const TAGS = 'https://aws.amazon.com/tags';
const PRINCIPAL_TAG = `${TAGS}/principal_tags/`;
const TRANSITIVE = `${TAGS}/transitive_tag_keys`;
const SOURCE_IDENTITY = 'https://aws.amazon.com/source_identity';
const INVALID = ['InvalidIdentityTokenException', IDENTITY_TOKEN_TEXTS.invalid];

function providerOf(url: string): OidcProvider {
  const clientIds = ['app', 'sts.amazonaws.com'];
  return { version: 1, accountId: '123456789012', url, clientIds, thumbprints: [], createdAtMs: 0, tags: NO_TAGS };
}

/** A token that is good, with other claims; an undefined claim is left out. */
function read(claims: object = {}, url = 'idp.example.com/realms/Acme'): WebIdentity {
  const standard = { iss: `https://${url}`, sub: 'jane@acme.org', aud: 'app', iat: NOW - 60, exp: NOW + 60 };
  return readWebIdentity(JSON.stringify({ ...standard, ...claims }), providerOf(url), NOW * 1000);
}

function refused(claims: object): [string, string] {
  try {
    read(claims);
  } catch (error) {
    if (error instanceof Fault) return [error.code, error.message];
    throw error;
  }
  return ['', 'nothing is refused'];
}

function missing(claim: string): [string, string] {
  return ['InvalidIdentityTokenException', `Missing a required claim: ${claim}`];
}

describe('a web identity', () => {
  it('is the subject of the token, vouched for by the provider', () => {
    expect(read({ amr: ['pwd', 'mfa'] })).toEqual({
      type: 'WebIdentityUser',
      providerArn: 'arn:aws:iam::123456789012:oidc-provider/idp.example.com/realms/Acme',
      subject: 'jane@acme.org',
      sessionTags: new Map(),
      transitiveTagKeys: [],
      contextKeys: new Map([
        ['idp.example.com/realms/acme:aud', ['app']],
        ['idp.example.com/realms/acme:sub', ['jane@acme.org']],
        ['idp.example.com/realms/acme:amr', ['pwd', 'mfa']],
      ]),
      lastingKeys: ['aud', 'sub', 'amr'].map((name) => `idp.example.com/realms/acme:${name}`),
      issuer: 'https://idp.example.com/realms/Acme',
      audience: 'app',
      issuedAtMs: (NOW - 60) * 1000,
      expiresAtMs: (NOW + 60) * 1000,
    });
  });

  it('keeps the slash at the end of an issuer in its names', () => {
    const { providerArn, contextKeys } = read({}, 'acme.auth0.com/');
    expect(providerArn).toBe('arn:aws:iam::123456789012:oidc-provider/acme.auth0.com/');
    expect([...contextKeys.keys()]).toContain('acme.auth0.com/:sub');
  });

  it('is of exactly the issuer', () => {
    for (const iss of [
      'https://idp.example.com/realms/acme',
      'https://idp.example.com/realms/Acme/',
      'http://idp.example.com/realms/Acme',
      'idp.example.com/realms/Acme',
      ['https://idp.example.com/realms/Acme'],
      undefined,
    ]) {
      expect(refused({ iss }), String(iss)).toEqual(INVALID);
    }
  });

  it('has its subject, of 6 to 255 characters', () => {
    expect(refused({ sub: undefined })).toEqual(missing('sub'));
    expect(refused({ sub: '' })).toEqual(missing('sub'));
    expect(refused({ sub: 123_456 })).toEqual(missing('sub'));
    expect(refused({ sub: 'short' })).toEqual(INVALID);
    expect(refused({ sub: 's'.repeat(256) })).toEqual(INVALID);
    expect(read({ sub: 'longer' }).subject).toBe('longer');
    expect(read({ sub: 's'.repeat(255) }).subject).toHaveLength(255);
  });

  it('has the claims of GitHub Actions as condition keys, for that issuer alone', () => {
    const claims = { repository: 'acme/app', ref: 'refs/heads/main', actor_id: '1', job_workflow_ref: 'w', other: 'x' };
    const github = 'token.actions.githubusercontent.com';
    const { contextKeys, lastingKeys } = read(claims, github);
    expect(contextKeys.get(`${github}:repository`)).toEqual(['acme/app']);
    expect([...contextKeys.keys()].sort()).toEqual(
      ['actor_id', 'aud', 'job_workflow_ref', 'ref', 'repository', 'sub'].map((name) => `${github}:${name}`),
    );
    expect(lastingKeys).not.toContain(`${github}:repository`);
    expect(read(claims).contextKeys.size).toBe(2);
    expect(read({}, 'constructor').contextKeys.size).toBe(2);
  });
});

describe('times', () => {
  it('are whole seconds, and exp and iat are there', () => {
    for (const name of ['exp', 'iat']) {
      expect(refused({ [name]: undefined })).toEqual(missing(name));
      for (const value of [String(NOW), NOW + 0.5, null, {}, 1e300]) {
        expect(refused({ [name]: value }), `${name} ${value}`).toEqual(INVALID);
      }
    }
    expect(refused({ nbf: 'now' })).toEqual(INVALID);
  });

  it('may be five minutes off', () => {
    expect(read({ exp: NOW - 300 }).subject).toBe('jane@acme.org');
    expect(refused({ exp: NOW - 301 })).toEqual([
      'ExpiredIdentityTokenException',
      `Token expired: current date/time ${NOW} must be before the expiration date/time ${NOW - 301}`,
    ]);
    for (const name of ['nbf', 'iat']) {
      expect(read({ [name]: NOW + 300 }).subject).toBe('jane@acme.org');
      expect(refused({ [name]: NOW + 301 }), name).toEqual(INVALID);
    }
  });
});

describe('the audience', () => {
  it('is a registered client', () => {
    expect(read({ aud: ['sts.amazonaws.com'] }).audience).toBe('sts.amazonaws.com');
    for (const aud of ['other', 'App', ['other']]) {
      expect(refused({ aud }), String(aud)).toEqual(['InvalidIdentityTokenException', 'Incorrect token audience']);
    }
    for (const aud of [undefined, '', [], [''], 7]) expect(refused({ aud }), String(aud)).toEqual(missing('aud'));
  });

  it('is the client that asked for the token, where the token names one', () => {
    const { audience, contextKeys } = read({ aud: ['api', 'other'], azp: 'app' });
    expect(audience).toBe('app');
    expect(contextKeys.get('idp.example.com/realms/acme:aud')).toEqual(['app']);
    expect(contextKeys.get('idp.example.com/realms/acme:oaud')).toEqual(['api', 'other']);
    // aws/aws-sdk-net#3071: a token of one client for another is refused although `aud` is registered.
    expect(refused({ aud: 'app', azp: 'other' })[1]).toBe('Incorrect token audience');
    expect(refused({ aud: ['app', 'sts.amazonaws.com'] })[1]).toBe(
      'Token audience contains more than one audience while authorized party is not present',
    );
  });
});

describe('the source identity', () => {
  it('is one that AssumeRole would take', () => {
    expect(read({ [SOURCE_IDENTITY]: 'jane@acme.org' }).sourceIdentity).toBe('jane@acme.org');
    for (const value of ['j', 'jane doe', 'j'.repeat(65), ['jane'], '', 7, 'jane\n']) {
      expect(refused({ [SOURCE_IDENTITY]: value }), String(value)).toEqual(INVALID);
    }
  });
});

describe('tags', () => {
  const nested = (principal_tags: unknown, transitive_tag_keys?: unknown) => ({
    [TAGS]: { principal_tags, ...(transitive_tag_keys !== undefined && { transitive_tag_keys }) },
  });

  it('are read from the nested claim', () => {
    const { sessionTags, transitiveTagKeys } = read(
      nested({ Project: ['Automation'], CostCenter: ['987654'], Empty: [''] }, ['Project', 'costcenter', 'PROJECT']),
    );
    expect([...sessionTags]).toEqual([
      ['Project', 'Automation'],
      ['CostCenter', '987654'],
      ['Empty', ''],
    ]);
    expect(transitiveTagKeys).toEqual(['PROJECT', 'costcenter']);
  });

  it('are read from flattened claims', () => {
    const { sessionTags, transitiveTagKeys } = read({
      [`${PRINCIPAL_TAG}Project`]: 'Automation',
      [`${PRINCIPAL_TAG}cost/center`]: ['987654'],
      [TRANSITIVE]: ['Project'],
    });
    expect([...sessionTags]).toEqual([
      ['Project', 'Automation'],
      ['cost/center', '987654'],
    ]);
    expect(transitiveTagKeys).toEqual(['Project']);
  });

  it('of both forms are laid over each other, the nested ones on top', () => {
    const { sessionTags, transitiveTagKeys } = read({
      ...nested({ Team: ['nested'] }, ['team']),
      [`${PRINCIPAL_TAG}team`]: 'flattened',
      [`${PRINCIPAL_TAG}stage`]: 'test',
      [TRANSITIVE]: ['stage', 'TEAM'],
    });
    expect(Object.fromEntries(sessionTags)).toEqual({ Team: 'nested', stage: 'test' });
    expect(transitiveTagKeys).toEqual(['stage', 'team']);
  });

  it('may be none', () => {
    for (const claims of [{}, { [TAGS]: {} }, { [TAGS]: null }, nested({}), nested({}, [])]) {
      expect(read(claims).sessionTags.size).toBe(0);
    }
  });

  it.each([
    ['a text for the claim', { [TAGS]: 'team=ds' }],
    ['a list for the claim', { [TAGS]: [] }],
    ['a list of tags', nested([['team', 'ds']])],
    ['a text for a value', nested({ team: 'ds' })],
    ['no value', nested({ team: [] })],
    ['two values', nested({ team: ['ds', 'sales'] })],
    ['a number for a value', nested({ team: [7] })],
    ['a number for a flattened value', { [`${PRINCIPAL_TAG}team`]: 7 }],
    ['two flattened values', { [`${PRINCIPAL_TAG}team`]: ['a', 'b'] }],
    ['an empty key', nested({ '': ['x'] })],
    ['an empty flattened key', { [PRINCIPAL_TAG]: 'x' }],
    ['a key of 129 characters', nested({ ['k'.repeat(129)]: ['x'] })],
    ['a value of 257 characters', nested({ team: ['v'.repeat(257)] })],
    ['a key with other characters', nested({ 'team;x': ['x'] })],
    ['a control character', nested({ team: ['a\u0000b'] })],
    ['a line break', nested({ team: ['a\nb'] })],
    ['a separator of fields', nested({ team: ['a|b'] })],
    ['a reserved key', nested({ 'AWS:team': ['x'] })],
    ['keys that differ in letter case', nested({ team: ['a'], Team: ['b'] })],
    ['flattened keys that differ in letter case', { [`${PRINCIPAL_TAG}a`]: '1', [`${PRINCIPAL_TAG}A`]: '2' }],
    ['51 tags', nested(Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ['']])))],
    ['a transitive key without its tag', nested({ team: ['ds'] }, ['project'])],
    ['a text for transitive keys', nested({ team: ['ds'] }, 'team')],
    ['a transitive key that is no text', nested({ team: ['ds'] }, [7])],
  ])('are refused as a whole for %s', (_, claims) => {
    expect(refused(claims)[0]).toBe('InvalidIdentityTokenException');
  });

  it('are all that the provider signed, at the limits', () => {
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`k${n}`.padEnd(128, '.'), ['ü'.repeat(256)]]),
    );
    expect(read(nested(many)).sessionTags.size).toBe(50);
    expect(read(nested(JSON.parse('{"__proto__":["x"]}'))).sessionTags.get('__proto__')).toBe('x');
  });

  it('come out of any claim whole, or not at all', () => {
    const value = fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 2 }), fc.constant(null), fc.integer());
    const claim = fc.oneof(
      fc.record({ principal_tags: fc.dictionary(fc.string({ maxLength: 8 }), value, { maxKeys: 4 }) }),
      fc.json().map((text): unknown => JSON.parse(text)),
    );
    fc.assert(
      fc.property(
        claim,
        fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), value, { maxKeys: 3 }),
        (one, flat) => {
          const flattened = Object.fromEntries(Object.entries(flat).map(([key, text]) => [PRINCIPAL_TAG + key, text]));
          let tags: ReadonlyMap<string, string>;
          try {
            tags = read({ [TAGS]: one, ...flattened }).sessionTags;
          } catch (error) {
            return error instanceof Fault && error.code === 'InvalidIdentityTokenException';
          }
          const own = (one as { principal_tags?: Record<string, [string]> } | null)?.principal_tags ?? {};
          const kept = [...tags.keys()].map((key) => key.toLowerCase());
          const given = [...Object.keys(own), ...Object.keys(flat)].map((key) => key.toLowerCase());
          return (
            new Set(kept).size === kept.length &&
            given.every((key) => kept.includes(key)) &&
            Object.entries(own).every(([key, [text]]) => tags.get(key) === text)
          );
        },
      ),
    );
  });
});

describe('a token', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (header: unknown, claims: unknown) => `${part(header)}.${part(claims)}.AAAA`;

  it('says who signed it and with which key', () => {
    const iss = 'https://idp.example.com';
    expect(readWebIdentityToken(token({ alg: 'ES384', kid: 'k' }, { iss }))).toEqual({
      header: { algorithm: 'ES384', keyId: 'k' },
      issuer: iss,
    });
    expect(readWebIdentityToken(token({ alg: 'RS256' }, { iss })).header).toEqual({ algorithm: 'RS256' });
  });

  it('is refused when it does not', () => {
    const good = { iss: 'https://idp.example.com' };
    const refusedText = (text: string) => {
      try {
        readWebIdentityToken(text);
      } catch (error) {
        return (error as Fault).message;
      }
      return '';
    };
    for (const header of [
      {},
      { alg: 'HS256' },
      { alg: 'none' },
      { alg: ['RS256'] },
      { alg: 'RS256', kid: 7 },
      [],
      'x',
      null,
    ]) {
      expect(refusedText(token(header, good)), JSON.stringify(header)).toBe(IDENTITY_TOKEN_TEXTS.notJwt);
    }
    for (const claims of [[], 'x', null, 7]) {
      expect(refusedText(token({ alg: 'RS256' }, claims))).toBe(IDENTITY_TOKEN_TEXTS.notJwt);
    }
    for (const claims of [{}, { iss: '' }, { iss: 7 }]) {
      expect(refusedText(token({ alg: 'RS256' }, claims))).toBe('Missing a required claim: iss');
    }
    expect(refusedText(token({ alg: 'RS256', kid: 'k'.repeat(1025) }, good))).toBe(IDENTITY_TOKEN_TEXTS.notJwt);
  });

  it('of any text is read or refused', () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.json(), fc.json()).map(([a, b]) => token(a, b)),
    );
    fc.assert(
      fc.property(text, (anything) => {
        try {
          readWebIdentityToken(anything);
          return true;
        } catch (error) {
          return error instanceof Fault && error.code === 'InvalidIdentityTokenException';
        }
      }),
    );
  });
});
