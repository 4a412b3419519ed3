import type { Trust } from './principal-shapes.ts';
import { isSessionName, nameEqualsKey, nameLike, namePattern, namesUser } from './session-name.ts';
import { need, type TrustRequest, wrong } from './trust-request.ts';
import { type ConditionLine, line } from './trust-statement.ts';

const SOURCE_IDENTITY = 'sts:SourceIdentity';
const GITHUB = 'https://token.actions.githubusercontent.com';
const COGNITO = 'cognito-identity.amazonaws.com';
/** What GitHub's and Kubernetes's set-up guides for AWS use. */
const STS_AUDIENCE = 'sts.amazonaws.com';
const SAML_AUDIENCE = 'https://signin.aws.amazon.com/saml';
/** How Cognito's enhanced flow calls every session (unverified: not in Cognito's reference). */
const COGNITO_SESSION = 'CognitoIdentityCredentials';

/**
 * People of an OIDC provider. The session name is a parameter of the call and not in the token, so it is tied to what
 * the token has signed: its subject, or the source identity. Whether AWS takes every provider's `sub` as a policy
 * variable is unverified; here it does.
 */
export function trustOidc(request: TrustRequest): Trust {
  const provider = oidcProvider(request);
  const audience = need(request.audience, "name the client id that the provider's tokens are for with --audience");
  const { subject, hasSourceIdentity, sessionName = hasSourceIdentity ? 'source-identity' : 'sub' } = request;
  return {
    principal: { Federated: provider.arn },
    action: 'sts:AssumeRoleWithWebIdentity',
    lines: [
      ...tokenLines(provider.prefix, audience, subject),
      ...oidcNameLines(request, sessionName, `${provider.prefix}:sub`),
      ...(hasSourceIdentity ? [line('StringLike', SOURCE_IDENTITY, '?*')] : []),
    ],
    tagOrigin: 'trusted',
    hasSourceIdentity,
    isTransitive: request.isTransitive,
  };
}

function oidcNameLines(
  { subject, hasSourceIdentity }: TrustRequest,
  sessionName: string,
  subKey: string,
): ConditionLine[] {
  const isOneSubject = subject !== undefined && !/[*?]/.test(subject);
  if (sessionName === 'sub') {
    if (isOneSubject && !isSessionName(subject)) {
      throw wrong(
        `the subject \`${subject}\` cannot be a session name: say how its sessions are called with --session-name`,
      );
    }
    return [nameEqualsKey(subKey)];
  }
  if (sessionName === 'source-identity') {
    if (!hasSourceIdentity) throw wrong('`--session-name source-identity` needs --source-identity');
    return [nameEqualsKey(SOURCE_IDENTITY)];
  }
  if (!isOneSubject) {
    throw wrong(
      `under \`--session-name ${sessionName}\` several subjects would share session names: use \`sub\` or \`source-identity\`, or name one --subject`,
    );
  }
  return [nameLike(tokenPattern(sessionName))];
}

/** Workflows of one repository. A subject cannot be a session name (it has colons), so the name is fixed. */
export function trustGitHubActions(request: TrustRequest): Trust {
  const subject = need(
    request.subject,
    'name the repository with --subject, such as `repo:acme/chatbot:ref:refs/heads/main`',
  );
  const [, owner, repository] = /^repo:([^/:*?]+)\/([^/:*?]+):.+$/.exec(subject) ?? [];
  if (!owner || !repository) {
    throw wrong(
      `the subject \`${subject}\` does not name one repository: use \`repo:OWNER/NAME:...\` with wildcards after the name only`,
    );
  }
  return trustWorkload({ ...request, provider: GITHUB }, subject, `${owner}.${repository}`);
}

/** One service account. */
export function trustKubernetes(request: TrustRequest): Trust {
  const subject = need(
    request.subject,
    'name the service account with --subject `system:serviceaccount:NAMESPACE:NAME`',
  );
  const [, namespace, name] = /^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/.exec(subject) ?? [];
  if (!namespace || !name) {
    throw wrong(
      `the subject \`${subject}\` does not name one service account: use \`system:serviceaccount:NAMESPACE:NAME\``,
    );
  }
  return trustWorkload(request, subject, `${namespace}.${name}`);
}

