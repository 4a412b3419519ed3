import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  allow,
  fault,
  Installation,
  type Keys,
  MANAGEMENT,
  MEMBER,
  START_MS,
} from '../../../test/identity/installation.ts';

let installation: Installation;
let admin: Keys;

const call = (operation: string, input: object = {}, keys: Keys = admin): Promise<Answer> =>
  installation.call(operation, keys, input);
const arn = (url: string, account = MANAGEMENT) => `arn:aws:iam::${account}:oidc-provider/${url}`;
const named = (url: string) => ({ OpenIDConnectProviderArn: arn(url) });
const create = (Url: string, input: object = {}): Promise<Answer> =>
  call('CreateOpenIDConnectProvider', { Url, ...input });
const get = (url: string): Promise<Answer> => call('GetOpenIDConnectProvider', named(url));

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
});

describe('OIDC providers', () => {
  it('are created, shown, listed and deleted', async () => {
    const Tags = [{ Key: 'team', Value: 'a' }];
    const created = await create('https://idp.example.com/realms/acme', {
      ClientIDList: ['app', 'sts.amazonaws.com', 'app'],
      ThumbprintList: ['A'.repeat(40)],
      Tags,
    });
    expect(created).toEqual({ ...named('idp.example.com/realms/acme'), Tags });
    expect(await get('idp.example.com/realms/acme')).toEqual({
      Url: 'idp.example.com/realms/acme',
      ClientIDList: ['app', 'sts.amazonaws.com'],
      ThumbprintList: ['a'.repeat(40)],
      CreateDate: new Date(START_MS),
      Tags,
    });
    await create('https://accounts.example.com');
    const { OpenIDConnectProviderList } = await call('ListOpenIDConnectProviders');
    expect(OpenIDConnectProviderList).toEqual([
      { Arn: arn('accounts.example.com') },
      { Arn: arn('idp.example.com/realms/acme') },
    ]);
    await call('DeleteOpenIDConnectProvider', named('accounts.example.com'));
    await call('DeleteOpenIDConnectProvider', named('accounts.example.com'));
    expect(await fault(get('accounts.example.com'))).toEqual([
      'NoSuchEntityException',
      `OpenIDConnect Provider not found for arn ${arn('accounts.example.com')}`,
    ]);
  });

  it('are one for each URL, in which a slash at the end and letter case count', async () => {
    await create('https://acme.auth0.com/');
    expect(await fault(create('https://acme.auth0.com/'))).toEqual([
      'EntityAlreadyExistsException',
      'Provider with url https://acme.auth0.com/ already exists.',
    ]);
    await create('https://acme.auth0.com');
    await create('https://acme.auth0.com/A');
    await create('https://acme.auth0.com/a');
    expect((await get('acme.auth0.com/')).Url).toBe('acme.auth0.com/');
    expect((await get('acme.auth0.com')).Url).toBe('acme.auth0.com');
  });

  it('have a plain https URL', async () => {
    for (const url of ['https://localhost:8443/realms/x', 'https://192.0.2.1', 'https://[2001:db8::1]:443/x']) {
      await create(url);
    }
    const validation = ['ValidationException', 'Invalid Open ID Connect Provider URL'];
    const input = ['InvalidInputException', 'Invalid Open ID Connect Provider URL.'];
    for (const url of ['idp.example.com', 'https://', 'https:///x', 'https:idp.example.com']) {
      expect(await fault(create(url)), url).toEqual(validation);
    }
    for (const url of ['http://idp.example.com', 'HTTPS://idp.example.com']) {
      expect(await fault(create(url)), url).toEqual([input[0], `${input[1]} The URL must begin with https://.`]);
    }
    for (const rest of [
      'user@idp.example.com',
      'user:password@idp.example.com',
      'idp.example.com?x=1',
      'idp.example.com/x?x=1',
      'idp.example.com#x',
      'idp.example.com/a/../b',
      'idp.example.com/%2e/b',
      'idp.example.com\\x',
      'idp.example.com:99999',
      'idp.example.com:x',
      'idp.example.com/*',
      'idp_.example.com',
      'idp.example.com/ä',
      'idp.example.com/a b',
    ]) {
      expect(await fault(create(`https://${rest}`)), rest).toEqual(input);
    }
  });

  it('have client ids that are added and removed without a complaint', async () => {
    await create('https://idp.example.com', { ClientIDList: ['app'] });
    const change = (operation: string, ClientID: string) => call(operation, { ...named('idp.example.com'), ClientID });
    await change('AddClientIDToOpenIDConnectProvider', 'other');
    await change('AddClientIDToOpenIDConnectProvider', 'other');
    await change('RemoveClientIDFromOpenIDConnectProvider', 'app');
    await change('RemoveClientIDFromOpenIDConnectProvider', 'app');
    expect((await get('idp.example.com')).ClientIDList).toEqual(['other']);
    expect((await fault(call('AddClientIDToOpenIDConnectProvider', { ...named('x.org'), ClientID: 'y' })))[0]).toBe(
      'NoSuchEntityException',
    );
  });

  it('are limited: a hundred client ids, five thumbprints, a hundred providers', async () => {
    const ids = Array.from({ length: 101 }, (_, n) => `client-${n}`);
    const tooMany = ['LimitExceededException', 'Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100'];
    expect(await fault(create('https://idp.example.com', { ClientIDList: ids }))).toEqual(tooMany);
    await create('https://idp.example.com', { ClientIDList: ids.slice(1) });
    const add = { ...named('idp.example.com'), ClientID: 'client-0' };
    expect(await fault(call('AddClientIDToOpenIDConnectProvider', add))).toEqual(tooMany);
    await call('AddClientIDToOpenIDConnectProvider', { ...add, ClientID: 'client-1' });

    const thumbprints = (count: number) => ({ ThumbprintList: Array(count).fill('0'.repeat(40)) });
    const update = (count: number) =>
      call('UpdateOpenIDConnectProviderThumbprint', { ...named('idp.example.com'), ...thumbprints(count) });
    await update(5);
    expect((await get('idp.example.com')).ThumbprintList).toHaveLength(5);
    expect(await fault(update(6))).toEqual([
      'InvalidInputException',
      'Thumbprint list must contain fewer than 5 entries.',
    ]);
    expect((await fault(create('https://other.example.com', thumbprints(6))))[0]).toBe('InvalidInputException');

    for (let n = 1; n < 100; n++) await create(`https://idp-${n}.example.com`);
    expect(await fault(create('https://idp-100.example.com'))).toEqual([
      'LimitExceededException',
      'Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100',
    ]);
  });

  it('have tags with keys that are told apart by letter case', async () => {
    await create('https://idp.example.com', { Tags: [{ Key: 'Team', Value: 'a' }] });
    const tag = (...Tags: object[]) => call('TagOpenIDConnectProvider', { ...named('idp.example.com'), Tags });
    const shown = async () => (await call('ListOpenIDConnectProviderTags', named('idp.example.com'))).Tags;
    await tag({ Key: 'team', Value: 'b' });
    expect(await shown()).toEqual([
      { Key: 'Team', Value: 'a' },
      { Key: 'team', Value: 'b' },
    ]);
    await call('UntagOpenIDConnectProvider', { ...named('idp.example.com'), TagKeys: ['Team', 'gone'] });
    expect(await shown()).toEqual([{ Key: 'team', Value: 'b' }]);
    expect((await fault(tag({ Key: 'a', Value: '' }, { Key: 'A', Value: '' })))[0]).toBe('InvalidInputException');
    expect((await fault(tag({ Key: 'aws:x', Value: '' })))[0]).toBe('InvalidInputException');
    const many = Array.from({ length: 50 }, (_, n) => ({ Key: `key${n}`, Value: '' }));
    expect((await fault(tag(...many)))[0]).toBe('LimitExceededException');
  });

  it('belong to their account, and permissions are about their ARN and tags', async () => {
    await create('https://idp.example.com', { Tags: [{ Key: 'team', Value: 'a' }] });
    const member = await installation.rootKeys(MEMBER);
    const asked = call('GetOpenIDConnectProvider', named('idp.example.com'), member);
    expect((await fault(asked))[0]).toBe('AccessDeniedException');
    const theirs = await call('CreateOpenIDConnectProvider', { Url: 'https://idp.example.com' }, member);
    expect(theirs.OpenIDConnectProviderArn).toBe(arn('idp.example.com', MEMBER));

    const tagged = { ...allow('iam:*'), Condition: { StringEquals: { 'aws:ResourceTag/team': 'a' } } };
    const owner = await installation.user(admin, 'owner', [tagged, allow('iam:List*', arn('*'))]);
    expect((await call('ListOpenIDConnectProviders', {}, owner)).OpenIDConnectProviderList).toHaveLength(1);
    await call('GetOpenIDConnectProvider', named('idp.example.com'), owner);
    const denied = call('CreateOpenIDConnectProvider', { Url: 'https://other.example.com' }, owner);
    expect((await fault(denied))[1]).toContain(
      `iam:CreateOpenIDConnectProvider on resource: ${arn('other.example.com')}`,
    );
    expect((await fault(call('GetOpenIDConnectProvider', { OpenIDConnectProviderArn: 'x'.repeat(30) })))[1]).toBe(
      'Invalid ARN:  Could not be parsed!',
    );
  });
});
