import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair, SamlIdp } from './saml-idp.ts';
import { faultOf, person, SamlSetup, xmlOf } from './saml-setup.ts';
import { ENVELOPED, EXCLUSIVE_C14N, signXml } from './saml-signer.ts';

const INVALID = 'InvalidIdentityTokenException';
const ASSERTION = /<saml:Assertion[\s\S]*<\/saml:Assertion>/;
const SIGNATURE = /<Signature[\s\S]*?<\/Signature>/;

let idp: SamlIdp;
let saml: SamlSetup;
let attacker: KeyPair;
/** Valid responses, one signed at the assertion and one as a whole. */
let signedAssertion: string;
let signedResponse: string;
/** A valid response that nobody has signed. */
let unsigned: string;

beforeAll(async () => {
  idp = await SamlIdp.start();
  saml = await SamlSetup.start(idp);
  attacker = await newKeyPair();
  const who = person({ 'PrincipalTag:team': 'data-science' });
  signedAssertion = xmlOf(await idp.login(who));
  signedResponse = xmlOf(await idp.login(who, { signed: 'response' }));
  unsigned = xmlOf(await idp.login(who, { signed: 'nothing' }));
});
afterAll(() => idp.stop());

function part(xml: string, pattern: RegExp): string {
  const [found] = pattern.exec(xml) ?? [];
  if (found === undefined) throw new Error(`no ${pattern} in ${xml}`);
  return found;
}

const without = (xml: string, pattern: RegExp) => xml.replace(pattern, '');

/** The same for somebody else: another ID, another name, another team. */
function forged(xml: string): string {
  let count = 0;
  return xml
    .replace(/ ID="[^"]*"/g, () => ` ID="_forged${count++}"`)
    .replaceAll('user-1', 'admin')
    .replaceAll('data-science', 'engineering');
}

async function expectRefused(xml: string, reason: RegExp): Promise<void> {
  const [code, message] = await faultOf(saml.present(xml));
  expect([code, message]).toEqual([INVALID, expect.stringMatching(reason)]);
}

/** Who the session is for. */
async function identityOf(xml: string): Promise<object> {
  const { AssumedRoleUser, Subject, Credentials } = await saml.present(xml);
  const { tags } = saml.installation.callerOf(Credentials);
  return { name: AssumedRoleUser.Arn.split('/').at(-1), Subject, tags: Object.fromEntries(tags) };
}

const USER_1 = { name: 'user-1@acme.org', Subject: 'user-1', tags: { team: 'data-science' } };

