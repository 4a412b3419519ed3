import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  DeleteAccessKeyCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagUserCommand,
} from '@aws-sdk/client-iam';
import { GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { collected } from '../wire/inference-calls.ts';
import { ARRIVAL, ledgerEntry } from '../wire/ledger.ts';
import {
  ACCOUNT,
  allow,
  as,
  assumed,
  deny,
  INVOKE,
  newRole,
  newUser,
  policyOf,
  tagList,
  trust,
} from '../wire/principals.ts';
import { assumeRole, attributionOf } from './attempts.ts';

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ASSUME = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
const OWN_TEAM = { StringEquals: { 'aws:RequestTag/team': variable('aws:PrincipalTag/team') } };
const OWN_NAME = { StringEquals: { 'sts:RoleSessionName': variable('aws:username') } };
const sessionArn = (role: string, session: string) => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`;

/** Rows of docs/ATTACKS.md: each title stands there. */
let server: TestServer;
let mallory: ClientConfig;
let iam: IAMClient;

beforeAll(async () => {
  server = await startServer();
  iam = new IAMClient(server.admin);
  mallory = await newUser(server.admin, 'mallory', { statements: [allow('sts:*'), INVOKE], tags: { team: 'red' } });
  await newUser(server.admin, 'alice', { statements: [INVOKE], tags: { team: 'blue' } });
});
afterAll(async () => {
  iam.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** `${name}`: what a policy replaces by the caller's own value. */
function variable(name: string): string {
  return `\${${name}}`;
}

const refusedAction = (action: string, role: string, caller = `arn:aws:iam::${ACCOUNT}:user/mallory`) => ({
  name: 'AccessDenied',
  message: `User: ${caller} is not authorized to perform: ${action} on resource: ${role}`,
  $metadata: { httpStatusCode: 403 },
});

// peers rows 62, 68, 69.
describe('session tags', () => {
  it('a tag that the trust policy pins, with the value of another team', async () => {
    const role = await newRole(server.admin, 'Pinned', {
      trust: [trust(ROOT), trust(ROOT, 'sts:TagSession', OWN_TEAM)],
      statements: [INVOKE],
    });
    await expect(assumeRole(mallory, role, { Tags: tagList({ team: 'blue' }) })).rejects.toMatchObject(
      refusedAction('sts:TagSession', role),
    );
    const honest = await assumed(mallory, role, 'honest', { Tags: tagList({ team: 'red' }) });
    expect((await attributionOf(server, honest)).tags).toEqual({ team: 'red' });
  });

  it('a pinned tag under another letter case', async () => {
    const role = await newRole(server.admin, 'PinnedCase', {
      trust: [trust(ROOT), trust(ROOT, 'sts:TagSession', OWN_TEAM)],
    });
    for (const key of ['TEAM', 'Team', 'tEAM']) {
      await expect(assumeRole(mallory, role, { Tags: tagList({ [key]: 'blue' }) })).rejects.toMatchObject(
        refusedAction('sts:TagSession', role),
      );
    }
  });

  it('a pinned tag under a look-alike key', async () => {
    const keys = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } };
    const role = await newRole(server.admin, 'PinnedKeys', {
      trust: [trust(ROOT), trust(ROOT, 'sts:TagSession', { ...OWN_TEAM, ...keys })],
    });
    // Cyrillic e, full-width t, a trailing space: other keys, which no rule allows.
    for (const key of ['t\u0435am', '\uff54eam', 'team ']) {
      await expect(assumeRole(mallory, role, { Tags: tagList({ team: 'red', [key]: 'blue' }) })).rejects.toMatchObject(
        refusedAction('sts:TagSession', role),
      );
    }
  });

  it('a further tag beside the allowed ones', async () => {
    const keys = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } };
    const role = await newRole(server.admin, 'KeysOnly', { trust: [trust(ROOT), trust(ROOT, 'sts:TagSession', keys)] });
    await expect(
      assumeRole(mallory, role, { Tags: tagList({ team: 'red', 'cost-center': '67890' }) }),
    ).rejects.toMatchObject(refusedAction('sts:TagSession', role));
  });

  it('a required tag left out', async () => {
    const role = await newRole(server.admin, 'Required', {
      trust: [trust(ROOT, ASSUME, { StringLike: { 'aws:RequestTag/team': '?*' } })],
    });
    await expect(assumeRole(mallory, role)).rejects.toMatchObject(refusedAction('sts:AssumeRole', role));
    await expect(assumeRole(mallory, role, { Tags: tagList({ team: '' }) })).rejects.toMatchObject(
      refusedAction('sts:AssumeRole', role),
    );
  });

  it('tags passed again in a chain', async () => {
    const options = { trust: [trust(ROOT, ASSUME)], statements: [allow('sts:*'), INVOKE] };
    const first = await newRole(server.admin, 'ChainFirst', options);
    const second = await newRole(server.admin, 'ChainSecond', { ...options, tags: { team: 'of the role' } });
    const Tags = tagList({ team: 'red' });
    const session = await assumed(mallory, first, 'one', { Tags, TransitiveTagKeys: ['team'] });
    await expect(assumeRole(session, second, { Tags: tagList({ team: 'blue' }) })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    expect((await attributionOf(server, await assumed(session, second, 'two'))).tags).toEqual({ team: 'red' });
  });

  it('a transitive tag overridden in another letter case', async () => {
    const options = { trust: [trust(ROOT, ASSUME)], statements: [allow('sts:*'), INVOKE] };
    const first = await newRole(server.admin, 'CaseFirst', options);
    const second = await newRole(server.admin, 'CaseSecond', options);
    const Tags = tagList({ team: 'red' });
    const session = await assumed(mallory, first, 'one', { Tags, TransitiveTagKeys: ['team'] });
    await expect(assumeRole(session, second, { Tags: tagList({ TEAM: 'blue' }) })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('tags shaken off by one more hop', async () => {
    const first = await newRole(server.admin, 'Hop', {
      trust: [trust(ROOT, ASSUME)],
      statements: [allow('sts:*'), INVOKE],
    });
    const sticky = {
      StringEquals: { 'aws:RequestTag/team': 'red' },
      'ForAnyValue:StringEquals': { 'sts:TransitiveTagKeys': ['team'] },
    };
    const guarded = await newRole(server.admin, 'Sticky', {
      trust: [trust(ROOT, ASSUME, sticky)],
      statements: [INVOKE],
    });
    // Not made transitive, the tag would be gone after the next hop: the role asks for it.
    await expect(assumeRole(mallory, guarded, { Tags: tagList({ team: 'red' }) })).rejects.toMatchObject(
      refusedAction('sts:AssumeRole', guarded),
    );
    const Tags = tagList({ team: 'red' });
    const session = await assumed(mallory, guarded, 'one', { Tags, TransitiveTagKeys: ['team'] });
    expect((await attributionOf(server, session)).tags).toEqual({ team: 'red' });
    // Without that, the untagged second session is untagged in the bill and still carries its own name.
    const hopped = await assumed(await assumed(mallory, first, 'one', { Tags }), first, 'two');
    expect(await attributionOf(server, hopped)).toEqual({ principal: sessionArn('Hop', 'two'), tags: {} });
  });

  it('tag values with separators, control characters, look-alikes, and at the length limit', async () => {
    const role = await newRole(server.admin, 'Values', { trust: [trust(ROOT, ASSUME)], statements: [INVOKE] });
    for (const value of [
      'red$blue',
      'red,blue',
      'red;blue',
      '"blue"',
      'red\u0000',
      'red\nblue',
      '<b>',
      'v'.repeat(257),
    ]) {
      await expect(assumeRole(mallory, role, { Tags: tagList({ team: value }) })).rejects.toMatchObject({
        name: 'ValidationError',
      });
    }
    const tags = { team: 'a:b/c=d+e-f@g h', alike: 'r\u0435d', wide: '\uff52ed', long: 'v'.repeat(256) };
    const session = await assumed(mallory, role, 'values', { Tags: tagList(tags) });
    expect((await attributionOf(server, session)).tags).toEqual(tags);
  });

  it("a tag key that looks like the bill's own", async () => {
    const role = await newRole(server.admin, 'Prefixed', { trust: [trust(ROOT, ASSUME)], statements: [INVOKE] });
    await expect(assumeRole(mallory, role, { Tags: tagList({ 'aws:PrincipalTag/team': 'x' }) })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    const session = await assumed(mallory, role, 'prefixed', { Tags: tagList({ 'iamPrincipal/team': 'blue' }) });
    // Another key than `team`: in the bill it is `iamPrincipal/iamPrincipal/team`.
    expect((await attributionOf(server, session)).tags).toEqual({ 'iamPrincipal/team': 'blue' });
  });

  it('a user who tags himself', async () => {
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'mallory',
        PolicyName: 'tagger',
        PolicyDocument: policyOf(
          allow('iam:*'),
          deny(['iam:TagUser', 'iam:UntagUser', 'iam:TagRole', 'iam:UntagRole']),
        ),
      }),
    );
    const own = new IAMClient(mallory);
    await expect(
      own.send(new TagUserCommand({ UserName: 'mallory', Tags: tagList({ team: 'blue' }) })),
    ).rejects.toMatchObject({
      message: `User: arn:aws:iam::${ACCOUNT}:user/mallory is not authorized to perform: iam:TagUser on resource: arn:aws:iam::${ACCOUNT}:user/mallory with an explicit deny in an identity-based policy`,
    });
    own.destroy();
    expect((await attributionOf(server, mallory)).tags).toEqual({ team: 'red' });
  });
});

describe('names', () => {
  it('the session name of somebody else', async () => {
    const role = await newRole(server.admin, 'Named', { trust: [trust(ROOT, ASSUME, OWN_NAME)], statements: [INVOKE] });
    for (const RoleSessionName of ['alice', 'Mallory', 'mallory@acme.org']) {
      await expect(assumeRole(mallory, role, { RoleSessionName })).rejects.toMatchObject(
        refusedAction('sts:AssumeRole', role),
      );
    }
    const session = await assumed(mallory, role, 'mallory');
    expect((await attributionOf(server, session)).principal).toBe(sessionArn('Named', 'mallory'));
  });

  it('the federated user name of somebody else', async () => {
    const carol = await newUser(server.admin, 'carol', {
      statements: [
        allow('sts:GetFederationToken', `arn:aws:sts::${ACCOUNT}:federated-user/${variable('aws:username')}`),
        INVOKE,
      ],
    });
    const sts = new STSClient(carol);
    await expect(sts.send(new GetFederationTokenCommand({ Name: 'alice' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const Policy = policyOf(INVOKE);
    const { Credentials } = await sts.send(new GetFederationTokenCommand({ Name: 'carol', Policy }));
    sts.destroy();
    expect((await attributionOf(server, as(carol, Credentials!))).principal).toBe(
      `arn:aws:sts::${ACCOUNT}:federated-user/carol`,
    );
  });

  it('a source identity changed on the way', async () => {
    const options = { trust: [trust(ROOT, ASSUME)], statements: [allow('sts:*'), INVOKE] };
    const first = await newRole(server.admin, 'SourceFirst', options);
    const second = await newRole(server.admin, 'SourceSecond', options);
    const session = await assumed(mallory, first, 'one', { SourceIdentity: 'mallory' });
    await expect(assumeRole(session, second, { SourceIdentity: 'alice' })).rejects.toMatchObject({
      message: 'The source identity is already set for this assume role session',
    });
  });

  it('a role of another account without its external id', async () => {
    const role = await newRole(server.admin, 'Deputy', {
      trust: [trust(ROOT, 'sts:AssumeRole', { StringEquals: { 'sts:ExternalId': 'c0ffee' } })],
    });
    for (const input of [{}, { ExternalId: 'C0FFEE' }, { ExternalId: 'guess' }]) {
      await expect(assumeRole(mallory, role, input)).rejects.toMatchObject(refusedAction('sts:AssumeRole', role));
    }
  });

  it('headers and request metadata that name another principal', async () => {
    const alice = `arn:aws:iam::${ACCOUNT}:user/alice`;
    const added = {
      headers: {
        'x-tallyline-principal': alice,
        'x-iam-principal': alice,
        'x-forwarded-user': 'alice',
        'x-amzn-bedrock-principal': alice,
      },
      requestMetadata: { principal: alice, 'iamPrincipal/team': 'blue', team: 'blue' },
      additionalModelRequestFields: { user: 'alice', line_item_iam_principal: alice },
    };
    expect(await attributionOf(server, mallory, added)).toEqual({
      principal: `arn:aws:iam::${ACCOUNT}:user/mallory`,
      tags: { team: 'red' },
    });
  });
});

describe('credentials', () => {
  it('a stolen session after its revocation', async () => {
    const role = await newRole(server.admin, 'Revoked', { trust: [trust(ROOT, ASSUME)], statements: [INVOKE] });
    const stolen = await assumed(mallory, role, 'stolen');
    await attributionOf(server, stolen);
    // What the console's "Revoke active sessions" attaches. Sessions are dated to the second.
    const revoked = new Date(Date.now() + 1_000).toISOString();
    const Condition = { DateLessThan: { 'aws:TokenIssueTime': revoked } };
    const PolicyDocument = policyOf({ ...deny('*'), Condition });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'Revoked', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument }),
    );
    await expect(attributionOf(server, stolen)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    });
  });

  it('a session token changed in one place', async () => {
    const role = await newRole(server.admin, 'Sealed', { trust: [trust(ROOT, ASSUME)], statements: [INVOKE] });
    const { Credentials } = await assumeRole(mallory, role);
    const token = Credentials!.SessionToken!;
    for (const at of [0, Math.floor(token.length / 3), Math.floor(token.length / 2), token.length - 1]) {
      const letter = token[at] === 'A' ? 'B' : 'A';
      const SessionToken = token.slice(0, at) + letter + token.slice(at + 1);
      await expect(attributionOf(server, as(mallory, { ...Credentials, SessionToken }))).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
      });
    }
  });

  it('a key that is deleted while its call runs', async () => {
    const erin = await newUser(server.admin, 'erin', { statements: [INVOKE] });
    const bedrock = new BedrockRuntimeClient(erin);
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    const simulate = { inputTokens: 10, outputTokens: 5, delayMs: 200 };
    const command = { modelId: 'anthropic.claude-sonnet-4-6', messages, additionalModelRequestFields: { simulate } };
    const { stream, $metadata } = await bedrock.send(new ConverseStreamCommand(command));
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'erin', AccessKeyId: erin.credentials.accessKeyId }));
    // It was admitted before: it is answered to its end and billed to whoever signed it.
    await collected(stream);
    const find = () => ledgerEntry(server, $metadata.requestId!);
    await expect
      .poll(find, ARRIVAL)
      .toMatchObject({ Principal: `arn:aws:iam::${ACCOUNT}:user/erin`, OutputTokens: '5', Status: 'completed' });
    await expect(bedrock.send(new ConverseCommand(command))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    bedrock.destroy();
  });

  it('a temporary key whose user is switched off', async () => {
    const frank = await newUser(server.admin, 'frank', { statements: [allow('sts:*'), INVOKE] });
    const sts = new STSClient(frank);
    const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
    sts.destroy();
    const session = as(frank, Credentials!);
    await attributionOf(server, session);
    await iam.send(
      new PutUserPolicyCommand({ UserName: 'frank', PolicyName: 'off', PolicyDocument: policyOf(deny('*')) }),
    );
    await expect(attributionOf(server, session)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
