import type { PolicySet as CallerPolicySet, PolicySource } from '../identity/policy-set.ts';
import type { Caller } from '../identity/principal.ts';
import { type ArnSegments, arnSegments } from './arn-pattern.ts';
import type { ConditionContext } from './context.ts';
import { parsePolicy, type Statement } from './policy.ts';
import type { PolicyKind } from './policy-document.ts';
import { PRINCIPAL_MATCH, type PrincipalMatch, type Requester } from './principals.ts';

/** One question: may this caller do this to that resource? */
export interface AccessRequest {
  readonly caller: Caller;
  /** `service:Operation`, in any letter case. */
  readonly action: string;
  /** An ARN, or `*` for an action that is about no resource. */
  readonly resource: string;
  /** Whose the resource is, where its ARN does not say; absent: the account in the ARN, else the caller's. */
  readonly resourceAccountId?: string;
  readonly context: ConditionContext;
}

/** Every policy that bears on a request: the caller's, its organization's among them, and the resource's. */
export interface PolicySet extends CallerPolicySet {
  readonly resource?: { readonly source: PolicySource; readonly kind: 'role-trust' | 'resource' };
}

/** The kind of policy that settled a decision; `root`: the account's root user needs none. */
export type DecisionLayer = 'serviceControl' | 'resource' | 'identity' | 'boundary' | 'session' | 'root';

export interface Decision {
  readonly allowed: boolean;
  readonly reason: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** What granted access; the first that denied it; or the first whose Allow is missing. */
  readonly layer: DecisionLayer;
  /** The statements behind it: every matching Deny, or every matching Allow. Empty for an implicit deny. */
  readonly decidedBy: readonly DecidingStatement[];
}

export interface DecidingStatement {
  readonly policyId: string;
  /** Its Sid, else `statement 1` and so on. */
  readonly statementId: string;
  /** Its place in the policy, from 0. */
  readonly statementIndex: number;
  readonly effect: 'Allow' | 'Deny';
}