describe('signature wrapping (the eight shapes of "On Breaking SAML", as SAML Raider numbers them)', () => {
  const MORE_THAN_ONE = /more than one assertion/;

  it('XSW1: the signed response inside the signature of a forged one', async () => {
    const signature = part(signedResponse, SIGNATURE);
    const original = without(signedResponse, SIGNATURE);
    const carrier = signature.replace('</Signature>', `${original}</Signature>`);
    await expectRefused(forged(original).replace('<samlp:Status>', `${carrier}<samlp:Status>`), MORE_THAN_ONE);
  });

  it('XSW2: the signed response beside its detached signature in a forged one', async () => {
    const signature = part(signedResponse, SIGNATURE);
    const original = without(signedResponse, SIGNATURE);
    const both = `${original}${signature}<samlp:Status>`;
    await expectRefused(forged(original).replace('<samlp:Status>', both), MORE_THAN_ONE);
  });

  it('XSW3: a forged assertion before the signed one', async () => {
    const original = part(signedAssertion, ASSERTION);
    const fake = forged(without(original, SIGNATURE));
    await expectRefused(signedAssertion.replace(original, fake + original), MORE_THAN_ONE);
    await expectRefused(signedAssertion.replace(original, original + fake), MORE_THAN_ONE);
  });

  it('XSW4: the signed assertion inside a forged one', async () => {
    const original = part(signedAssertion, ASSERTION);
    const fake = forged(without(original, SIGNATURE)).replace('</saml:Assertion>', `${original}</saml:Assertion>`);
    await expectRefused(signedAssertion.replace(original, fake), MORE_THAN_ONE);
  });

  it('XSW5: a forged assertion with the signature, the original without it at the end', async () => {
    const original = part(signedAssertion, ASSERTION);
    const signature = part(original, SIGNATURE);
    const fake = forged(original).replace(SIGNATURE, signature);
    await expectRefused(signedAssertion.replace(original, fake + without(original, SIGNATURE)), MORE_THAN_ONE);
  });

  it('XSW6: a forged assertion with the signature, and in that the original without it', async () => {
    const original = part(signedAssertion, ASSERTION);
    const signature = part(original, SIGNATURE);
    const carrier = signature.replace('</Signature>', `${without(original, SIGNATURE)}</Signature>`);
    await expectRefused(signedAssertion.replace(original, forged(original).replace(SIGNATURE, carrier)), MORE_THAN_ONE);
  });

  it('XSW7: a forged assertion in Extensions', async () => {
    const original = part(signedAssertion, ASSERTION);
    const extensions = `<samlp:Extensions>${forged(without(original, SIGNATURE))}</samlp:Extensions>`;
    await expectRefused(signedAssertion.replace('<samlp:Status>', `${extensions}<samlp:Status>`), MORE_THAN_ONE);
  });

  it('XSW8: the original in an Object of the signature of a forged one', async () => {
    const original = part(signedAssertion, ASSERTION);
    const object = `<Object>${without(original, SIGNATURE)}</Object></Signature>`;
    const carrier = part(original, SIGNATURE).replace('</Signature>', object);
    await expectRefused(signedAssertion.replace(original, forged(original).replace(SIGNATURE, carrier)), MORE_THAN_ONE);
  });

  it('the same with the original renamed, so that there is one assertion left to be seen', async () => {
    const original = part(signedAssertion, ASSERTION);
    const signature = part(original, SIGNATURE);
    const renamed = original.replaceAll('saml:Assertion', 'saml:Other');
    const fake = forged(without(original, SIGNATURE));
    await expectRefused(signedAssertion.replace(original, fake + renamed), /signature where none belongs/);
    const detached = fake.replace('<saml:Subject>', `${signature}<saml:Subject>`);
    await expectRefused(signedAssertion.replace(original, detached + renamed), /signature where none belongs/);
    const bare = without(renamed, SIGNATURE);
    await expectRefused(signedAssertion.replace(original, detached + bare), /another element than the one it is in/);
  });
});

describe('what is not signed', () => {
  it('counts for nothing beside a signed assertion', async () => {
    const statement = part(signedAssertion, /<saml:AttributeStatement[\s\S]*<\/saml:AttributeStatement>/);
    const beside = forged(statement).replace(
      '<saml:AttributeStatement',
      '$& xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"',
    );
    const xml = signedAssertion.replace('</samlp:Response>', `${beside}</samlp:Response>`);
    expect(await identityOf(xml)).toEqual(USER_1);
  });

  it('is refused where it would count', async () => {
    const tag =
      '<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/PrincipalTag:cost-center"><saml:AttributeValue>1</saml:AttributeValue></saml:Attribute>';
    const added = (xml: string) => xml.replace('</saml:AttributeStatement>', `${tag}$&`);
    await expectRefused(added(signedAssertion), /changed after it was signed/);
    await expectRefused(added(signedResponse), /changed after it was signed/);
    await expectRefused(signedAssertion.replaceAll('data-science', 'engineering'), /changed after it was signed/);
    await expectRefused(without(signedAssertion, SIGNATURE), /it is not signed/);
    await expectRefused(unsigned, /it is not signed/);
  });
});

