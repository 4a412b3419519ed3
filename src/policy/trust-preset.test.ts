import { describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type Attempt,
  attempt,
  OTHER_ACCOUNT,
  request,
  roleCaller,
  tag,
  userCaller,
} from '../../test/identity/trust-cases.ts';
import { parsePolicyDocument } from './policy-document.ts';
import { gatewayPermissions, type TrustRequest, trustPreset } from './trust-preset.ts';

/** A preset, a request that it is made for, and what an attacker changes about that request. */
interface Case {
  readonly name: string;
  readonly request: TrustRequest;
  readonly intended: Attempt;
  /** Other requests that have to pass too. */
  readonly alsoIntended?: readonly Attempt[];
  readonly attacks: Readonly<Record<string, Partial<Attempt>>>;
}

const ALICE = userCaller('alice', { team: 'red', stage: 'test' });
const BOB = userCaller('bob', { team: 'blue' });
const OUTSIDER = userCaller('alice', { team: 'red' }, OTHER_ACCOUNT);
const APP = roleCaller('Chatbot', 'pod-1');
const GATEWAY = roleCaller('Gateway', 'i-1');

const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/login.example.com/tenant`;
const OIDC_KEYS = { 'login.example.com/tenant:aud': ['my-app'], 'login.example.com/tenant:sub': ['user-1'] };
const GITHUB = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const github = (sub: string, aud = 'sts.amazonaws.com') => ({
  'token.actions.githubusercontent.com:aud': [aud],
  'token.actions.githubusercontent.com:sub': [sub],
});
const CLUSTER = `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/AB12`;
const cluster = (sub: string, aud = 'sts.amazonaws.com') => ({
  'oidc.eks.us-east-1.amazonaws.com/id/AB12:aud': [aud],
  'oidc.eks.us-east-1.amazonaws.com/id/AB12:sub': [sub],
});
const cognito = (aud: string, amr: string) => ({
  'cognito-identity.amazonaws.com:aud': [aud],
  'cognito-identity.amazonaws.com:amr': [amr, 'cognito-idp.us-east-1.amazonaws.com/pool'],
});
const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/Okta`;

