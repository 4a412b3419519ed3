import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { XmlSamlVerifier } from '../../src/adapters/xml-saml-verifier.ts';
import { readSamlLogin } from '../../src/identity/saml-login.ts';
import type { SamlProvider } from '../../src/identity/saml-provider.ts';
import { SamlRefused } from '../../src/identity/saml-verifier.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { MANAGEMENT } from './installation.ts';
import { SamlIdp } from './saml-idp.ts';
import { person, xmlOf } from './saml-setup.ts';

const verifier = new XmlSamlVerifier();
let idp: SamlIdp;
let provider: SamlProvider;
let responses: readonly Buffer[];
let nowMs: number;

beforeAll(async () => {
  idp = await SamlIdp.start();
  nowMs = Date.now();
  provider = {
    version: 1,
    accountId: MANAGEMENT,
    name: 'corp',
    uuid: 'U',
    metadata: '',
    entityId: idp.issuer,
    certificates: [idp.keys.certificate.replace(/-----[^-]*-----|\s/g, '')],
    createdAtMs: nowMs,
    validUntilMs: Number.MAX_SAFE_INTEGER,
    tags: new Map(),
  };
  const who = person({ 'PrincipalTag:team': 'data-science', TransitiveTagKeys: ['team'], SourceIdentity: 'user-1' });
  const settings = [{ signed: 'assertion' }, { signed: 'response' }, { signed: 'both' }] as const;
  responses = await Promise.all(settings.map(async (one) => Buffer.from(xmlOf(await idp.login(who, one)))));
});
afterAll(() => idp.stop());

/** Everything that a session is made of; undefined when the response is refused. Throws what is a bug. */
function identityOf(response: Buffer): unknown {
  try {
    const xml = new TextDecoder('utf-8', { fatal: true }).decode(response);
    const signed = verifier.signedPart(xml, provider.certificates);
    const { identity, ...login } = readSamlLogin(signed, provider, { recipients: [], audiences: [] }, nowMs);
    return { ...login, ...identity, sessionTags: [...identity.sessionTags], contextKeys: [...identity.contextKeys] };
  } catch (error) {
    const isRefusal = error instanceof SamlRefused || error instanceof Fault;
    if (isRefusal || (error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return undefined;
    throw error;
  }
}

/** One byte of one of the responses, by a fraction of its length, so that shrinking goes to the beginning. */
const PLACE = fc.record({
  response: fc.nat(2),
  at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
});

describe('a changed response', () => {
  it('is the identity it was before it is changed', () => {
    for (const response of responses)
      expect(identityOf(response)).toMatchObject({ roleSessionName: 'user-1@acme.org' });
  });

  it('with one other byte is refused, or yields the identical identity', () => {
    fc.assert(
      fc.property(PLACE, fc.integer({ min: 0, max: 255 }), ({ response, at }, byte) => {
        const original = responses[response]!;
        const changed = Buffer.from(original);
        changed[Math.floor(at * original.length)] = byte;
        const identity = identityOf(changed);
        if (identity !== undefined) expect(identity).toEqual(identityOf(original));
      }),
      { numRuns: 1_500 },
    );
  });

  it('with bytes added, taken out or repeated is refused, or yields the identical identity', () => {
    const pieces = fc.constantFrom('', ' ', 'x', '<!---->', '&amp;', '<a/>', 'user-2', '\u0000', '\r', ' ID="x"');
    fc.assert(
      fc.property(PLACE, fc.nat(200), pieces, fc.boolean(), ({ response, at }, length, piece, isRepeated) => {
        const original = responses[response]!;
        const start = Math.floor(at * original.length);
        const [before, cut] = [original.subarray(0, start), original.subarray(start, start + length)];
        const rest = original.subarray(isRepeated ? start : start + length);
        const changed = Buffer.concat([before, isRepeated ? cut : Buffer.from(piece), rest]);
        const identity = identityOf(changed);
        if (identity !== undefined) expect(identity).toEqual(identityOf(original));
      }),
      { numRuns: 1_500 },
    );
  });

  it('with elements moved, copied or renamed is refused, or yields the identical identity', () => {
    const element = /<((?:saml|samlp):?[A-Za-z]*|[A-Z][A-Za-z0-9]*)[ >](?:(?!<\1[ >])[\s\S])*?<\/\1>/g;
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), fc.nat(), fc.boolean(), (index, from, to, isMoved) => {
        const original = responses[index]!;
        const xml = original.toString();
        const elements = [...xml.matchAll(element)].map(([text]) => text);
        const moved = elements[from % elements.length]!;
        const left = isMoved ? xml.replace(moved, '') : xml;
        const tags = [...left.matchAll(/>/g)].map((match) => match.index + 1);
        const place = tags[to % tags.length]!;
        const forged = moved.replaceAll('user-1', 'user-2').replace(/ ID="/g, ' ID="_');
        const identity = identityOf(Buffer.from(left.slice(0, place) + forged + left.slice(place)));
        if (identity !== undefined) expect(identity).toEqual(identityOf(original));
      }),
      { numRuns: 600 },
    );
  });
});
