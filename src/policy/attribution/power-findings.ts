import type { PolicySet } from '../../identity/policy-set.ts';
import type { Caller } from '../../identity/principal.ts';
import { compileWildcard } from '../../kernel/wildcard.ts';
import { authorize } from '../authorize.ts';
import type { ConditionEntry } from '../conditions.ts';
import type { ConditionContext } from '../context.ts';
import { parsePolicyDocument } from '../policy-document.ts';
import type { Finding, FindingKind, Severity } from './finding.ts';
import { FIRST_CHOICE, planSession } from './session-plan.ts';

/** Who is looked at, and with which policies. */
export interface PowerView {
  readonly caller: Caller;
  readonly policies: PolicySet;
  /** The keys of its requests, whatever they ask for. */
  readonly context: ConditionContext;
  /** A tag key whose value matters; one of the required ones, where there is any. */
  readonly tagKey: string;
}

type Target = 'self' | 'other-user' | 'other-role' | 'any-policy' | 'any-provider' | 'federated-user';

interface Power {
  readonly action: string;
  readonly on: Target;
}

/** Principals that nobody has; a statement that covers them covers everybody's. */
const SOMEBODY = 'tallyline-probe';

/** What moves cost by moving tags. */
const TAG_POWERS: readonly Power[] = [
  { action: 'iam:TagUser', on: 'self' },
  { action: 'iam:UntagUser', on: 'self' },
  { action: 'iam:TagRole', on: 'self' },
  { action: 'iam:UntagRole', on: 'self' },
  { action: 'iam:TagUser', on: 'other-user' },
  { action: 'iam:UntagUser', on: 'other-user' },
  { action: 'iam:TagRole', on: 'other-role' },
  { action: 'iam:UntagRole', on: 'other-role' },
];

/** What makes somebody else of the caller, or lets it allow itself that. */
const IDENTITY_POWERS: readonly Power[] = [
  { action: 'iam:CreateAccessKey', on: 'other-user' },
  { action: 'iam:CreateServiceSpecificCredential', on: 'other-user' },
  { action: 'iam:ResetServiceSpecificCredential', on: 'other-user' },
  { action: 'iam:CreateLoginProfile', on: 'other-user' },
  { action: 'iam:UpdateAssumeRolePolicy', on: 'other-role' },
  { action: 'iam:PutUserPolicy', on: 'self' },
  { action: 'iam:AttachUserPolicy', on: 'self' },
  { action: 'iam:PutRolePolicy', on: 'self' },
  { action: 'iam:AttachRolePolicy', on: 'self' },
  { action: 'iam:CreatePolicyVersion', on: 'any-policy' },
  { action: 'iam:UpdateSAMLProvider', on: 'any-provider' },
];

/** Who may do all of these is an administrator, which is said once and not once for every power. */
const ADMINISTRATION: readonly Power[] = [
  { action: 'iam:CreateAccessKey', on: 'other-user' },
  { action: 'iam:TagUser', on: 'other-user' },
  { action: 'iam:UpdateAssumeRolePolicy', on: 'other-role' },
];

export function isAdministrator(view: PowerView): boolean {
  return ADMINISTRATION.every((power) => has(view, power));
}

/** What a user or role that is no administrator could do to attribution. */
export function powerFindings(view: PowerView): Finding[] {
  const { caller } = view;
  const tagging = TAG_POWERS.filter((power) => isOwnKind(power, caller) && has(view, power));
  const becoming = IDENTITY_POWERS.filter((power) => isOwnKind(power, caller) && has(view, power));
  const found: Finding[] = [];
  if (tagging.length > 0) {
    const risk = `may ${namesOf(tagging)}: it can move cost to another team by changing tags`;
    found.push(power(view, 'changes-tags', 'high', risk, `deny them: ${denySnippet(tagging)}`));
  }
  if (becoming.length > 0) {
    const risk = `may ${namesOf(becoming)}: it can act as somebody else`;
    found.push(power(view, 'changes-identities', 'high', risk, `deny them: ${denySnippet(becoming)}`));
  }
  if (has(view, { action: 'sts:AssumeRole', on: 'other-role' })) {
    const risk = 'may assume every role that trusts the whole account, whoever the role was made for';
    found.push(power(view, 'assumes-any-role', 'medium', risk, 'name the roles in `Resource` instead of `*`'));
  }
  const federation: Power = { action: 'sts:GetFederationToken', on: 'federated-user' };
  if (caller.kind === 'user' && has(view, federation)) {
    const isTagging = has(view, { action: 'sts:TagSession', on: 'federated-user' });
    const risk = `may open sessions as \`federated-user/NAME\` under any name${isTagging ? ' and with any tags' : ''}`;
    const fix = `allow it for its own name alone: \`"Resource": "arn:aws:sts::${caller.accountId}:federated-user/\${aws:username}"\``;
    found.push(power(view, 'federates-freely', isTagging ? 'high' : 'medium', risk, fix));
  }
  return found;
}