const CASES: readonly Case[] = [
  {
    name: 'user, any user of the account, tags as they are',
    request: request('user', { account: ACCOUNT, requiredTags: [tag('team')], allowedTags: [tag('stage')] }),
    intended: { caller: ALICE, sessionName: 'alice', tags: { team: 'red' } },
    alsoIntended: [
      { caller: ALICE, sessionName: 'alice', tags: { team: 'red', stage: 'test' } },
      { caller: BOB, sessionName: 'bob', tags: { team: 'blue' } },
    ],
    attacks: {
      'the name of another user': { sessionName: 'bob' },
      'the name in another letter case': { sessionName: 'Alice' },
      'no tag': { tags: {} },
      'an empty tag': { tags: { team: '' } },
      "another's tag value": { tags: { team: 'blue' } },
      'the tag key in another letter case': { tags: { Team: 'red' } },
      'a tag key that nobody named': { tags: { team: 'red', project: 'x' } },
      'an allowed tag with a value that is not the own one': { tags: { team: 'red', stage: 'prod' } },
      'a user without the tag': { caller: userCaller('alice') },
      'a user of another account': { caller: OUTSIDER },
      'a role of the account': { caller: roleCaller('alice', 'alice', { team: 'red' }) },
      'a source identity': { sourceIdentity: 'bob' },
      "a user whose own policies don't say so": { identity: [] },
    },
  },
  {
    name: 'user, named ones, values from a list, source identity and transitive tags',
    request: request('user', {
      principals: [ALICE.arn, BOB.arn],
      requiredTags: [tag('team', 'red', 'blue')],
      isTransitive: true,
      hasSourceIdentity: true,
      sessionName: `dev-\${aws:username}`,
    }),
    intended: {
      caller: ALICE,
      sessionName: 'dev-alice',
      tags: { team: 'red' },
      transitive: ['team'],
      sourceIdentity: 'alice',
    },
    attacks: {
      "another's name": { sessionName: 'dev-bob' },
      'the bare name': { sessionName: 'alice' },
      "another's value from the list": { tags: { team: 'blue' } },
      'no transitive key': { transitive: [] },
      'the transitive key in another letter case': { transitive: ['TEAM'] },
      'no source identity': { sourceIdentity: undefined },
      "another's source identity": { sourceIdentity: 'bob' },
      'an own value that is not in the list': {
        caller: userCaller('alice', { team: 'green' }),
        tags: { team: 'green' },
      },
      'somebody who is not named': { caller: userCaller('carol', { team: 'red' }), sessionName: 'dev-carol' },
    },
  },
  {
    name: 'user, no tags',
    request: request('user', { account: ACCOUNT }),
    intended: { caller: ALICE, sessionName: 'alice' },
    attacks: { 'a tag': { tags: { team: 'red' } }, "another's name": { sessionName: 'bob' } },
  },
  {
    name: 'application, a role with its tags fixed, for a third party',
    request: request('application', {
      principals: [`arn:aws:iam::${ACCOUNT}:role/Chatbot`],
      sessionName: 'chatbot-*',
      externalId: 'contract-17',
      requiredTags: [tag('project', 'chatbot')],
    }),
    intended: { caller: APP, sessionName: 'chatbot-1', tags: { project: 'chatbot' }, externalId: 'contract-17' },
    attacks: {
      'a name outside the pattern': { sessionName: 'docs-1' },
      'no external id': { externalId: undefined },
      'a wrong external id': { externalId: 'contract-18' },
      'no tag': { tags: {} },
      'another value': { tags: { project: 'docs' } },
      'another letter case': { tags: { PROJECT: 'chatbot' } },
      'one more tag': { tags: { project: 'chatbot', team: 'red' } },
      'another role': { caller: roleCaller('Docs', 'pod-1') },
      'a source identity': { sourceIdentity: 'alice' },
    },
  },
  {
    name: 'application, a role whose own tag has to be passed on',
    request: request('application', {
      principals: [`arn:aws:iam::${ACCOUNT}:role/Chatbot`],
      sessionName: 'chatbot',
      requiredTags: [tag('team')],
    }),
    intended: { caller: roleCaller('Chatbot', 'p', { team: 'red' }), sessionName: 'chatbot', tags: { team: 'red' } },
    attacks: {
      'another value than its own': { tags: { team: 'blue' } },
      'no tag of its own': { caller: APP },
      'a longer name': { sessionName: 'chatbot-2' },
    },
  },
  {
    name: 'application, several users with keys',
    request: request('application', { principals: [ALICE.arn, BOB.arn], sessionName: 'username' }),
    intended: { caller: ALICE, sessionName: 'alice' },
    attacks: { "the other's name": { sessionName: 'bob' }, 'a tag': { tags: { team: 'red' } } },
  },
  {
    name: 'oidc, the name is the subject',
    request: request('oidc', { provider: OIDC, audience: 'my-app', requiredTags: [tag('team', 'red', 'blue')] }),
    intended: { provider: OIDC, context: OIDC_KEYS, sessionName: 'user-1', tags: { team: 'red' } },
    attacks: {
      "another's name": { sessionName: 'user-2' },
      'a token for another client': { context: { ...OIDC_KEYS, 'login.example.com/tenant:aud': ['other-app'] } },
      'a token without audience': { context: { 'login.example.com/tenant:sub': ['user-1'] } },
      'another provider': { provider: `arn:aws:iam::${ACCOUNT}:oidc-provider/evil.example.com` },
      'the provider of another account': {
        provider: `arn:aws:iam::${OTHER_ACCOUNT}:oidc-provider/login.example.com/tenant`,
      },
      'no tag': { tags: {} },
      'a value outside the list': { tags: { team: 'green' } },
      'one more tag': { tags: { team: 'red', cost: '1' } },
      'another letter case': { tags: { Team: 'red' } },
      'a source identity': { sourceIdentity: 'user-2' },
      'credentials instead of a token': { caller: ALICE },
    },
  },
  {
    name: 'oidc, the name is the signed source identity, of one domain',
    request: request('oidc', {
      account: ACCOUNT,
      provider: 'https://login.example.com/tenant',
      audience: 'my-app',
      subject: 'user-*',
      requiredTags: [tag('team')],
      isTransitive: true,
      hasSourceIdentity: true,
    }),
    intended: {
      provider: OIDC,
      context: OIDC_KEYS,
      sessionName: 'alice@example.com',
      sourceIdentity: 'alice@example.com',
      tags: { team: 'red' },
      transitive: ['team'],
    },
    attacks: {
      "another's name": { sessionName: 'bob@example.com' },
      'no source identity': { sourceIdentity: undefined },
      'a subject outside the pattern': { context: { ...OIDC_KEYS, 'login.example.com/tenant:sub': ['service-1'] } },
      'no transitive key': { transitive: [] },
      'the transitive key in another letter case': { transitive: ['Team'] },
    },
  },
  {
    name: 'github-actions',
    request: request('github-actions', { account: ACCOUNT, subject: 'repo:acme/chatbot:ref:refs/heads/*' }),
    intended: {
      provider: GITHUB,
      context: github('repo:acme/chatbot:ref:refs/heads/main'),
      sessionName: 'acme.chatbot',
    },
    attacks: {
      'another repository': { context: github('repo:acme/docs:ref:refs/heads/main') },
      "a stranger's repository": { context: github('repo:evil/chatbot:ref:refs/heads/main') },
      'a pull request': { context: github('repo:acme/chatbot:pull_request') },
      'another audience': { context: github('repo:acme/chatbot:ref:refs/heads/main', 'https://github.com/acme') },
      'another name': { sessionName: 'acme.docs' },
      'a tag': { tags: { team: 'red' } },
      'another provider': { provider: OIDC },
    },
  },
  {
    name: 'kubernetes',
    request: request('kubernetes', {
      account: ACCOUNT,
      provider: 'https://oidc.eks.us-east-1.amazonaws.com/id/AB12',
      subject: 'system:serviceaccount:team-a:worker',
    }),
    intended: {
      provider: CLUSTER,
      context: cluster('system:serviceaccount:team-a:worker'),
      sessionName: 'team-a.worker',
    },
    attacks: {
      'another service account': { context: cluster('system:serviceaccount:team-a:web') },
      'another namespace': { context: cluster('system:serviceaccount:team-b:worker') },
      'another audience': { context: cluster('system:serviceaccount:team-a:worker', 'vault') },
      'another name': { sessionName: 'team-b.worker' },
      'a tag': { tags: { team: 'red' } },
    },
  },
  {
    name: 'cognito',
    request: request('cognito', { audience: 'us-east-1:pool', requiredTags: [tag('user')], isTransitive: true }),
    intended: {
      provider: 'cognito-identity.amazonaws.com',
      context: cognito('us-east-1:pool', 'authenticated'),
      sessionName: 'CognitoIdentityCredentials',
      tags: { user: 'u1' },
      transitive: ['user'],
    },
    attacks: {
      'another pool': { context: cognito('us-east-1:other', 'authenticated') },
      'a guest': { context: cognito('us-east-1:pool', 'unauthenticated') },
      'a name of its own': { sessionName: 'alice' },
      'no tag': { tags: {}, transitive: [] },
      'one more tag': { tags: { user: 'u1', team: 'red' } },
      'no transitive key': { transitive: [] },
      'another provider': { provider: OIDC },
    },
  },
  {
    name: 'saml',
    request: request('saml', {
      account: ACCOUNT,
      provider: 'Okta',
      requiredTags: [tag('team', 'red')],
      hasSourceIdentity: true,
    }),
    intended: {
      provider: SAML,
      action: 'sts:AssumeRoleWithSAML',
      context: { 'saml:aud': ['https://signin.aws.amazon.com/saml'], 'saml:sub': ['alice'] },
      sessionName: 'alice@example.com',
      sourceIdentity: 'alice',
      tags: { team: 'red' },
    },
    attacks: {
      'another audience': { context: { 'saml:aud': ['https://evil.example.com/saml'] } },
      'no audience': { context: {} },
      'another provider': { provider: `arn:aws:iam::${ACCOUNT}:saml-provider/Other` },
      'no tag': { tags: {} },
      'another value': { tags: { team: 'blue' } },
      'one more tag': { tags: { team: 'red', x: '1' } },
      'another letter case': { tags: { TEAM: 'red' } },
      'no source identity': { sourceIdentity: undefined },
      'a web identity token': { action: 'sts:AssumeRoleWithWebIdentity' },
    },
  },
  {
    name: 'gateway',
    request: request('gateway', {
      principals: [`arn:aws:iam::${ACCOUNT}:role/Gateway`],
      sessionName: 'gw-*',
      requiredTags: [tag('team')],
      allowedTags: [tag('tenant', 'acme', 'umbrella')],
    }),
    intended: {
      caller: GATEWAY,
      sessionName: 'gw-alice',
      sourceIdentity: 'gw-alice',
      tags: { team: 'red' },
      transitive: ['team'],
      identity: [{ id: 'gateway', text: JSON.stringify(gatewayPermissions(`arn:aws:iam::${ACCOUNT}:role/Target`)) }],
    },
    alsoIntended: [
      {
        caller: GATEWAY,
        sessionName: 'gw-bob',
        sourceIdentity: 'gw-bob',
        tags: { team: 'blue', tenant: 'acme' },
        transitive: ['team', 'tenant'],
      },
    ],
    attacks: {
      'no tag': { tags: {}, transitive: [] },
      'an empty tag': { tags: { team: '' } },
      'no transitive key': { transitive: [] },
      'one more tag': { tags: { team: 'red', x: '1' } },
      'an allowed tag with another value': { tags: { team: 'red', tenant: 'evil' } },
      'another letter case': { tags: { TEAM: 'red' }, transitive: ['TEAM'] },
      'no source identity': { sourceIdentity: undefined },
      'another source identity': { sourceIdentity: 'gw-bob' },
      'a name outside the pattern': { sessionName: 'alice', sourceIdentity: 'alice' },
      'another role': { caller: APP },
      'a user of the account': { caller: ALICE },
    },
  },
];

