import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CreateOpenIDConnectProviderCommand,
  CreateUserCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  TagOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  ExpiredTokenException,
  GetCallerIdentityCommand,
  IDPCommunicationErrorException,
  InvalidIdentityTokenException,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { AWS_SOURCE_IDENTITY, AWS_TAGS, OpenIdProvider, tagsClaim } from '../identity/openid-provider.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';
import { ACCOUNT, allow, as, assumed, INVOKE, newRole, policyOf, trust } from './principals.ts';
import { assumeWithToken, registerProvider, sessionWithToken, trustProvider } from './web-identity.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const ACTION = 'sts:AssumeRoleWithWebIdentity';
const DENIED = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

let provider: OpenIdProvider;
let server: TestServer;
let providerArn: string;
/** Trusts everybody of the provider, and everything that the provider signs. */
let open: string;

beforeAll(async () => {
  provider = await OpenIdProvider.start();
  server = await startServer({ config: { federation: { caFile: provider.caFile } } });
  providerArn = await registerProvider(server, provider);
  open = await newRole(server.admin, 'Open', {
    trust: [trustProvider(providerArn)],
    statements: [INVOKE, allow('sts:*')],
    tags: { Team: 'of the role', stage: 'test' },
    path: '/federated/',
  });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await provider.close();
  removeFolders();
});

/** Calls a model, and reads what the ledger then says of the caller. */
async function spentAs(caller: ClientConfig): Promise<{ principal: string; tags: Readonly<Record<string, string>> }> {
  const bedrock = new BedrockRuntimeClient(caller);
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  const { $metadata } = await bedrock.send(new ConverseCommand({ modelId: SONNET, messages }));
  bedrock.destroy();
  const find = () => ledgerEntry(server, $metadata.requestId!);
  await expect.poll(find, ARRIVAL).toBeDefined();
  const { Principal, Tags } = (await find())!;
  return { principal: Principal, tags: Tags };
}

