import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allow, Installation, type Keys, MANAGEMENT, MEMBER } from '../../../test/identity/installation.ts';
import { newKeyPair, SamlIdp } from '../../../test/identity/saml-idp.ts';
import { faultOf } from '../../../test/identity/saml-setup.ts';
import { put } from '../../identity/directory-records.ts';

let idp: SamlIdp;
let metadata: string;
let installation: Installation;
let admin: Keys;

const ARN = `arn:aws:iam::${MANAGEMENT}:saml-provider/corp`;
const call = (operation: string, input: object = {}, keys = admin) => installation.call(operation, keys, input);
const create = (SAMLMetadataDocument = metadata, more: object = {}) =>
  call('CreateSAMLProvider', { Name: 'corp', SAMLMetadataDocument, ...more });

beforeAll(async () => {
  idp = await SamlIdp.start();
  metadata = await idp.metadata();
});
afterAll(() => idp.stop());
beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
});

describe('SAML providers', () => {
  it('are created, shown, listed, updated and deleted', async () => {
    const Tags = [{ Key: 'team', Value: 'it' }];
    expect(await create(metadata, { Tags })).toEqual({ SAMLProviderArn: ARN, Tags });
    const CreateDate = new Date(installation.nowMs);
    const ValidUntil = new Date('2126-05-01T12:00:00Z');
    expect(await call('GetSAMLProvider', { SAMLProviderArn: ARN })).toEqual({
      SAMLProviderUUID: expect.stringMatching(/^[A-Z0-9]{22,64}$/),
      SAMLMetadataDocument: metadata,
      CreateDate,
      ValidUntil,
      Tags,
    });
    expect(await call('ListSAMLProviders')).toEqual({ SAMLProviderList: [{ Arn: ARN, CreateDate, ValidUntil }] });
    const ends = metadata.replace('<EntityDescriptor', '$& validUntil="2026-12-31T00:00:00Z"');
    expect(await call('UpdateSAMLProvider', { SAMLProviderArn: ARN, SAMLMetadataDocument: ends })).toEqual({
      SAMLProviderArn: ARN,
    });
    const updated = await call('GetSAMLProvider', { SAMLProviderArn: ARN });
    expect(updated).toMatchObject({ SAMLMetadataDocument: ends, ValidUntil: new Date('2026-12-31T00:00:00Z') });
    expect(await call('DeleteSAMLProvider', { SAMLProviderArn: ARN })).toEqual({});
    expect(await call('ListSAMLProviders')).toEqual({ SAMLProviderList: [] });
    for (const operation of ['GetSAMLProvider', 'DeleteSAMLProvider', 'ListSAMLProviderTags']) {
      expect(await faultOf(call(operation, { SAMLProviderArn: ARN }))).toEqual([
        'NoSuchEntityException',
        `Manifest not found for arn ${ARN}`,
      ]);
    }
  });

  it('keep what the verifier needs of the metadata', async () => {
    await create(
      metadata.replace('<EntityDescriptor', '\uFEFF<?xml version="1.0" encoding="utf-8"?><!-- by hand -->$&'),
    );
    expect(installation.directory.samlProvider(ARN)).toMatchObject({
      entityId: idp.issuer,
      certificates: [idp.keys.certificate.replace(/-----[^-]*-----|\s/g, '')],
    });
  });

  it('have tags whose keys are told apart by letter case', async () => {
    await create();
    const Tags = [
      { Key: 'team', Value: 'it' },
      { Key: 'Team', Value: 'IT' },
    ];
    await call('TagSAMLProvider', { SAMLProviderArn: ARN, Tags: Tags.slice(0, 1) });
    await call('TagSAMLProvider', { SAMLProviderArn: ARN, Tags: Tags.slice(1) });
    const listed = await call('ListSAMLProviderTags', { SAMLProviderArn: ARN });
    expect(listed).toEqual({ Tags: [Tags[1], Tags[0]], IsTruncated: false });
    await call('UntagSAMLProvider', { SAMLProviderArn: ARN, TagKeys: ['team'] });
    expect((await call('ListSAMLProviderTags', { SAMLProviderArn: ARN })).Tags).toEqual(Tags.slice(1));
  });

  it('have a name that no other has, letter case ignored', async () => {
    await create();
    expect(await faultOf(create(metadata, { Name: 'CORP' }))).toEqual([
      'EntityAlreadyExistsException',
      'Provider with name CORP already exists.',
    ]);
  });

  it('are at most a hundred', async () => {
    await create();
    const { version: _, ...provider } = installation.directory.samlProvider(ARN)!;
    const more = Array.from({ length: 99 }, (__, index) =>
      put('saml-provider', { ...provider, version: 0, name: `corp-${index}` }),
    );
    await installation.directory.write(more);
    expect(await faultOf(create(metadata, { Name: 'one-more' }))).toEqual([
      'LimitExceededException',
      'Cannot exceed quota for SAMLProvidersPerAccount: 100',
    ]);
  });

  it("are no other account's", async () => {
    await create();
    const keys = await installation.rootKeys(MEMBER);
    expect((await faultOf(call('GetSAMLProvider', { SAMLProviderArn: ARN }, keys)))[0]).toBe('AccessDeniedException');
    expect(await call('ListSAMLProviders', {}, keys)).toEqual({ SAMLProviderList: [] });
  });

  it('take a permission on the provider, with its tags as condition keys', async () => {
    await create(metadata, { Tags: [{ Key: 'team', Value: 'it' }] });
    const mine = { ...allow('iam:*', ARN), Condition: { StringEquals: { 'aws:ResourceTag/team': 'it' } } };
    const keys = await installation.user(admin, 'it', [mine]);
    expect(await call('GetSAMLProvider', { SAMLProviderArn: ARN }, keys)).toMatchObject({ CreateDate: {} });
    expect(await faultOf(call('ListSAMLProviders', {}, keys))).toEqual([
      'AccessDeniedException',
      expect.stringContaining('no identity-based policy allows the iam:ListSAMLProviders action'),
    ]);
  });

  it('take no encryption keys: encrypted assertions are not supported', async () => {
    const message = 'Encrypted assertions are not supported: leave AssertionEncryptionMode and the private keys out.';
    const refused = ['InvalidInputException', message];
    expect(await faultOf(create(metadata, { AssertionEncryptionMode: 'Allowed' }))).toEqual(refused);
    await create();
    const update = (input: object) => faultOf(call('UpdateSAMLProvider', { SAMLProviderArn: ARN, ...input }));
    expect(await update({ AddPrivateKey: 'key' })).toEqual(refused);
    expect(await update({})).toEqual([
      'InvalidInputException',
      'Unable to update identity provider. No updates are defined for metadata or encryption assertion.',
    ]);
  });
});