function power({ caller }: PowerView, kind: FindingKind, severity: Severity, risk: string, fix: string): Finding {
  return { kind, severity, subjectArn: caller.principalArn, risk, fix };
}

/** Users tag users, roles tag roles, when it is about themselves. */
function isOwnKind({ action, on }: Power, caller: Caller): boolean {
  if (on !== 'self') return true;
  return action.includes('User') === (caller.kind === 'user');
}

function namesOf(powers: readonly Power[]): string {
  const names = [...new Set(powers.map(({ action, on }) => `${action} on ${on === 'self' ? 'itself' : 'others'}`))];
  return names.join(', ');
}

function denySnippet(powers: readonly Power[]): string {
  const actions = [...new Set(powers.map(({ action }) => action))];
  return `\`${JSON.stringify({ Effect: 'Deny', Action: actions, Resource: '*' })}\``;
}

function has(view: PowerView, { action, on }: Power): boolean {
  const conditions = conditionsOn(view.policies, action);
  return targetsOf(view, action, on).some((resource) =>
    [[], ...conditions].some((entries) => isAllowed(view, action, resource, entries)),
  );
}

function isAllowed(view: PowerView, action: string, resource: string, entries: readonly ConditionEntry[]): boolean {
  const { caller, policies, context: base, tagKey } = view;
  const known = { get: (key: string) => base.get(key), isSettled: (key: string) => /^aws:(principal|user)/.test(key) };
  const planned = planSession(entries, '2012-10-17', known, FIRST_CHOICE);
  const tags = new Map([[tagKey, SOMEBODY], ...planned.tags]);
  const context = new Map<string, readonly string[]>([
    ...planned.context,
    ['aws:tagkeys', [tagKey]],
    [`aws:requesttag/${tagKey.toLowerCase()}`, [tags.get(tagKey)!]],
  ]);
  return authorize({ caller, action, resource, context: { get: (key) => context.get(key) ?? base.get(key) } }, policies)
    .allowed;
}

/** What the statements that allow the action ask for, one list for each. */
function conditionsOn({ identity }: PolicySet, action: string): ConditionEntry[][] {
  return allowing(identity, action)
    .map(({ conditions }) => [...conditions])
    .filter((list) => list.length > 0);
}

function allowing(sources: PolicySet['identity'], action: string) {
  return sources.flatMap(({ text }) => {
    try {
      return parsePolicyDocument('identity', text).statements.filter(
        ({ effect, actions }) =>
          effect === 'Allow' &&
          actions.values.some((value) => compileWildcard(value.toLowerCase())(action.toLowerCase())) !==
            actions.isNegated,
      );
    } catch {
      return [];
    }
  });
}

/** A made-up principal of each kind, and those that the statements name. */
function targetsOf(view: PowerView, action: string, on: Target): string[] {
  const { caller } = view;
  const account = `arn:aws:iam::${caller.accountId}`;
  switch (on) {
    case 'self':
      return [caller.principalArn];
    case 'federated-user':
      return [`arn:aws:sts::${caller.accountId}:federated-user/${SOMEBODY}`];
    case 'any-policy':
      return [`${account}:policy/${SOMEBODY}`];
    case 'any-provider':
      return [`${account}:saml-provider/${SOMEBODY}`];
    case 'other-user':
      return [`${account}:user/${SOMEBODY}`, ...namedTargets(view, action, ':user/')];
    case 'other-role':
      // A single role that is named was meant; to assume or change every one is what is asked about.
      return [
        `${account}:role/${SOMEBODY}`,
        ...(action === 'sts:AssumeRole' ? [] : namedTargets(view, action, ':role/')),
      ];
  }
}

function namedTargets({ policies, caller }: PowerView, action: string, kind: string): string[] {
  const resources = allowing(policies.identity, action).flatMap(({ resources: named }) => named?.values ?? []);
  return resources
    .filter((resource) => resource.includes(kind) && !resource.includes('${'))
    .map((resource) => resource.replaceAll('*', SOMEBODY).replaceAll('?', 'x'))
    .filter((resource) => resource !== caller.principalArn);
}
