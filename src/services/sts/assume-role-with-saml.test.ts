import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MANAGEMENT, SAML_RULES, trust } from '../../../test/identity/installation.ts';
import { AWS_AUDIENCE, AWS_SIGN_IN, newKeyPair, SamlIdp } from '../../../test/identity/saml-idp.ts';
import { faultOf, PROVIDER, person, ROLE, SamlSetup } from '../../../test/identity/saml-setup.ts';
import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';

const INVALID = 'InvalidIdentityTokenException';
const DENIED = 'AccessDeniedException';
const EXPIRED = 'ExpiredIdentityTokenException';

let idp: SamlIdp;
let saml: SamlSetup;

beforeAll(async () => {
  idp = await SamlIdp.start();
});
afterAll(() => idp.stop());
beforeEach(async () => {
  saml = await SamlSetup.start(idp);
});

describe('AssumeRoleWithSAML', () => {
  it.each(['assertion', 'response', 'both'] as const)('takes a signed %s', async (signed) => {
    const answer = await saml.assume(person({ 'PrincipalTag:team': 'data-science' }), { signed });
    expect(answer).toMatchObject({
      AssumedRoleUser: {
        AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:user-1@acme\.org$/),
        Arn: `arn:aws:sts::${MANAGEMENT}:assumed-role/Shared/user-1@acme.org`,
      },
      Credentials: { AccessKeyId: expect.stringMatching(/^ASIA/), SessionToken: expect.any(String) },
      PackedPolicySize: 1,
      Subject: 'user-1',
      SubjectType: 'persistent',
      Issuer: idp.issuer,
      Audience: AWS_SIGN_IN,
      NameQualifier: createHash('sha1').update(`${idp.issuer}${MANAGEMENT}/corp`).digest('base64'),
    });
    const caller = saml.installation.callerOf(answer.Credentials);
    expect(caller.arn).toBe(answer.AssumedRoleUser.Arn);
    expect(Object.fromEntries(caller.tags)).toEqual({ team: 'data-science' });
    expect(caller.session).toMatchObject({ issuedBy: 'AssumeRoleWithSAML', federatedProvider: PROVIDER });
  });

  it('takes tags, transitive keys and the source identity from the assertion', async () => {
    const answer = await saml.assume(
      person({
        'PrincipalTag:team': 'ds',
        'PrincipalTag:Cost Center': '12345',
        'PrincipalTag:empty': '',
        TransitiveTagKeys: ['team', 'Cost Center'],
        SourceIdentity: 'user-1',
      }),
    );
    expect(answer.SourceIdentity).toBe('user-1');
    const caller = saml.installation.callerOf(answer.Credentials);
    expect(Object.fromEntries(caller.tags)).toEqual({ team: 'ds', 'Cost Center': '12345', empty: '' });
    expect(caller.sourceIdentity).toBe('user-1');
    expect(caller.session?.transitiveTagKeys).toEqual(['team', 'Cost Center']);
  });

  it('needs sts:TagSession for tags and sts:SetSourceIdentity for a source identity', async () => {
    const RoleArn = await saml.role('Plain', {}, { actions: ['sts:AssumeRoleWithSAML'] });
    const who = (attributes: object) => person({ Role: `${RoleArn},${PROVIDER}`, ...attributes });
    expect(await saml.assume(who({}), {}, { RoleArn })).toMatchObject({ Subject: 'user-1' });
    expect(await faultOf(saml.assume(who({ 'PrincipalTag:team': 'ds' }), {}, { RoleArn }))).toEqual([
      DENIED,
      'Not authorized to perform sts:TagSession',
    ]);
    expect(await faultOf(saml.assume(who({ SourceIdentity: 'user-1' }), {}, { RoleArn }))).toEqual([
      DENIED,
      'Not authorized to perform sts:SetSourceIdentity',
    ]);
  });

  it('shows the condition keys of the assertion to the trust policy, and three of them to later requests', async () => {
    const conditions = {
      StringEquals: {
        'saml:aud': AWS_SIGN_IN,
        'saml:iss': idp.issuer,
        'saml:sub': 'user-1',
        'saml:sub_type': 'persistent',
        'saml:doc': `${MANAGEMENT}/corp`,
        'saml:edupersonorgdn': 'o=acme',
        'saml:mail': 'user-1@acme.org',
        'saml:givenName': 'Ann',
        'saml:uid': 'u1',
        'sts:RoleSessionName': 'user-1@acme.org',
        'aws:FederatedProvider': PROVIDER,
      },
      'ForAllValues:StringEquals': { 'saml:edupersonaffiliation': ['staff', 'member'] },
    };
    const RoleArn = await saml.role('Choosy', conditions);
    const attributes = {
      Role: `${RoleArn},${PROVIDER}`,
      'urn:oid:1.3.6.1.4.1.5923.1.1.1.1': ['staff', 'member'],
      'urn:oid:1.3.6.1.4.1.5923.1.1.1.3': 'o=acme',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress': 'user-1@acme.org',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname': 'Ann',
    };
    expect((await faultOf(saml.assume(person(attributes), {}, { RoleArn })))[0]).toBe(DENIED);
    const complete = person({ ...attributes, '0.9.2342.19200300100.1.1': 'u1' });
    const { Credentials } = await saml.assume(complete, {}, { RoleArn });
    const { session } = saml.installation.callerOf(Credentials);
    expect(Object.fromEntries(session?.federatedContext ?? [])).toEqual({
      'saml:sub': ['user-1'],
      'saml:sub_type': ['persistent'],
      'saml:namequalifier': [expect.stringMatching(/=$/)],
    });
  });

  it('takes role and provider in both orders, and one pair of many', async () => {
    const Role = [`arn:aws:iam::${MANAGEMENT}:role/Other,${PROVIDER}`, `${PROVIDER}, ${ROLE}`];
    expect(await saml.assume(person({ Role }))).toMatchObject({ Subject: 'user-1' });
  });

  it('refuses a role that the assertion does not list, with this provider', async () => {
    const denied = [DENIED, 'Not authorized to perform sts:AssumeRoleWithSAML'];
    const RoleArn = await saml.role('Other');
    expect(await faultOf(saml.assume(person(), {}, { RoleArn }))).toEqual(denied);
    const elsewhere = person({ Role: `${ROLE},arn:aws:iam::${MANAGEMENT}:saml-provider/other` });
    expect(await faultOf(saml.assume(elsewhere))).toEqual(denied);
  });

  it('says in the same words that a role is missing and that it does not trust the provider', async () => {
    const denied = [DENIED, 'Not authorized to perform sts:AssumeRoleWithSAML'];
    await saml.call('CreateRole', {
      RoleName: 'Closed',
      AssumeRolePolicyDocument: trust(`arn:aws:iam::${MANAGEMENT}:root`),
    });
    for (const name of ['Closed', 'Missing']) {
      const RoleArn = `arn:aws:iam::${MANAGEMENT}:role/${name}`;
      expect(await faultOf(saml.assume(person({ Role: `${RoleArn},${PROVIDER}` }), {}, { RoleArn }))).toEqual(denied);
    }
  });

  it.each([
    [{ RoleSessionName: [] }, 'RoleSessionName is required in AuthnResponse'],
    [{ RoleSessionName: 'a' }, 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}'],
    [{ RoleSessionName: 'Ann Smith' }, 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}'],
    [{ RoleSessionName: 'x'.repeat(65) }, 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}'],
    [{ RoleSessionName: ['user-1', 'user-2'] }, 'RoleSessionName in AuthnResponse must have one value'],
    [{ SourceIdentity: 'a/b' }, 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'],
    [{ Role: [] }, 'Role is required in AuthnResponse'],
    [{ Role: ROLE }, `Role in AuthnResponse must be the ARNs of a role and of a SAML provider: ${ROLE}`],
    [{ SessionDuration: '899' }, 'SessionDuration in AuthnResponse must be from 900 to 43200 seconds'],
    [{ SessionDuration: '1e3' }, 'SessionDuration in AuthnResponse must be from 900 to 43200 seconds'],
    [{ 'PrincipalTag:aws:team': 'ds' }, 'aws: prefixed tag key names are not allowed for external use.'],
    [{ 'PrincipalTag:team': ['ds', 'eng'] }, 'The session tag `team` must have one value.'],
    [{ 'PrincipalTag:team': 'd\ts' }, 'The value of the session tag `team` is not valid.'],
    [{ 'PrincipalTag:team': 'a;b' }, 'The value of the session tag `team` is not valid.'],
    [{ 'PrincipalTag:team': 'x'.repeat(257) }, 'The value of the session tag `team` is not valid.'],
    [{ 'PrincipalTag:': 'ds' }, 'The session tag key `` is not valid.'],
    [
      { 'PrincipalTag:team': 'ds', 'PrincipalTag:TEAM': 'eng' },
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    [{ TransitiveTagKeys: ['team'] }, 'The specified transitive tag key must be included in the requested tags.'],
  ])('refuses the attributes %j', async (attributes, message) => {
    expect(await faultOf(saml.assume(person(attributes)))).toEqual([INVALID, message]);
  });

  it('takes 256 characters of tag value and 50 tags, and not one more', async () => {
    const tags = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`PrincipalTag:k${index}`, 'v']));
    expect(await saml.assume(person({ 'PrincipalTag:team': 'x'.repeat(256) }))).toMatchObject({ Subject: 'user-1' });
    expect(await saml.assume(person(tags(50)))).toMatchObject({ Subject: 'user-1' });
    expect(await faultOf(saml.assume(person(tags(51))))).toEqual([INVALID, 'A session has at most 50 session tags.']);
  });

  it.each([
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient', 'transient'],
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos', 'kerberos'],
    [
      'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
      'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    ],
  ])('answers the subject type of %s', async (nameIdFormat, SubjectType) => {
    expect(await saml.assume(person(), { nameIdFormat })).toMatchObject({ SubjectType });
  });

  it('refuses NameIDs of a format that it does not know', async () => {
    const nameIdFormat = 'urn:example:other';
    expect(await faultOf(saml.assume(person(), { nameIdFormat }))).toEqual([
      INVALID,
      'Invalid SAML response: NameIDs of the format `urn:example:other` are not accepted',
    ]);
  });
});

