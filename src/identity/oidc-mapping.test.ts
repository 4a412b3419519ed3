import { describe, expect, it } from 'vitest';
import { type OidcMappingConfig, OidcMappings } from './oidc-mapping.ts';

const role = (name: string, account = '123456789012') => `arn:aws:iam::${account}:role/${name}`;
const ISSUER = 'https://idp.example.com/realms/Acme';
const CLAIMS = { iss: ISSUER, aud: 'app', sub: 'jane-1', email: 'jane@acme.org', groups: ['staff', 'ml'] };

const mapping = (more: Partial<OidcMappingConfig> = {}): OidcMappingConfig => ({
  provider: ISSUER,
  role: role('Developer'),
  sessionName: '{claims.email}',
  ...more,
});

function sessionOf(claims: object, ...configs: OidcMappingConfig[]) {
  return new OidcMappings(configs).sessionFor(ISSUER, { ...CLAIMS, ...claims });
}

describe('the mapping of a token', () => {
  it('is found by the issuer, of a URL or an ARN, letter by letter', () => {
    const byArn = mapping({ provider: 'arn:aws:iam::123456789012:oidc-provider/idp.example.com/realms/Acme' });
    for (const config of [mapping(), byArn]) expect(sessionOf({}, config).sessionName).toBe('jane@acme.org');
    const mappings = new OidcMappings([mapping()]);
    expect([...mappings.accountsOf('https://idp.example.com/realms/acme')]).toEqual([]);
    expect(() => mappings.sessionFor(`${ISSUER}/`, CLAIMS)).toThrow('No mapping is configured for tokens of');
  });

  it('is the first that has the audience', () => {
    const batch = mapping({ audiences: ['batch'], role: role('Batch') });
    expect(sessionOf({}, batch, mapping()).roleArn).toBe(role('Developer'));
    expect(sessionOf({ aud: 'batch' }, batch, mapping()).roleArn).toBe(role('Batch'));
    // The client that asked for the token counts, as for STS.
    expect(sessionOf({ aud: 'batch', azp: 'app' }, batch, mapping()).roleArn).toBe(role('Developer'));
    expect(() => sessionOf({}, batch)).toThrow('for this audience');
  });

  it('gives the role of the first rule that fits', () => {
    const roles = [
      { claim: 'groups', equals: 'ml', role: role('Never') },
      { claim: 'groups', contains: 'ml', role: role('Research', '222222222222') },
      { claim: 'email', equals: 'jane@acme.org', role: role('Jane') },
    ];
    const found = sessionOf({}, mapping({ roles }));
    expect(found).toMatchObject({ roleArn: role('Research', '222222222222'), accountId: '222222222222' });
    expect(sessionOf({ groups: [] }, mapping({ roles })).roleArn).toBe(role('Jane'));
    expect(sessionOf({ groups: 'mlops', email: 'kim@acme.org' }, mapping({ roles })).roleArn).toBe(role('Developer'));
    const { role: _, ...ruled } = mapping({ roles });
    expect(() => sessionOf({ groups: 7, email: 'kim@acme.org' }, ruled)).toThrow('give no role');
    expect([...new OidcMappings([mapping({ roles })]).accountsOf(ISSUER)].sort()).toEqual([
      '123456789012',
      '222222222222',
    ]);
  });

  it('makes nothing up: what an expression needs and the token lacks refuses it', () => {
    const tags = { team: '{claims.team}', site: '{claims.site|home}' };
    expect(sessionOf({ team: 'ds' }, mapping({ tags })).tags).toEqual(
      new Map(Object.entries({ team: 'ds', site: 'home' })),
    );
    expect(() => sessionOf({}, mapping({ tags }))).toThrow('The claims of the token give no tag team: {claims.team}');
    expect(() => sessionOf({ email: ['a@b', 'c@d'] }, mapping())).toThrow('give no session name: {claims.email}');
    expect(() => sessionOf({}, mapping({ sourceIdentity: '{claims.employee}' }))).toThrow('give no source identity');
    expect(() => sessionOf({ email: 'Zoë@acme.org' }, mapping())).toThrow('give no valid session name');
  });

  it.each([
    [{ role: undefined }, 'are mapped to no role'],
    [{ sessionName: '{email}' }, 'there is no `email`; use claims.NAME'],
    [{ tags: { team: '' } }, 'it is empty'],
  ])('is refused at the start when it is %j', (more, reason) => {
    expect(() => new OidcMappings([mapping(more as never)])).toThrow(reason);
  });
});