describe('keys and algorithms', () => {
  it("refuses another's key, whatever KeyInfo says", async () => {
    const registered = part(signedAssertion, /<KeyInfo>[\s\S]*<\/KeyInfo>/);
    const forgery = signXml(forged(unsigned), attacker);
    await expectRefused(forgery, /no certificate of the provider fits/);
    await expectRefused(forgery.replace(/<KeyInfo>[\s\S]*<\/KeyInfo>/, registered), /no certificate of the provider/);
    await expectRefused(forgery.replace(/<KeyInfo>[\s\S]*<\/KeyInfo>/, ''), /no certificate of the provider/);
  });

  it('does not ask KeyInfo', async () => {
    const token = xmlOf(await idp.login(person({ 'PrincipalTag:team': 'data-science' })));
    const theirs = `<X509Certificate>${attacker.certificate.replace(/-----[^-]*-----|\s/g, '')}</X509Certificate>`;
    expect(await identityOf(token.replace(/<X509Certificate>[\s\S]*<\/X509Certificate>/, theirs))).toEqual(USER_1);
  });

  it('refuses SHA-1, which some providers can still be set to', async () => {
    const sha1 = { signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' } as const;
    await expectRefused(
      xmlOf(await idp.login(person(), sha1)),
      /^Response signature invalid: the SignatureMethod `http:\/\/www.w3.org\/2000\/09\/xmldsig#rsa-sha1` is not accepted$/,
    );
    const digest = xmlOf(await idp.login(person(), { digestAlgorithm: 'sha1' }));
    await expectRefused(digest, /DigestMethod `.*sha1` is not accepted/);
  });

  it('refuses an HMAC with the public certificate as its secret', async () => {
    const method = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256';
    const xml = signedAssertion.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', method);
    const value = createHmac('sha256', idp.keys.certificate)
      .update(part(xml, /<SignedInfo>[\s\S]*<\/SignedInfo>/))
      .digest('base64');
    const hmac = xml.replace(/<SignatureValue>[^<]*/, `<SignatureValue>${value}`);
    await expectRefused(hmac, /hmac-sha256` is not accepted/);
    await expectRefused(hmac.replace(method, 'constructor'), /`constructor` is not accepted/);
  });

  it.each([
    ['rsa', 'sha384'],
    ['rsa', 'sha512'],
    ['ecdsa', 'sha256'],
    ['ecdsa', 'sha384'],
  ] as const)('takes %s with %s', async (algorithm, hash) => {
    const fresh = await SamlIdp.start();
    fresh.keys = await newKeyPair(algorithm === 'rsa' ? 'rsa' : 'ec');
    const setup = await SamlSetup.start(fresh);
    const xml = xmlOf(await idp.login(person(), { signed: 'nothing' }));
    expect(await setup.present(signXml(xml, fresh.keys, { algorithm, hash }))).toMatchObject({ Subject: 'user-1' });
    expect((await faultOf(setup.present(signXml(xml, idp.keys, { hash }))))[0]).toBe(INVALID);
    await fresh.stop();
  });

  it('takes a prefix list of the transform, as Okta sends one', async () => {
    const xml = xmlOf(await idp.login(person(), { signed: 'nothing' }));
    const hoisted = without(xml, / xmlns:xs="[^"]*"/).replace(
      '<saml:Assertion',
      '$& xmlns:xs="http://www.w3.org/2001/XMLSchema"',
    );
    expect(await saml.present(signXml(hoisted, idp.keys, { inclusivePrefixes: ['xs'] }))).toMatchObject({
      Subject: 'user-1',
    });
  });
});

describe('transforms and references', () => {
  const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

  it.each([
    ['inclusive canonical form', [ENVELOPED, INCLUSIVE], /Transform `.*REC-xml-c14n-20010315` is not accepted/],
    ['comments in the canonical form', [ENVELOPED, `${EXCLUSIVE_C14N}WithComments`], /WithComments` is not accepted/],
    ['no canonical form', [ENVELOPED], /other parts than expected/],
    ['three transforms', [ENVELOPED, EXCLUSIVE_C14N, EXCLUSIVE_C14N], /other parts than expected/],
    ['no enveloped signature', [EXCLUSIVE_C14N, EXCLUSIVE_C14N], /is not accepted/],
  ])('refuses %s, even from the provider', async (_, transforms, reason) => {
    await expectRefused(signXml(unsigned, idp.keys, { transforms }), reason);
  });

  it('refuses XSLT, XPath and every other transform', async () => {
    const algorithms = [
      'http://www.w3.org/TR/1999/REC-xslt-19991116',
      'http://www.w3.org/TR/1999/REC-xpath-19991116',
      'http://www.w3.org/2002/06/xmldsig-filter2',
      'http://www.w3.org/2000/09/xmldsig#base64',
    ];
    for (const algorithm of algorithms) {
      const xslt = '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>';
      const transform = `<Transform Algorithm="${algorithm}">${xslt}</Transform>`;
      await expectRefused(signedAssertion.replace('<Transforms>', `$&${transform}`), /other parts than expected/);
      const replaced = signedAssertion.replace(/<Transform Algorithm="[^"]*exc-c14n#"\/>/, transform);
      await expectRefused(replaced, /is not accepted/);
    }
  });

  it('refuses references to something else, to everything and to several things', async () => {
    const [, id] = /<Reference URI="#([^"]*)"/.exec(signedAssertion)!;
    const uri = (value: string) => signedAssertion.replace(/<Reference URI="[^"]*"/, `<Reference URI="${value}"`);
    for (const value of ['', '#_other', `#xpointer(id('${id}'))`, `${id}`, 'http://evil.example/a.xml']) {
      await expectRefused(uri(value), /another element than the one it is in/);
    }
    await expectRefused(signedAssertion.replace(/ URI="[^"]*"/, ''), /another element/);
    const reference = part(signedAssertion, /<Reference[\s\S]*?<\/Reference>/);
    await expectRefused(signedAssertion.replace(reference, reference + reference), /other parts than expected/);
    await expectRefused(signedAssertion.replace(reference, ''), /other parts than expected/);
  });

  it('refuses several SignedInfo (CVE-2025-29774) and several DigestValue', async () => {
    const info = part(signedAssertion, /<SignedInfo>[\s\S]*<\/SignedInfo>/);
    const digest = part(signedAssertion, /<DigestValue>[^<]*<\/DigestValue>/);
    await expectRefused(signedAssertion.replace(info, info + info), /other parts than expected/);
    await expectRefused(signedAssertion.replace(info, forged(info) + info), /other parts than expected/);
    await expectRefused(signedAssertion.replace(digest, digest + digest), /other parts than expected/);
  });

  it('refuses a comment in DigestValue (CVE-2025-29775)', async () => {
    const xml = signedAssertion.replace('<DigestValue>', '<DigestValue><!--Zm9yZ2Vk-->');
    await expectRefused(xml, /a comment is not accepted/);
  });

  it('refuses an ID that two elements share, in any spelling, and one that is no ID', async () => {
    const [, id] = /<saml:Assertion[^>]* ID="([^"]*)"/.exec(signedAssertion)!;
    for (const name of ['ID', 'Id', 'id', 'xml:id']) {
      await expectRefused(signedAssertion.replace('<samlp:Status>', `<samlp:Status ${name}="${id}">`), /two elements/);
    }
    await expectRefused(unsigned.replace(/(<saml:Assertion[^>]*) ID="[^"]*"/, '$1'), /it is not signed/);
    await expectRefused(signedAssertion.replaceAll(id!, "x' or '1'='1"), /no proper ID/);
  });
});