describe.each(CASES)('$name', ({ request: asked, intended, alsoIntended = [], attacks }) => {
  const document = trustPreset(asked);

  test('is a trust policy that IAM takes', () => {
    expect(() => parsePolicyDocument('trust', JSON.stringify(document))).not.toThrow();
  });

  test('lets in whom it is for', () => {
    for (const one of [intended, ...alsoIntended]) expect(attempt(document, one)).toBe('allowed');
  });

  test.each(Object.entries(attacks))('refuses %s', (_, change) => {
    expect(attempt(document, { ...intended, ...change })).not.toBe('allowed');
  });
});

// No AWS service calls here, so a role stands in for the service while the conditions are proven.
describe('service', () => {
  const document = trustPreset(
    request('service', {
      account: ACCOUNT,
      principals: ['ecs-tasks.amazonaws.com'],
      sessionName: 'task-*',
      requiredTags: [tag('cluster', 'blue')],
    }),
  );
  const standIn = JSON.parse(
    JSON.stringify(document).replaceAll(
      '{"Service":"ecs-tasks.amazonaws.com"}',
      JSON.stringify({ AWS: APP.principalArn }),
    ),
  ) as typeof document;
  const intended: Attempt = {
    caller: APP,
    sessionName: 'task-1',
    tags: { cluster: 'blue' },
    context: { 'aws:SourceAccount': [ACCOUNT] },
  };

  test('lets in the service alone', () => {
    expect(attempt(standIn, intended)).toBe('allowed');
    expect(attempt(document, intended)).toBe('sts:AssumeRole');
  });

  test.each<[string, Partial<Attempt>]>([
    ['for another account', { context: { 'aws:SourceAccount': [OTHER_ACCOUNT] } }],
    ['for no account', { context: {} }],
    ['under another name', { sessionName: 'pod-1' }],
    ['without the tag', { tags: {} }],
    ['with another value', { tags: { cluster: 'green' } }],
    ['with one more tag', { tags: { cluster: 'blue', x: '1' } }],
  ])('refuses it %s', (_, change) => {
    expect(attempt(standIn, { ...intended, ...change })).not.toBe('allowed');
  });
});