/** A question asked by someone who has no AWS credentials yet, only a provider's word. */
export interface FederatedRequest {
  /** ARN of the OIDC or SAML provider. */
  readonly federatedProvider: string;
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

/** A question asked by a service of AWS about a role that it is to act with. */
export interface ServiceRequest {
  /** `budgets.amazonaws.com`. */
  readonly servicePrincipal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

/** A request in the form that statements are tested with. */
interface Evaluation {
  readonly requester: Requester;
  /** Lower case. */
  readonly action: string;
  readonly resource: ArnSegments;
  readonly context: ConditionContext;
}

/** The statements of one layer that match. */
interface LayerMatch {
  readonly allows: readonly DecidingStatement[];
  readonly denies: readonly DecidingStatement[];
  /** How directly the Allows of a resource-based policy name the requester, at best. */
  readonly grant: PrincipalMatch;
}

interface Matches {
  readonly serviceControl: readonly LayerMatch[];
  readonly resource: LayerMatch | undefined;
  readonly identity: LayerMatch;
  readonly boundary: LayerMatch | undefined;
  readonly session: LayerMatch | undefined;
}

/**
 * Decides as AWS does (IAM User Guide, "Policy evaluation logic"): an explicit deny anywhere wins; then each layer that
 * is present has to allow, except where a resource-based policy of the caller's own account names the caller directly.
 */
export function authorize(request: AccessRequest, policies: PolicySet): Decision {
  const evaluation = evaluationOf(request, { caller: request.caller });
  const matchIdentity = (sources: readonly PolicySource[]) => matchLayer(evaluation, 'identity', sources);
  const matches: Matches = {
    serviceControl: (policies.serviceControl ?? []).map(matchIdentity),
    resource: policies.resource && matchResource(evaluation, policies.resource),
    identity: matchIdentity(policies.identity),
    boundary: policies.boundary && matchIdentity([policies.boundary]),
    session: policies.session && matchIdentity(policies.session),
  };
  const accountId = request.resourceAccountId ?? evaluation.resource[ACCOUNT_SEGMENT] ?? '';
  const isCrossAccount = /^\d{12}$/.test(accountId) && accountId !== request.caller.accountId;
  const isTrust = policies.resource?.kind === 'role-trust';
  return explicitDeny(matches) ?? decideByAllows(request.caller, matches, isCrossAccount, isTrust);
}

/** Decides for a federated identity: only the role's trust policy speaks about it. */
export function authorizeFederated(request: FederatedRequest, trustPolicy: PolicySource): Decision {
  return decideByTrust(evaluationOf(request, { federatedProvider: request.federatedProvider }), trustPolicy);
}

/** Decides for a service: likewise. */
export function authorizeService(request: ServiceRequest, trustPolicy: PolicySource): Decision {
  return decideByTrust(evaluationOf(request, { servicePrincipal: request.servicePrincipal }), trustPolicy);
}

function decideByTrust(evaluation: Evaluation, trustPolicy: PolicySource): Decision {
  const { allows, denies } = matchResource(evaluation, { source: trustPolicy, kind: 'role-trust' });
  if (denies.length > 0) return { allowed: false, reason: 'explicitDeny', layer: 'resource', decidedBy: denies };
  return allows.length > 0 ? allowed('resource', allows) : implicitDeny('resource');
}

/** Where an ARN has its account. */
const ACCOUNT_SEGMENT = 4;

function evaluationOf(request: AccessRequest | FederatedRequest | ServiceRequest, requester: Requester): Evaluation {
  return {
    requester,
    action: request.action.toLowerCase(),
    resource: arnSegments(request.resource),
    context: request.context,
  };
}

function matchResource(evaluation: Evaluation, policy: NonNullable<PolicySet['resource']>): LayerMatch {
  return matchLayer(evaluation, policy.kind === 'role-trust' ? 'trust' : 'resource', [policy.source]);
}

function matchLayer(evaluation: Evaluation, kind: PolicyKind, sources: readonly PolicySource[]): LayerMatch {
  const allows: DecidingStatement[] = [];
  const denies: DecidingStatement[] = [];
  let grant: PrincipalMatch = PRINCIPAL_MATCH.none;
  for (const source of sources) {
    for (const statement of parsePolicy(kind, source.text).statementsFor(evaluation.action)) {
      const match = matchStatement(statement, evaluation);
      if (match === PRINCIPAL_MATCH.none) continue;
      const { id: statementId, index: statementIndex, effect } = statement;
      (effect === 'Allow' ? allows : denies).push({ policyId: source.id, statementId, statementIndex, effect });
      if (effect === 'Allow' && match > grant) grant = match;
    }
  }
  return { allows, denies, grant };
}

/** The statement covers the action already. Without principals it is attached to the requester: directly about it. */
function matchStatement(statement: Statement, evaluation: Evaluation): PrincipalMatch {
  const { resource, context, requester } = evaluation;
  if (!statement.coversResource(resource, context)) return PRINCIPAL_MATCH.none;
  const match = statement.namesPrincipal ? statement.namesPrincipal(requester) : PRINCIPAL_MATCH.direct;
  return match !== PRINCIPAL_MATCH.none && statement.conditionsHold(context) ? match : PRINCIPAL_MATCH.none;
}

function explicitDeny(matches: Matches): Decision | undefined {
  const { serviceControl, resource, identity, boundary, session } = matches;
  const denies = (match: LayerMatch | undefined) => match !== undefined && match.denies.length > 0;
  if (!denies(resource) && !denies(identity) && !denies(boundary) && !denies(session) && !serviceControl.some(denies)) {
    return undefined;
  }
  const layers: [DecisionLayer, LayerMatch | undefined][] = [
    ...serviceControl.map((level): [DecisionLayer, LayerMatch] => ['serviceControl', level]),
    ['resource', resource],
    ['identity', identity],
    ['boundary', boundary],
    ['session', session],
  ];
  const denying = layers.filter(([, match]) => denies(match));
  return {
    allowed: false,
    reason: 'explicitDeny',
    layer: denying[0]![0],
    decidedBy: denying.flatMap(([, match]) => match!.denies),
  };
}

/**
 * Nothing denies; is everything allowed that must be? Across accounts both the caller's account and the resource's have
 * to allow. A role's trust policy has to allow in any case, and naming the account there leaves the rest to the
 * caller's own policies.
 */
function decideByAllows(caller: Caller, matches: Matches, isCrossAccount: boolean, isTrust: boolean): Decision {
  if (!matches.serviceControl.every((level) => level.allows.length > 0)) return implicitDeny('serviceControl');
  const { allows, grant } = matches.resource ?? NO_MATCH;
  if (grant === PRINCIPAL_MATCH.direct && !isCrossAccount) return allowed('resource', allows);
  const own = decideByOwnPolicies(caller, matches, grant === PRINCIPAL_MATCH.entity && !isCrossAccount ? allows : []);
  if (!own.allowed || !(isCrossAccount || isTrust)) return own;
  if (grant === PRINCIPAL_MATCH.none) return implicitDeny('resource');
  return allowed(own.layer, [...new Set([...own.decidedBy, ...allows])]);
}

const NO_MATCH: LayerMatch = { allows: [], denies: [], grant: PRINCIPAL_MATCH.none };

/** The caller's side. `resourceAllows` name the role behind a session; they count like the role's own. */
function decideByOwnPolicies(caller: Caller, matches: Matches, resourceAllows: LayerMatch['allows']): Decision {
  if (caller.kind === 'root') return allowed('root', []);
  const { identity, boundary, session } = matches;
  const grants = [...identity.allows, ...resourceAllows];
  if (grants.length === 0) return implicitDeny('identity');
  if (boundary?.allows.length === 0) return implicitDeny('boundary');
  // GetFederationToken without a session policy gives no permissions.
  const isSessionSilent = session ? session.allows.length === 0 : caller.kind === 'federated-user';
  if (isSessionSilent) return implicitDeny('session');
  const layer = identity.allows.length > 0 ? 'identity' : 'resource';
  return allowed(layer, [...grants, ...(boundary?.allows ?? []), ...(session?.allows ?? [])]);
}

function allowed(layer: DecisionLayer, decidedBy: readonly DecidingStatement[]): Decision {
  return { allowed: true, reason: 'allowed', layer, decidedBy };
}

function implicitDeny(layer: DecisionLayer): Decision {
  return { allowed: false, reason: 'implicitDeny', layer, decidedBy: [] };
}
