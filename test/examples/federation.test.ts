import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { OidcProvider } from '../../src/identity/oidc-provider.ts';
import { readWebIdentity, type WebIdentity } from '../../src/identity/web-identity.ts';
import { NO_TAGS } from '../../src/kernel/tags.ts';
import { authorizeFederatedAssumeRole } from '../../src/policy/assume-role.ts';
import { requestContext, withContext } from '../../src/policy/context.ts';
import { parsePolicyDocument } from '../../src/policy/policy-document.ts';
import { ROOT } from './guide.ts';

const FOLDER = join(ROOT, 'examples', 'federation');
const NOW = 1_800_000_000;
const JANE = 'jane@acme.org';
const ISSUERS: Readonly<Record<string, string>> = {
  okta: 'acme.okta.com/oauth2/default',
  'entra-id': 'login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
  auth0: 'acme.eu.auth0.com/',
  cognito: 'cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI',
  keycloak: 'keycloak.acme.org/realms/acme',
  'github-actions': 'token.actions.githubusercontent.com',
  kubernetes: 'oidc.k8s.acme.org',
};

type Claims = Readonly<Record<string, unknown>>;

function example(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

// biome-ignore lint/suspicious/noExplicitAny: the files have no type
function json(file: string): any {
  return JSON.parse(example(file));
}

/** What the server reads from a token with these claims, for the client that the trust policy names. */
function identityOf(name: string, claims: Claims): WebIdentity {
  const url = ISSUERS[name]!;
  const aud = json(`${name}/trust-policy.json`).Statement[0].Condition.StringEquals[`${url}:aud`] as string;
  const standard = { iss: `https://${url}`, sub: '00u1abcdefGHIJKLM5d7', aud, iat: NOW, exp: NOW + 3600 };
  const provider: OidcProvider = {
    ...{ version: 1, accountId: '123456789012', url, clientIds: [aud], thumbprints: [], createdAtMs: 0, tags: NO_TAGS },
  };
  return readWebIdentity(JSON.stringify({ ...standard, ...claims }), provider, NOW * 1000);
}

function isTrusted(name: string, identity: WebIdentity, sessionName: string): boolean {
  const facts = { nowMs: NOW * 1000, region: 'us-east-1', sourceIp: '192.0.2.1', isTls: true };
  return authorizeFederatedAssumeRole({
    federatedProvider: identity.providerArn,
    action: 'sts:AssumeRoleWithWebIdentity',
    roleArn: 'arn:aws:iam::123456789012:role/example',
    roleTags: NO_TAGS,
    trustPolicyText: example(`${name}/trust-policy.json`),
    sessionName,
    sessionTags: identity.sessionTags,
    transitiveTagKeys: identity.transitiveTagKeys,
    ...(identity.sourceIdentity !== undefined && { sourceIdentity: identity.sourceIdentity }),
    context: withContext(requestContext(facts), identity.contextKeys),
  }).allowed;
}

/** The claims that the provider's snippet adds to Jane's token. */
const SNIPPETS: Readonly<Record<string, () => Promise<Claims>>> = {
  okta: async () => {
    const [command] = json('okta/inline-hook-response.json').commands;
    const patches = command.value as readonly { readonly op: string; readonly path: string; readonly value: unknown }[];
    expect(new Set(patches.map(({ op }) => op))).toEqual(new Set(['add']));
    return Object.fromEntries(
      patches.map(({ path, value }) => {
        const [, claims, name, ...more] = path.split('/');
        expect([claims, more]).toEqual(['claims', []]);
        return [name!.replaceAll('~1', '/').replaceAll('~0', '~'), value];
      }),
    );
  },
  'entra-id': async () => {
    const [action] = json('entra-id/custom-claims-response.json').data.actions;
    return action.claims;
  },
  auth0: async () => {
    const action = await import(join(FOLDER, 'auth0', 'post-login-action.cjs'));
    const claims: Record<string, unknown> = {};
    const event = {
      user: {
        email: JANE,
        email_verified: true,
        app_metadata: { team: 'data-science', cost_center: '12345' },
        user_metadata: { team: 'sales' },
      },
    };
    const api = {
      idToken: { setCustomClaim: (name: string, value: unknown) => Object.assign(claims, { [name]: value }) },
    };
    await action.onExecutePostLogin(event, api);
    return claims;
  },
  cognito: async () => {
    const { handler } = await import(join(FOLDER, 'cognito', 'pre-token-generation.mjs'));
    const userAttributes = {
      ...{ sub: 'x', email: JANE, email_verified: 'true' },
      ...{ 'custom:team': 'data-science', 'custom:cost_center': '12345' },
    };
    const { response } = await handler({ request: { userAttributes }, response: {} });
    return response.claimsAndScopeOverrideDetails.idTokenGeneration.claimsToAddOrOverride;
  },
  keycloak: async () => {
    const user: Readonly<Record<string, string>> = { username: JANE, team: 'data-science', cost_center: '12345' };
    return Object.fromEntries(
      json('keycloak/client-scope.json').protocolMappers.map(({ config }: { config: Record<string, string> }) => {
        // A dot that is not escaped makes Keycloak nest the claim.
        expect(config['claim.name']).not.toMatch(/(?<!\\)\./);
        const name = config['claim.name']!.replaceAll('\\.', '.');
        const attribute = config['user.attribute'];
        return [name, attribute === undefined ? JSON.parse(config['claim.value']!) : user[attribute]];
      }),
    );
  },
};

describe.each(Object.entries(SNIPPETS))('examples/federation/%s', (name, claims) => {
  it('puts tags and the person into the token, as the server reads them', async () => {
    const { sessionTags, transitiveTagKeys, sourceIdentity } = identityOf(name, await claims());
    expect(Object.fromEntries(sessionTags)).toEqual({ team: 'data-science', 'cost-center': '12345' });
    expect(transitiveTagKeys).toEqual(['team', 'cost-center']);
    expect(sourceIdentity).toBe(JANE);
  });

  it('trusts the person under the own name alone, and with a team', async () => {
    const identity = identityOf(name, await claims());
    expect(isTrusted(name, identity, JANE)).toBe(true);
    expect(isTrusted(name, identity, 'john@acme.org')).toBe(false);
    expect(isTrusted(name, identityOf(name, {}), JANE)).toBe(false);
    const further = { ...(await claims()), 'https://aws.amazon.com/tags/principal_tags/project': 'x' };
    expect(isTrusted(name, identityOf(name, further), JANE)).toBe(false);
  });
});

describe('examples/federation/github-actions', () => {
  it('asks for the audience and session that the role trusts', () => {
    const workflow = parse(example('github-actions/workflow.yaml'));
    const { env, steps } = workflow.jobs.summarise;
    const identity = identityOf('github-actions', { sub: 'repo:acme/app:ref:refs/heads/main' });
    expect(workflow.permissions['id-token']).toBe('write');
    expect(steps[0].run).toContain(`audience=${identity.audience}"`);
    expect(isTrusted('github-actions', identity, env.AWS_ROLE_SESSION_NAME)).toBe(true);
    expect(isTrusted('github-actions', identity, 'other')).toBe(false);
    const branch = identityOf('github-actions', { sub: 'repo:acme/app:ref:refs/heads/other' });
    expect(isTrusted('github-actions', branch, env.AWS_ROLE_SESSION_NAME)).toBe(false);
  });
});

describe('examples/federation/kubernetes', () => {
  it('gives the pod the token and session that the role trusts', () => {
    const [account, pod] = parseAllDocuments(example('kubernetes/pod.yaml')).map((document) => document.toJS());
    const { name, namespace } = account.metadata;
    const identity = identityOf('kubernetes', { sub: `system:serviceaccount:${namespace}:${name}` });
    const { path, audience } = pod.spec.volumes[0].projected.sources[0].serviceAccountToken;
    const [{ env, volumeMounts }] = pod.spec.containers;
    const value = (variable: string) => env.find((one: { name: string }) => one.name === variable).value;
    expect(pod.spec.serviceAccountName).toBe(name);
    expect(audience).toBe(identity.audience);
    expect(value('AWS_WEB_IDENTITY_TOKEN_FILE')).toBe(`${volumeMounts[0].mountPath}/${path}`);
    expect(isTrusted('kubernetes', identity, value('AWS_ROLE_SESSION_NAME'))).toBe(true);
    const other = identityOf('kubernetes', { sub: `system:serviceaccount:default:${name}` });
    expect(isTrusted('kubernetes', other, value('AWS_ROLE_SESSION_NAME'))).toBe(false);
  });
});

describe('examples/federation', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });

  it('has trust policies that IAM takes', () => {
    const policies = files.filter((file) => file.endsWith('trust-policy.json'));
    expect(policies.length).toBeGreaterThanOrEqual(Object.keys(ISSUERS).length);
    for (const file of policies) expect(() => parsePolicyDocument('trust', example(file)), file).not.toThrow();
  });
});

describe('docs/federation', () => {
  const folder = join(ROOT, 'docs', 'federation');
  const pages = readdirSync(folder).filter((file) => file.endsWith('.md'));
  const text = (page: string) => readFileSync(join(folder, page), 'utf8');

  it('links to files that exist', () => {
    const links = pages.flatMap((page) =>
      [...text(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => ({ page, target })),
    );
    const isFile = ({ target }: { target: string }) => /^https?:/.test(target) || existsSync(join(folder, target));
    expect(links.filter((link) => !isFile(link))).toEqual([]);
  });

  it('registers each provider under the URL of its trust policy', () => {
    for (const [name, url] of Object.entries(ISSUERS)) {
      expect(text(`${name}.md`), name).toContain(`--url https://${url} `);
      expect(text(`${name}.md`), name).toContain(`examples/federation/${name}/trust-policy.json`);
    }
  });
});