test('inherited tags come along where no tag may be passed', () => {
  const document = trustPreset(
    request('application', { principals: [`arn:aws:iam::${ACCOUNT}:role/Chatbot`], sessionName: 'chatbot' }),
  );
  const caller = roleCaller('Chatbot', 'pod', { team: 'red' });
  const session = { ...caller.session!, transitiveTagKeys: ['team'] };
  expect(attempt(document, { caller: { ...caller, session }, sessionName: 'chatbot' })).toBe('allowed');
  expect(attempt(document, { caller: { ...caller, session }, sessionName: 'chatbot', tags: { x: '1' } })).toBe(
    'sts:TagSession',
  );
});

describe('what is wrong with the options is one sentence', () => {
  const role = `arn:aws:iam::${ACCOUNT}:role/Gateway`;
  test.each<[string, TrustRequest]>([
    ['name the account with --account, or its users with --principal', request('user')],
    ['the account `12` is not twelve digits', request('user', { account: '12' })],
    [
      `under \`--session-name dev-*\` one user could take another's name: use \`username\` or a pattern with \`\${aws:username}\``,
      request('user', { account: ACCOUNT, sessionName: 'dev-*' }),
    ],
    [
      `\`${role}\` is not the ARN of a user: use \`arn:aws:iam::111122223333:user/name\``,
      request('user', { principals: [role] }),
    ],
    [
      '--audience says nothing about the shape `user`: leave it out',
      request('user', { account: ACCOUNT, audience: 'x' }),
    ],
    ["name the application's role or user with --principal", request('application')],
    [
      'under `--session-name app-*` 2 principals would share session names: make a role for each, or use `username`',
      request('application', { principals: [ALICE.arn, BOB.arn], sessionName: 'app-*' }),
    ],
    [
      'several principals are called `alice` and would share session names',
      request('application', { principals: [ALICE.arn, OUTSIDER.arn], sessionName: 'username' }),
    ],
    [
      'an application speaks for itself and sets no source identity: use `gateway` for one that speaks for people',
      request('application', { principals: [role], sessionName: 'app', hasSourceIdentity: true }),
    ],
    [
      'the external id `?` is not 2 to 1224 letters, digits or `_+=,.@:/-`',
      request('application', { principals: [role], sessionName: 'app', externalId: '?' }),
    ],
    ['name one service with --principal, such as `ecs-tasks.amazonaws.com`', request('service')],
    ['name the provider with --provider, by its issuer URL or ARN', request('oidc')],
    [
      '`http://idp` is neither the issuer URL `https://...` nor the ARN of an OIDC provider',
      request('oidc', { provider: 'http://idp' }),
    ],
    ["name the client id that the provider's tokens are for with --audience", request('oidc', { provider: OIDC })],
    [
      'under `--session-name fixed` several subjects would share session names: use `sub` or `source-identity`, or name one --subject',
      request('oidc', { provider: OIDC, audience: 'a', sessionName: 'fixed' }),
    ],
    [
      'the subject `auth0|1` cannot be a session name: say how its sessions are called with --session-name',
      request('oidc', { provider: OIDC, audience: 'a', subject: 'auth0|1' }),
    ],
    [
      '`--session-name source-identity` needs --source-identity',
      request('oidc', { provider: OIDC, audience: 'a', sessionName: 'source-identity' }),
    ],
    [
      'the subject `repo:acme/*:ref:refs/heads/main` does not name one repository: use `repo:OWNER/NAME:...` with wildcards after the name only',
      request('github-actions', { account: ACCOUNT, subject: 'repo:acme/*:ref:refs/heads/main' }),
    ],
    [
      'the subject `system:serviceaccount:a:*` does not name one service account: use `system:serviceaccount:NAMESPACE:NAME`',
      request('kubernetes', { provider: CLUSTER, subject: 'system:serviceaccount:a:*' }),
    ],
    [
      'every session of an identity pool has the same name: name the tag that tells people apart with --require-tag',
      request('cognito', { audience: 'us-east-1:pool' }),
    ],
    ['name the account of the provider with --account', request('saml', { provider: 'Okta' })],
    ["name the gateway's execution role with --principal", request('gateway')],
    [
      `\`${ALICE.arn}\` is not the ARN of a role: use \`arn:aws:iam::111122223333:role/name\``,
      request('gateway', { principals: [ALICE.arn] }),
    ],
    [
      'name the tags that the gateway sets for each user with --require-tag, such as `team`',
      request('gateway', { principals: [role] }),
    ],
    [
      'the tag key `Team` is named twice; letter case does not tell keys apart',
      request('user', { account: ACCOUNT, requiredTags: [tag('team')], allowedTags: [tag('Team')] }),
    ],
    [
      '`aws:x` is not a tag key: use 1 to 128 letters, digits, spaces or `_.:/=+-@`',
      request('user', { account: ACCOUNT, requiredTags: [tag('aws:x')] }),
    ],
    [
      '`*` is not a value of the tag `team`: use letters, digits, spaces or `_.:/=+-@`',
      request('user', { account: ACCOUNT, requiredTags: [tag('team', '*')] }),
    ],
    [
      '--transitive needs --require-tag: only a tag that must be there can be made to stay',
      request('user', { account: ACCOUNT, isTransitive: true }),
    ],
  ])('%s', (sentence, asked) => {
    expect(() => trustPreset(asked)).toThrow(sentence);
  });
});