describe('AssumeRoleWithWebIdentity', () => {
  it('answers as AWS does', async () => {
    const token = await provider.signIn('jane@acme.org', {
      [AWS_TAGS]: tagsClaim({ team: 'data-science' }, ['team']),
      [AWS_SOURCE_IDENTITY]: 'jane',
    });
    const { $metadata, Credentials, ...answer } = await assumeWithToken(server, {
      RoleArn: open,
      RoleSessionName: 'jane@acme.org',
      WebIdentityToken: token,
      DurationSeconds: 900,
    });
    expect(answer).toEqual({
      AssumedRoleUser: {
        AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:jane@acme\.org$/),
        Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Open/jane@acme.org`,
      },
      PackedPolicySize: 1,
      SubjectFromWebIdentityToken: 'jane@acme.org',
      Provider: provider.issuer,
      Audience: provider.clientId,
      SourceIdentity: 'jane',
    });
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA/);
    expect(Credentials!.Expiration!.getTime() - Date.now()).toBeLessThan(901_000);
    const sts = new STSClient(as(server.admin, Credentials!));
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(answer.AssumedRoleUser!.Arn);
    sts.destroy();
  });

  it('needs no signature and omits what the token does not say', async () => {
    const token = await provider.signIn('plain@acme.org');
    const answer = await assumeWithToken(server, { RoleArn: open, WebIdentityToken: token });
    expect(Object.keys(answer).sort()).toEqual([
      '$metadata',
      'AssumedRoleUser',
      'Audience',
      'Credentials',
      'Provider',
      'SubjectFromWebIdentityToken',
    ]);
  });

  it('takes a token again until it has expired, as AWS does', async () => {
    const token = await provider.signIn('again@acme.org');
    for (const RoleSessionName of ['first', 'second']) {
      await assumeWithToken(server, { RoleArn: open, RoleSessionName, WebIdentityToken: token });
    }
    const now = Math.floor(Date.now() / 1000);
    const expired = await provider.sign({ iat: now - 3600, exp: now - 301 });
    const refused = await assumeWithToken(server, { RoleArn: open, WebIdentityToken: expired }).catch((error) => error);
    expect(refused).toBeInstanceOf(ExpiredTokenException);
    expect(refused.message).toMatch(
      new RegExp(`^Token expired: current date/time \\d+ must be before the expiration date/time ${now - 301}$`),
    );
    expect(refused.$metadata.httpStatusCode).toBe(400);
  });

  it('does not go beyond what the role allows', async () => {
    const WebIdentityToken = await provider.sign({});
    const ask = (input: object) => assumeWithToken(server, { RoleArn: open, WebIdentityToken, ...input });
    await expect(ask({ DurationSeconds: 3601 })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    await expect(ask({ RoleSessionName: 'bad name' })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(ask({ WebIdentityToken: 'x'.repeat(20_001) })).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000",
    });
    await expect(ask({ ProviderId: 'www.amazon.com' })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(ask({ Policy: '{' })).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    const narrow = await ask({ Policy: policyOf(allow('s3:*')) });
    await expect(spentAs(as(server.admin, narrow.Credentials!))).rejects.toMatchObject({
      message: expect.stringContaining('because no session policy allows the bedrock:InvokeModel action'),
    });
  });
});

describe('tokens that cannot be believed', () => {
  const invalid = (message: string | RegExp) => ({
    name: 'InvalidIdentityTokenException',
    message: expect.stringMatching(message),
    $metadata: { httpStatusCode: 400 },
  });
  const present = (WebIdentityToken: string, RoleArn = open) => assumeWithToken(server, { RoleArn, WebIdentityToken });

  it('are of another issuer, audience, key or algorithm', async () => {
    await expect(present(await provider.sign({ iss: 'https://other.example.com' }))).rejects.toMatchObject(
      invalid('^No OpenIDConnect provider found in your account for https://other.example.com$'),
    );
    await expect(present(await provider.sign({ aud: 'other-app' }))).rejects.toMatchObject(
      invalid('^Incorrect token audience$'),
    );
    await expect(present(await provider.sign({}, { kid: 'unknown' }))).rejects.toMatchObject(
      invalid("^Couldn't retrieve verification key from your identity provider,  please reference"),
    );
    const other = await OpenIdProvider.start();
    const foreign = await other.sign({ iss: provider.issuer }, { kid: 'RS256-1' });
    await other.close();
    await expect(present(foreign)).rejects.toMatchObject(invalid('could not be validated by AWS'));
    const [, claims] = (await provider.sign({})).split('.');
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      await expect(present(`${header}.${claims}.AAAA`)).rejects.toMatchObject(
        invalid('^The ID Token provided is not a valid JWT'),
      );
    }
    await expect(present('an access token')).rejects.toBeInstanceOf(InvalidIdentityTokenException);
  });

  it('are not valid yet, or lack what they must say', async () => {
    const now = Math.floor(Date.now() / 1000);
    await expect(present(await provider.sign({ nbf: now + 3600 }))).rejects.toMatchObject(
      invalid('could not be validated by AWS'),
    );
    await expect(present(await provider.sign({ sub: undefined }))).rejects.toMatchObject(
      invalid('^Missing a required claim: sub$'),
    );
    await expect(
      present(await provider.sign({ [AWS_TAGS]: { principal_tags: { team: 'ds' } } })),
    ).rejects.toMatchObject(invalid('could not be validated by AWS'));
  });

  it('are of a provider that does not answer: an error that SDKs retry', async () => {
    const down = await OpenIdProvider.start();
    const token = await down.sign({});
    await registerProvider(server, down);
    await down.close();
    await expect(present(token)).rejects.toBeInstanceOf(IDPCommunicationErrorException);
    expect(server.output()).toContain(`cannot read the keys of the OIDC provider \`${down.issuer}\``);
  });

  it('are of a provider whose certificate nobody vouches for', async () => {
    const untrusted = await OpenIdProvider.start();
    await registerProvider(server, untrusted);
    await expect(present(await untrusted.sign({}))).rejects.toMatchObject(
      invalid("^OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint$"),
    );
    await untrusted.close();
  });

  it('never make the server call an issuer that is not registered', async () => {
    const stranger = await OpenIdProvider.start();
    await expect(present(await stranger.sign({}))).rejects.toMatchObject(invalid('^No OpenIDConnect provider'));
    expect(stranger.requests).toEqual([]);
    await stranger.close();
  });
});

describe('the trust policy', () => {
  const role = (name: string, ...statements: object[]) => newRole(server.admin, name, { trust: statements });
  const present = async (RoleArn: string, claims: object = {}, RoleSessionName = 'session') =>
    assumeWithToken(server, { RoleArn, RoleSessionName, WebIdentityToken: await provider.sign({ ...claims }) });

  it('decides by provider, subject and audience', async () => {
    const key = (name: string) => `${provider.url}:${name}`;
    const mine = { StringEquals: { [key('sub')]: 'jane@acme.org', [key('aud')]: provider.clientId } };
    const subject = await role('OfJane', trustProvider(providerArn, mine));
    await present(subject, { sub: 'jane@acme.org' });
    await expect(present(subject, { sub: 'john@acme.org' })).rejects.toMatchObject({
      ...DENIED,
      message: `Not authorized to perform ${ACTION}`,
    });
    const method = await role(
      'WithMfa',
      trustProvider(providerArn, { 'ForAnyValue:StringEquals': { [key('amr')]: 'mfa' } }),
    );
    await present(method, { amr: ['pwd', 'mfa'] });
    await expect(present(method, { amr: ['pwd'] })).rejects.toMatchObject(DENIED);
    await expect(present(method)).rejects.toMatchObject(DENIED);
    const other = await role('OfOthers', trustProvider(providerArn.replace(provider.url, 'other.example.com')));
    await expect(present(other)).rejects.toMatchObject(DENIED);
    await expect(present(open.replace('Open', 'Missing'))).rejects.toMatchObject({
      ...DENIED,
      message: `Not authorized to perform ${ACTION}`,
    });
  });

  it('pins the session name to the signed subject', async () => {
    const pinned = { StringEquals: { 'sts:RoleSessionName': `\${${provider.url}:sub}` } };
    const arn = await role('Pinned', trustProvider(providerArn, pinned));
    await present(arn, { sub: 'jane@acme.org' }, 'jane@acme.org');
    await expect(present(arn, { sub: 'jane@acme.org' }, 'john@acme.org')).rejects.toMatchObject(DENIED);
  });

  it('pins the session name to the signed source identity', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const pinned = { StringEquals: { 'sts:RoleSessionName': '${sts:SourceIdentity}' } };
    const arn = await role('PinnedToSource', trustProvider(providerArn, pinned));
    const claims = { sub: 'auth0|5f7c8ec7c33c6c00', [AWS_SOURCE_IDENTITY]: 'jane@acme.org' };
    await present(arn, claims, 'jane@acme.org');
    await expect(present(arn, claims, 'john@acme.org')).rejects.toMatchObject(DENIED);
    await expect(present(arn, { sub: claims.sub }, 'jane@acme.org')).rejects.toMatchObject(DENIED);
  });

  it('must allow tags and source identity: a token that has them is refused as a whole', async () => {
    const arn = await role('NoTags', trustProvider(providerArn, undefined, ACTION));
    await present(arn);
    await expect(present(arn, { [AWS_TAGS]: tagsClaim({ team: 'ds' }) })).rejects.toMatchObject({
      ...DENIED,
      message: 'Not authorized to perform sts:TagSession',
    });
    await expect(present(arn, { [AWS_SOURCE_IDENTITY]: 'jane' })).rejects.toMatchObject({
      ...DENIED,
      message: 'Not authorized to perform sts:SetSourceIdentity',
    });
    const required = await role(
      'Required',
      trustProvider(providerArn, { StringEquals: { 'aws:RequestTag/team': ['ds', 'sales'] } }),
    );
    await present(required, { [AWS_TAGS]: tagsClaim({ team: 'sales' }) });
    await expect(present(required, { [AWS_TAGS]: tagsClaim({ team: 'other' }) })).rejects.toMatchObject(DENIED);
    await expect(present(required)).rejects.toMatchObject(DENIED);
  });
});