describe('metadata', () => {
  const certificate = /<X509Certificate>[\s\S]*<\/X509Certificate>/;

  it.each([
    ['no XML', 'nothing', /not well-formed XML/],
    ['a cut document', (text: string) => text.slice(0, -10), /not well-formed XML/],
    ['a document type', (text: string) => `<!DOCTYPE x>${text}`, /document type declaration/],
    ['an entity', (text: string) => text.replace('https://idp', '&idp;'), /not well-formed XML/],
    ['an instruction', (text: string) => `<?php x ?>${text}`, /processing instruction/],
    ['another encoding', (text: string) => `<?xml version="1.0" encoding="UTF-16"?>${text}`, /UTF-16 is not accepted/],
    [
      'another root',
      (text: string) => text.replaceAll('EntityDescriptor', 'EntitiesDescriptor'),
      /one `EntityDescriptor`/,
    ],
    ['no entity ID', (text: string) => text.replace(/entityID="[^"]*"/, ''), /no proper `entityID`/],
    [
      'a service provider',
      (text: string) => text.replaceAll('IDPSSODescriptor', 'SPSSODescriptor'),
      /`IDPSSODescriptor`/,
    ],
    [
      'another protocol',
      (text: string) => text.replace('SAML:2.0:protocol', 'SAML:1.1:protocol'),
      /`IDPSSODescriptor`/,
    ],
    ['no certificate', (text: string) => text.replace(certificate, ''), /no signing certificate/],
    ['an encryption key alone', (text: string) => text.replace('"signing"', '"encryption"'), /no signing certificate/],
    [
      'a broken certificate',
      (text: string) => text.replace(certificate, '<X509Certificate>AAAA</X509Certificate>'),
      /cannot be read/,
    ],
    ['a bad end', (text: string) => text.replace('<EntityDescriptor', '$& validUntil="soon"'), /`soon` is no time/],
    [
      'an end in the past',
      (text: string) => text.replace('<EntityDescriptor', '$& validUntil="2026-05-01T12:00:00Z"'),
      /valid until 2026-05-01T12:00:00.000Z/,
    ],
    ['a deep document', () => `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`, /nested more than 32 deep/],
    ['a wide document', () => `<a>${'<b/>'.repeat(10_000)}</a>`, /more than 10000 elements/],
    [
      'many attributes',
      () => `<a ${Array.from({ length: 65 }, (_, index) => `b${index}=""`).join(' ')}/>`,
      /more than 64 attributes/,
    ],
    [
      'an ID twice',
      (text: string) => text.replace('<IDPSSODescriptor', '$& ID="x"').replace('<KeyDescriptor', '$& ID="x"'),
      /two elements/,
    ],
  ])('with %s is refused', async (_, change, message) => {
    const document = typeof change === 'string' ? change : change(metadata);
    const [code, text] = await faultOf(create(document));
    expect(code).toBe('InvalidInputException');
    expect(text).toMatch(/^Could not parse metadata: /);
    expect(text).toMatch(message);
  });

  it('may hold a key without a use, an elliptic curve, and ten certificates at most', async () => {
    const [key] = /<KeyDescriptor[\s\S]*?<\/KeyDescriptor>/.exec(metadata)!;
    const { certificate: curve } = await newKeyPair('ec');
    const base64 = curve.replace(/-----[^-]*-----|\s/g, '');
    const second = key
      .replace('use="signing"', '')
      .replace(certificate, `<X509Certificate>${base64}</X509Certificate>`);
    await create(metadata.replace(key, key + second + key));
    expect(installation.directory.samlProvider(ARN)!.certificates).toHaveLength(2);
  });
});
