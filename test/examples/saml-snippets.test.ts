import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANAGEMENT, SAML_RULES } from '../identity/installation.ts';
import { SamlIdp } from '../identity/saml-idp.ts';
import { faultOf, PROVIDER, person, SamlSetup } from '../identity/saml-setup.ts';
import { GUIDES, guide, ROOT } from './guide.ts';

const FOLDER = join(ROOT, 'examples', 'federation', 'saml');
const snippet = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const ATTRIBUTE = /https:\/\/aws\.amazon\.com\/SAML\/Attributes\/([\w:-]+)/g;
const READ = /^(Role|RoleSessionName|SessionDuration|SourceIdentity|TransitiveTagKeys|PrincipalTag:[\w-]+)$/;

let idp: SamlIdp;
beforeAll(async () => {
  idp = await SamlIdp.start();
});
afterAll(() => idp.stop());

describe('examples/federation/saml', () => {
  it('has a trust policy that takes people with a known team, for the own ACS URL, and no other tags', async () => {
    const saml = await SamlSetup.start(idp);
    const [recipient] = SAML_RULES.recipients;
    const AssumeRolePolicyDocument = snippet('trust-policy.json').replace('http://localhost:9400/saml', recipient!);
    const { Role } = await saml.call('CreateRole', { RoleName: 'Example', AssumeRolePolicyDocument });
    const login = (tags: object, to = recipient!) => {
      const who = person({ Role: `${Role.Arn},${PROVIDER}`, ...tags });
      return saml.assume(who, { recipient: to }, { RoleArn: Role.Arn });
    };
    const tags = { 'PrincipalTag:team': 'engineering', 'PrincipalTag:cost-center': '67890' };
    const { Credentials } = await login(tags);
    expect(saml.installation.callerOf(Credentials).arn).toBe(
      `arn:aws:sts::${MANAGEMENT}:assumed-role/Example/user-1@acme.org`,
    );
    const refused = [
      login({}),
      login({ ...tags, 'PrincipalTag:team': 'marketing' }),
      login({ 'PrincipalTag:team': 'engineering' }),
      login({ ...tags, 'PrincipalTag:project': 'x' }),
      login(tags, 'https://signin.aws.amazon.com/saml'),
    ];
    for (const promise of refused) expect((await faultOf(promise))[0]).toBe('AccessDeniedException');
  });

  it('has permissions that IAM takes', async () => {
    const saml = await SamlSetup.start(idp);
    const PolicyDocument = snippet('permissions.json');
    expect(await saml.call('PutRolePolicy', { RoleName: 'Shared', PolicyName: 'invoke', PolicyDocument })).toEqual({});
  });

  it('names, with the guides, only attributes that are read', () => {
    const texts = [
      ...GUIDES.filter((name) => name.startsWith('federation/saml')).map(guide),
      ...readdirSync(FOLDER).map(snippet),
    ];
    const names = texts.flatMap((text) => [...text.matchAll(ATTRIBUTE)].map(([, name]) => name!));
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !READ.test(name))).toEqual([]);
  });
});