describe('attribution', () => {
  it('is by session name and signed tags, which go before those of the role', async () => {
    const token = await provider.signIn('ana@acme.org', { [AWS_TAGS]: tagsClaim({ team: 'ds', 'cost-center': '1' }) });
    expect(await spentAs(await sessionWithToken(server, open, 'ana@acme.org', token))).toEqual({
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Open/ana@acme.org`,
      tags: { team: 'ds', 'cost-center': '1', stage: 'test' },
    });
    const flattened = await provider.signIn('ben@acme.org', {
      [`${AWS_TAGS}/principal_tags/team`]: 'sales',
      [`${AWS_TAGS}/transitive_tag_keys`]: ['team'],
    });
    const session = await sessionWithToken(server, open, 'ben@acme.org', flattened);
    expect((await spentAs(session)).tags).toEqual({ team: 'sales', stage: 'test' });
  });

  it('stays with the person through a chain: transitive tags and source identity cannot be changed', async () => {
    const token = await provider.signIn('carla@acme.org', {
      [AWS_TAGS]: tagsClaim({ team: 'ds', local: 'x' }, ['team']),
      [AWS_SOURCE_IDENTITY]: 'carla',
    });
    const actions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
    const next = await newRole(server.admin, 'Next', { trust: [trust(open, actions)], statements: [INVOKE] });
    const session = await sessionWithToken(server, open, 'carla@acme.org', token);
    const chained = await assumed(session, next, 'tool');
    expect((await spentAs(chained)).tags).toEqual({ team: 'ds' });
    await expect(assumed(session, next, 'tool', { Tags: [{ Key: 'TEAM', Value: 'sales' }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(assumed(session, next, 'tool', { SourceIdentity: 'john' })).rejects.toMatchObject({
      message: 'The source identity is already set for this assume role session',
    });
  });

  it('leaves subject and audience with the session, for the policies of later requests', async () => {
    const mine = { ...INVOKE, Condition: { StringEquals: { [`${provider.url}:sub`]: 'dora@acme.org' } } };
    const role = await newRole(server.admin, 'ForDora', { trust: [trustProvider(providerArn)], statements: [mine] });
    const session = async (subject: string) =>
      sessionWithToken(server, role, 'session', await provider.sign({ sub: subject }));
    expect((await spentAs(await session('dora@acme.org'))).principal).toContain('assumed-role/ForDora/session');
    await expect(spentAs(await session('john@acme.org'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('ends with the trust: a provider that was deleted vouches for nobody', async () => {
    const gone = await OpenIdProvider.start();
    const iam = new IAMClient(server.admin);
    const OpenIDConnectProviderArn = await registerProvider(server, gone);
    await iam.send(new TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))).toMatchObject({
      Url: gone.url,
      ClientIDList: [gone.clientId],
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    const token = await gone.sign({});
    await gone.close();
    await expect(assumeWithToken(server, { RoleArn: open, WebIdentityToken: token })).rejects.toMatchObject({
      message: `No OpenIDConnect provider found in your account for ${gone.issuer}`,
    });
    const policy = policyOf(trust(`arn:aws:iam::${ACCOUNT}:root`));
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'ForDora', PolicyDocument: policy }));
    iam.destroy();
    const closed = assumeWithToken(server, {
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/ForDora`,
      WebIdentityToken: await provider.sign({}),
    });
    await expect(closed).rejects.toMatchObject(DENIED);
  });

  it('is no way to call without a session', async () => {
    const { endpoint, region } = server.admin;
    const call = await fetch(`${endpoint}/model/${SONNET}/converse`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await provider.sign({})}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hello' }] }] }),
    });
    expect(call.status).toBe(403);
    const iam = new IAMClient({ endpoint, region, credentials: { accessKeyId: 'x', secretAccessKey: 'y' } });
    await expect(iam.send(new CreateUserCommand({ UserName: 'nobody' }))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    await expect(
      iam.send(new CreateOpenIDConnectProviderCommand({ Url: provider.issuer, ClientIDList: ['mine'] })),
    ).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    iam.destroy();
  });
});