describe('XML that two readers may understand differently', () => {
  it('refuses comments in the NameID and in values, which the signature does not cover', async () => {
    await expectRefused(signedAssertion.replace('>user-1<', '>user<!---->-1<'), /a comment is not accepted/);
    await expectRefused(signedAssertion.replace('>user-1@', '>user-1<!--x-->@'), /a comment is not accepted/);
    await expectRefused(signedAssertion.replace('>data-science<', '>data<!-- -->-science<'), /a comment is not/);
  });

  it('refuses document types: external entities, a billion laughs', async () => {
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`);
    const prologs = [
      '<!DOCTYPE samlp:Response>',
      '<!DOCTYPE r [<!ENTITY who "admin">]>',
      '<!DOCTYPE r [<!ENTITY who SYSTEM "file:///etc/passwd">]>',
      '<!DOCTYPE r [<!ENTITY % who SYSTEM "http://evil.example/who.ent"> %who;]>',
      '<!DOCTYPE r SYSTEM "http://evil.example/r.dtd">',
      `<!DOCTYPE r [<!ENTITY l0 "lol">${laughs.join('')}]>`,
    ];
    for (const prolog of prologs) {
      await expectRefused(prolog + signedAssertion, /document type declaration is not accepted/);
      await expectRefused(prolog + signedAssertion.replace('>user-1<', '>&who;&l9;<'), /document type declaration/);
    }
  });

  it('refuses entities without a document type, instructions, CDATA and other encodings', async () => {
    await expectRefused(signedAssertion.replace('>user-1<', '>&who;<'), /not well-formed XML/);
    await expectRefused(signedAssertion.replace('>user-1<', '>user<?x y?>-1<'), /processing instruction/);
    await expectRefused(signedAssertion.replace('>user-1<', '><![CDATA[user-1]]><'), /CDATA section/);
    await expectRefused(`<?xml version="1.1"?>${signedAssertion}`, /XML 1.1 is not accepted/);
    await expectRefused(`<?xml version="1.0" encoding="utf-7"?>${signedAssertion}`, /utf-7 is not accepted/);
    await expectRefused(signedAssertion.replace('</samlp:Response>', ''), /not well-formed XML/);
    await expectRefused(`${signedAssertion}<samlp:Response/>`, /not well-formed XML/);
    await expectRefused(signedAssertion.replace('>user-1<', '>user\u0000-1<'), /not well-formed XML/);
    const utf16 = Buffer.from(signedAssertion, 'utf16le').toString('base64');
    expect((await faultOf(saml.present(utf16)))[0]).toBe(INVALID);
  });

  it('reads character references and an XML declaration as what they stand for', async () => {
    const who = person({ 'PrincipalTag:team': 'data-science' });
    const reference = xmlOf(await idp.login(who)).replace('>user-1<', '>&#117;ser&#x2d;1<');
    expect(await identityOf(reference)).toEqual(USER_1);
    const declared = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>\r\n${xmlOf(await idp.login(who))}`;
    expect(await identityOf(declared)).toEqual(USER_1);
  });

  it('refuses elements of other namespaces under the usual names', async () => {
    const evil = (from: string) => signedAssertion.replaceAll(from, 'urn:evil');
    await expectRefused(evil('urn:oasis:names:tc:SAML:2.0:protocol'), /no SAML 2.0 response/);
    await expectRefused(evil('urn:oasis:names:tc:SAML:2.0:assertion'), /no assertion in it/);
    await expectRefused(evil('http://www.w3.org/2000/09/xmldsig#"'), /not well-formed|not signed/);
    await expectRefused(signedAssertion.replace('<saml:Subject>', '<evil:Subject>'), /not well-formed XML/);
  });

  it('reads the signed namespaces, whatever is declared around them', async () => {
    const response = xmlOf(await idp.login(person({ 'PrincipalTag:team': 'data-science' })));
    const xml = response.replace('<samlp:Response', '<samlp:Response xmlns="urn:evil" xmlns:saml="urn:evil"');
    expect(await identityOf(xml)).toEqual(USER_1);
  });

  it('refuses documents that are deep, wide or have too much on one element', async () => {
    const deep = `<samlp:Extensions>${'<a>'.repeat(30)}${'</a>'.repeat(30)}</samlp:Extensions>`;
    const wide = `<samlp:Extensions>${'<a/>'.repeat(1_000)}</samlp:Extensions>`;
    const many = `<a ${Array.from({ length: 33 }, (_, n) => `a${n}=""`).join(' ')}/>`;
    const within = (xml: string) => signedAssertion.replace('<samlp:Status>', `${xml}<samlp:Status>`);
    await expectRefused(within(deep), /nested more than 24 deep/);
    await expectRefused(within(wide), /more than 1000 elements/);
    await expectRefused(within(many), /more than 32 attributes/);
  });

  it.each(['', 'AAAA', '%%%%', '_-_-', 'PHg+A', Buffer.from([0xff, 0xfe, 0x3c]).toString('base64')])(
    'refuses %j for a response',
    async (response) => {
      expect((await faultOf(saml.present(response)))[0]).toBe(INVALID);
    },
  );

  it('takes base64 in lines', async () => {
    const token = await idp.login(person());
    expect(await saml.present(token.replace(/.{76}/g, '$&\r\n'))).toMatchObject({ Subject: 'user-1' });
  });
});