function trustWorkload(request: TrustRequest, subject: string, ownName: string): Trust {
  const { audience = STS_AUDIENCE, isTransitive } = request;
  const provider = oidcProvider(request);
  const sessionName = request.sessionName ?? ownName;
  if (request.sessionName === undefined && !isSessionName(ownName)) {
    throw wrong(`\`${ownName}\` is too long for a session name: give one with --session-name`);
  }
  return {
    principal: { Federated: provider.arn },
    action: 'sts:AssumeRoleWithWebIdentity',
    lines: [...tokenLines(provider.prefix, audience, subject), nameLike(tokenPattern(sessionName))],
    tagOrigin: 'trusted',
    hasSourceIdentity: false,
    isTransitive,
  };
}

/** Signed-in identities of a Cognito identity pool: all have one session name, so a tag has to tell them apart. */
export function trustCognito(request: TrustRequest): Trust {
  const pool = need(request.audience, 'name the identity pool with --audience, such as `us-east-1:1111-...`');
  const { requiredTags, isTransitive, sessionName = COGNITO_SESSION } = request;
  if (requiredTags.length === 0) {
    throw wrong(
      'every session of an identity pool has the same name: name the tag that tells people apart with --require-tag',
    );
  }
  return {
    principal: { Federated: COGNITO },
    action: 'sts:AssumeRoleWithWebIdentity',
    lines: [
      line('StringEquals', `${COGNITO}:aud`, pool),
      line('ForAnyValue:StringEquals', `${COGNITO}:amr`, 'authenticated'),
      nameLike(tokenPattern(sessionName)),
    ],
    tagOrigin: 'trusted',
    hasSourceIdentity: false,
    isTransitive,
  };
}

/** People of a SAML provider: the session name is in the signed assertion, the caller cannot choose it. */
export function trustSaml(request: TrustRequest): Trust {
  const { audience = SAML_AUDIENCE, subject, hasSourceIdentity, isTransitive, sessionName } = request;
  return {
    principal: { Federated: samlProviderArn(request) },
    action: 'sts:AssumeRoleWithSAML',
    lines: [
      ...tokenLines('saml', audience, subject),
      ...(sessionName === undefined ? [] : [nameLike(tokenPattern(sessionName))]),
      ...(hasSourceIdentity ? [line('StringLike', SOURCE_IDENTITY, '?*')] : []),
    ],
    tagOrigin: 'trusted',
    hasSourceIdentity,
    isTransitive,
  };
}

function tokenLines(prefix: string, audience: string, subject: string | undefined): ConditionLine[] {
  if (subject === undefined) return [line('StringEquals', `${prefix}:aud`, audience)];
  const operator = /[*?]/.test(subject) ? 'StringLike' : 'StringEquals';
  return [line('StringEquals', `${prefix}:aud`, audience), line(operator, `${prefix}:sub`, subject)];
}

function tokenPattern(sessionName: string): string {
  const pattern = namePattern(sessionName);
  if (namesUser(pattern))
    throw wrong(`\`--session-name ${sessionName}\` asks for the name of an IAM user, which this caller has not`);
  return pattern;
}

/** The provider and the prefix of its condition keys: its URL without the scheme, in the letters it was made with. */
function oidcProvider({ provider, account }: TrustRequest): { arn: string; prefix: string } {
  const given = need(provider, 'name the provider with --provider, by its issuer URL or ARN');
  const [, name] = /^(?:arn:aws:iam::\d{12}:oidc-provider|https:\/)\/([^\s?#$*{},']+)$/.exec(given) ?? [];
  if (!name) throw wrong(`\`${given}\` is neither the issuer URL \`https://...\` nor the ARN of an OIDC provider`);
  if (given.startsWith('arn:')) return { arn: given, prefix: name };
  return { arn: `arn:aws:iam::${accountOf(account)}:oidc-provider/${name}`, prefix: name };
}

function samlProviderArn({ provider, account }: TrustRequest): string {
  const given = need(provider, 'name the provider with --provider, by its name or ARN');
  if (/^arn:aws:iam::\d{12}:saml-provider\/[\w.-]{1,128}$/.test(given)) return given;
  if (!/^[\w.-]{1,128}$/.test(given)) throw wrong(`\`${given}\` is neither the name nor the ARN of a SAML provider`);
  return `arn:aws:iam::${accountOf(account)}:saml-provider/${given}`;
}

function accountOf(account: string | undefined): string {
  return need(account, 'name the account of the provider with --account');
}
