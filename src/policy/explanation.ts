import type { PolicySource } from '../identity/policy-set.ts';
import { arnSegments } from './arn-pattern.ts';
import {
  type AccessRequest,
  authorize,
  type DecidingStatement,
  type Decision,
  type DecisionLayer,
  type PolicySet,
} from './authorize.ts';
import { compileConditions } from './conditions.ts';
import type { PolicyKind } from './policy-document.ts';
import { PRINCIPAL_MATCH } from './principals.ts';
import { contextKeysOf, type StatementSource, statementSources } from './statement-source.ts';

/** Why a request is decided as it is. Worked out for people, apart from the decision itself, which stays quick. */
export interface Explanation {
  readonly decision: Decision;
  /** In the order in which they are looked at; a layer without policies is left out. */
  readonly layers: readonly LayerExplanation[];
}

/** What one kind of policy says about a request. */
export interface LayerExplanation {
  readonly layer: Exclude<DecisionLayer, 'root'>;
  /** Level of the organization, 1 for its root; other layers have none. */
  readonly level?: number;
  readonly verdict: 'denies' | 'allows' | 'silent';
  /** Every statement that applies, of either effect. */
  readonly matched: readonly DecidingStatement[];
  /** Statements that would allow the action and do not apply. */
  readonly nearMisses: readonly NearMiss[];
  /** Condition keys that statements about this action and resource ask for and the request does not have. */
  readonly missingKeys: readonly string[];
}

/** An Allow that covers the action, and what keeps it from applying. */
export interface NearMiss {
  readonly policyId: string;
  readonly statementId: string;
  /** The first test that fails. */
  readonly failed: 'resource' | 'principal' | 'condition';
  /** Entries of its Condition block that do not hold; empty unless `failed` is `condition`. */
  readonly conditions: readonly FailedCondition[];
}

export interface FailedCondition {
  readonly operator: string;
  readonly key: string;
  readonly expected: readonly string[];
  /** Absent: the request does not have the key. */
  readonly actual?: readonly string[];
}

/** Decides as `authorize` does and says why. */
export function explain(request: AccessRequest, policies: PolicySet): Explanation {
  const { serviceControl = [], resource, identity, boundary, session } = policies;
  const layer = (name: LayerExplanation['layer'], sources: readonly PolicySource[], kind: PolicyKind = 'identity') =>
    explainLayer(request, name, kind, sources);
  return {
    decision: authorize(request, policies),
    layers: [
      ...serviceControl.map((sources, index) => ({ ...layer('serviceControl', sources), level: index + 1 })),
      ...(resource
        ? [layer('resource', [resource.source], resource.kind === 'role-trust' ? 'trust' : 'resource')]
        : []),
      layer('identity', identity),
      ...(boundary ? [layer('boundary', [boundary])] : []),
      ...(session ? [layer('session', session)] : []),
    ],
  };
}

function explainLayer(
  request: AccessRequest,
  layer: LayerExplanation['layer'],
  kind: PolicyKind,
  sources: readonly PolicySource[],
): LayerExplanation {
  const action = request.action.toLowerCase();
  const statements = sources
    .flatMap((source) => statementSources(kind, source))
    .filter(({ coversAction }) => coversAction(action))
    .map((source) => ({ source, failed: failedTest(source, request) }));
  const matched = statements
    .filter(({ failed }) => failed === undefined)
    .map(({ source }) => decidingStatement(source));
  const about = statements.filter(({ failed }) => failed !== 'resource' && failed !== 'principal');
  const asked = new Set(about.flatMap(({ source }) => contextKeysOf(source)));
  return {
    layer,
    verdict: verdictOf(matched),
    matched,
    nearMisses: statements.flatMap(({ source, failed }) =>
      failed && source.statement.effect === 'Allow' ? [nearMiss(source, failed, request)] : [],
    ),
    missingKeys: [...asked].filter((key) => !request.context.get(key.toLowerCase())?.length),
  };
}

function failedTest({ statement }: StatementSource, request: AccessRequest): NearMiss['failed'] | undefined {
  const { caller, context } = request;
  if (!statement.coversResource(arnSegments(request.resource), context)) return 'resource';
  if (statement.namesPrincipal?.({ caller }) === PRINCIPAL_MATCH.none) return 'principal';
  return statement.conditionsHold(context) ? undefined : 'condition';
}

function nearMiss(source: StatementSource, failed: NearMiss['failed'], { context }: AccessRequest): NearMiss {
  const { policyId, statement, version } = source;
  const entries = failed === 'condition' ? source.source.conditions : [];
  const conditions = entries
    .filter((entry) => !compileConditions([entry], version)(context))
    .map(({ operator, key, values }): FailedCondition => {
      const actual = context.get(key.toLowerCase());
      return { operator, key, expected: values, ...(actual?.length && { actual }) };
    });
  return { policyId, statementId: statement.id, failed, conditions };
}

function decidingStatement({ policyId, statement }: StatementSource): DecidingStatement {
  const { id: statementId, index: statementIndex, effect } = statement;
  return { policyId, statementId, statementIndex, effect };
}

function verdictOf(matched: readonly DecidingStatement[]): LayerExplanation['verdict'] {
  if (matched.some(({ effect }) => effect === 'Deny')) return 'denies';
  return matched.length > 0 ? 'allows' : 'silent';
}