describe('how long', () => {
  const endOf = async (attributes: object, DurationSeconds?: number) => {
    const RoleArn = `arn:aws:iam::${MANAGEMENT}:role/Long`;
    const who = person({ Role: `${RoleArn},${PROVIDER}`, ...attributes });
    const { Credentials } = await saml.assume(who, {}, { RoleArn, DurationSeconds });
    return Math.round((Credentials.Expiration.getTime() - Math.floor(saml.installation.nowMs / 1000) * 1000) / 1000);
  };

  it('is an hour, what is asked, or what the provider allows, whichever is least', async () => {
    await saml.role('Long', {}, { seconds: 7200 });
    expect(await endOf({})).toBe(3600);
    expect(await endOf({}, 7200)).toBe(7200);
    expect(await endOf({ SessionDuration: '43200' }, 7200)).toBe(7200);
    expect(await endOf({ SessionDuration: '900' }, 7200)).toBe(900);
    expect(await endOf({ SessionDuration: '7200' })).toBe(3600);
  });

  it('is limited by the role', async () => {
    expect(await faultOf(saml.assume(person(), {}, { DurationSeconds: 3601 }))).toEqual([
      'ValidationException',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ]);
  });
});

describe('whose and for whom', () => {
  it('refuses another recipient and another audience, and takes those of the configuration', async () => {
    expect(await faultOf(saml.assume(person(), { recipient: 'https://evil.example/saml' }))).toEqual([
      INVALID,
      'Response is not for this recipient: https://evil.example/saml',
    ]);
    const lookAlike = await faultOf(saml.assume(person(), { recipient: `${AWS_SIGN_IN}.evil.example` }));
    expect(lookAlike[0]).toBe(INVALID);
    expect(await faultOf(saml.assume(person(), { audience: 'https://other.example' }))).toEqual([
      INVALID,
      'Response does not contain the required audience.',
    ]);
    const RoleArn = await saml.role('Own', { StringEquals: { 'saml:aud': SAML_RULES.recipients[0] } });
    const settings = { recipient: SAML_RULES.recipients[0]!, audience: SAML_RULES.audiences };
    expect(await saml.assume(person({ Role: `${RoleArn},${PROVIDER}` }), settings, { RoleArn })).toMatchObject({
      Audience: SAML_RULES.recipients[0],
    });
  });

  it.each(['https://eu-central-1.signin.aws.amazon.com/saml', AWS_SIGN_IN])(
    "takes AWS's sign-in URL %s as recipient and audience",
    async (url) => {
      const RoleArn = await saml.role('Regional');
      const who = person({ Role: `${RoleArn},${PROVIDER}` });
      const settings = { recipient: url, audience: [url, AWS_AUDIENCE] };
      expect(await saml.assume(who, settings, { RoleArn })).toMatchObject({ Audience: url });
    },
  );

  it('refuses another issuer and a provider that is not there, or of another account', async () => {
    expect(await faultOf(saml.assume(person(), { issuer: 'https://evil.example' }))).toEqual([
      INVALID,
      'Issuer not present in specified provider',
    ]);
    const missing = "Specified provider doesn't exist";
    const ofAnother = 'arn:aws:iam::210987654321:role/Shared';
    const PrincipalArn = `arn:aws:iam::${MANAGEMENT}:saml-provider/none`;
    expect(await faultOf(saml.assume(person(), {}, { PrincipalArn }))).toEqual([INVALID, missing]);
    expect(await faultOf(saml.assume(person(), {}, { RoleArn: ofAnother }))).toEqual([INVALID, missing]);
  });

  it('takes both certificates while the provider rolls over, and the new one alone after', async () => {
    const before = idp.keys;
    try {
      const metadata = await idp.metadata();
      const [descriptor] = /<KeyDescriptor[\s\S]*?<\/KeyDescriptor>/.exec(metadata)!;
      idp.keys = await newKeyPair();
      expect(await faultOf(saml.assume(person()))).toEqual([
        INVALID,
        expect.stringMatching(/^Response signature invalid/),
      ]);
      const [added] = /<KeyDescriptor[\s\S]*?<\/KeyDescriptor>/.exec(await idp.metadata())!;
      const update = (SAMLMetadataDocument: string) =>
        saml.call('UpdateSAMLProvider', { SAMLProviderArn: PROVIDER, SAMLMetadataDocument });
      await update(metadata.replace(descriptor, descriptor + added));
      expect(await saml.assume(person())).toMatchObject({ Subject: 'user-1' });
      const after = idp.keys;
      idp.keys = before;
      expect(await saml.assume(person())).toMatchObject({ Subject: 'user-1' });
      idp.keys = after;
      await update(await idp.metadata());
      expect(await saml.assume(person())).toMatchObject({ Subject: 'user-1' });
      idp.keys = before;
      expect(await faultOf(saml.assume(person()))).toEqual([
        INVALID,
        expect.stringMatching(/^Response signature invalid/),
      ]);
    } finally {
      idp.keys = before;
    }
  });

  it('stops to believe a provider when its metadata runs out or it is deleted', async () => {
    const end = new Date(saml.installation.nowMs + 60_000).toISOString();
    const SAMLMetadataDocument = (await idp.metadata()).replace('<EntityDescriptor', `$& validUntil="${end}"`);
    await saml.call('UpdateSAMLProvider', { SAMLProviderArn: PROVIDER, SAMLMetadataDocument });
    const response = await idp.login(person());
    saml.installation.nowMs += 60_000;
    expect(await faultOf(saml.present(response))).toEqual([
      INVALID,
      'The metadata of the specified provider has expired',
    ]);
    await saml.call('DeleteSAMLProvider', { SAMLProviderArn: PROVIDER });
    expect(await faultOf(saml.present(response))).toEqual([INVALID, "Specified provider doesn't exist"]);
  });
});