describe('assertions that a provider signs, and that are not to be used', () => {
  const signed = (change: (xml: string) => string) => signXml(change(unsigned), idp.keys);
  const confirmation = /<saml:SubjectConfirmation [\s\S]*<\/saml:SubjectConfirmation>/;

  it.each([
    ['two confirmations', (xml: string) => xml.replace(confirmation, '$&$&'), /one `SubjectConfirmation`/],
    ['no confirmation', (xml: string) => xml.replace(confirmation, ''), /one `SubjectConfirmation`/],
    ['a holder of key', (xml: string) => xml.replace('cm:bearer', 'cm:holder-of-key'), /not confirmed as a bearer/],
    ['no recipient', (xml: string) => xml.replace(/ Recipient="[^"]*"/, ''), /has no `Recipient`/],
    [
      'a confirmation without an end',
      (xml: string) => xml.replace(/(<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/, '$1'),
      /has no `NotOnOrAfter`/,
    ],
    [
      'no audience',
      (xml: string) => xml.replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, ''),
      /required audience/,
    ],
    [
      'one audience restriction too many',
      (xml: string) =>
        xml.replace(
          '<saml:AudienceRestriction>',
          '<saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction>$&',
        ),
      /required audience/,
    ],
    [
      'a condition that is not known',
      (xml: string) => xml.replace('</saml:Conditions>', '<x:Geo xmlns:x="urn:x"/>$&'),
      /condition that is not understood/,
    ],
    [
      'another version',
      (xml: string) => xml.replace(/(<saml:Assertion[^>]*)Version="2.0"/, '$1Version="1.1"'),
      /not of SAML 2.0/,
    ],
    ['no NameID', (xml: string) => xml.replace(/<saml:NameID.*<\/saml:NameID>/, ''), /one `NameID`/],
    ['an empty NameID', (xml: string) => xml.replace('>user-1<', '><'), /NameID is empty/],
    ['an element in the NameID', (xml: string) => xml.replace('>user-1<', '>user<b>-1</b><'), /must hold text alone/],
    [
      'an issuer that is no entity',
      (xml: string) => xml.replace(/(<saml:Assertion[^>]*><saml:Issuer)>/, '$1 Format="urn:x">'),
      /issuer is no entity/,
    ],
    [
      'a time without a zone',
      (xml: string) => xml.replace(/IssueInstant="([^"]*)Z"/g, 'IssueInstant="$1"'),
      /is no time/,
    ],
  ])('with %s', async (_, change, reason) => {
    await expectRefused(signed(change), reason);
  });

  it('in a response that reports no success', async () => {
    const failed = unsigned.replace('status:Success', 'status:Responder');
    await expectRefused(signXml(failed, idp.keys, { element: 'Response' }), /reports no success/);
  });

  it('for a session that has ended', async () => {
    const ended = new Date(saml.installation.nowMs).toISOString();
    const xml = signed((text) => text.replace('<saml:AuthnStatement', `$& SessionNotOnOrAfter="${ended}"`));
    expect(await faultOf(saml.present(xml))).toEqual(['ExpiredIdentityTokenException', 'Response has expired']);
  });

  it('but for a session that ends soon: it is cut', async () => {
    const end = saml.installation.nowMs + 1_200_000;
    const ends = new Date(end).toISOString();
    const xml = signed((text) => text.replace('<saml:AuthnStatement', `$& SessionNotOnOrAfter="${ends}"`));
    const { Credentials } = await saml.present(xml);
    expect(Credentials.Expiration.getTime()).toBeLessThanOrEqual(end);
    expect(Credentials.Expiration.getTime()).toBeGreaterThan(end - 2_000);
  });

  it('that are encrypted', async () => {
    const encryptionCert = idp.keys.certificate;
    await expectRefused(xmlOf(await idp.login(person(), { encryptionCert })), /encrypted assertions are not supported/);
  });

  it('that are no responses: a signed LogoutResponse, a signed assertion alone', async () => {
    const logout = unsigned.replaceAll('samlp:Response', 'samlp:LogoutResponse');
    await expectRefused(logout, /no SAML 2.0 response/);
    await expectRefused(part(signedAssertion, ASSERTION), /no SAML 2.0 response/);
  });
});