describe('when', () => {
  it('accepts an assertion within five minutes of its issue', async () => {
    const response = await idp.login(person());
    const issuedAtMs = saml.installation.nowMs;
    saml.installation.nowMs = issuedAtMs + 5 * MINUTE_MS + 5 * SECOND_MS;
    expect(await faultOf(saml.present(response))).toEqual([
      EXPIRED,
      'Token must be redeemed within 5 minutes of issuance',
    ]);
    saml.installation.nowMs = issuedAtMs + 5 * MINUTE_MS - 5 * SECOND_MS;
    expect(await saml.present(response)).toMatchObject({ Subject: 'user-1' });
  });

  it('refuses one that has run out', async () => {
    const response = await idp.login(person(), { lifetimeInSeconds: 30 });
    saml.installation.nowMs += 40 * SECOND_MS;
    expect(await faultOf(saml.present(response))).toEqual([EXPIRED, 'Response has expired']);
  });

  it('refuses one that is not valid yet, but for a minute that clocks may differ by', async () => {
    const response = await idp.login(person());
    const issuedAtMs = saml.installation.nowMs;
    saml.installation.nowMs = issuedAtMs - MINUTE_MS - 5 * SECOND_MS;
    expect(await faultOf(saml.present(response))).toEqual([INVALID, 'Response is not yet valid']);
    saml.installation.nowMs = issuedAtMs - MINUTE_MS + 5 * SECOND_MS;
    expect(await saml.present(response)).toMatchObject({ Subject: 'user-1' });
  });

  it('redeems an assertion once, however often it was refused before', async () => {
    const RoleArn = await saml.role('Second');
    const response = await idp.login(person({ Role: [`${ROLE},${PROVIDER}`, `${RoleArn},${PROVIDER}`] }));
    const used = [INVALID, 'Response has already been used'];
    expect((await faultOf(saml.present(response, { DurationSeconds: 43_200 })))[0]).toBe('ValidationException');
    expect(await saml.present(response)).toMatchObject({ Subject: 'user-1' });
    expect(await faultOf(saml.present(response))).toEqual(used);
    expect(await faultOf(saml.present(response, { RoleArn }))).toEqual(used);
    saml.installation.nowMs += 4 * MINUTE_MS;
    expect(await faultOf(saml.present(response))).toEqual(used);
  });
});
