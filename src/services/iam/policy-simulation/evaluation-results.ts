import type {
  EvaluationResult,
  PolicyEvaluationDecisionType,
  ResourceSpecificResult,
  SimulateCustomPolicyRequest,
  SimulatePrincipalPolicyRequest,
  Statement,
} from '@aws-sdk/client-iam';
import type { PolicySource } from '../../../identity/policy-set.ts';
import type { Caller } from '../../../identity/principal.ts';
import type { DecidingStatement, PolicySet } from '../../../policy/authorize.ts';
import type { ConditionContext } from '../../../policy/context.ts';
import { type Explanation, explain } from '../../../policy/explanation.ts';
import { statementPositions } from '../../../policy/statement-positions.ts';

/** Who is simulated, with which policies. */
export interface SimulatedRequest {
  readonly caller: Caller;
  readonly policies: PolicySet;
  /** Owner of resources whose ARN names no account; absent: the caller's account. */
  readonly resourceAccountId?: string;
  readonly context: ConditionContext;
  /** How AWS names each policy in its answers, by the id it has here. */
  readonly labels: ReadonlyMap<string, string>;
}

/** One result per action, with one for each resource where resources were named. */
export function evaluationResults(
  input: Pick<SimulateCustomPolicyRequest | SimulatePrincipalPolicyRequest, 'ActionNames' | 'ResourceArns'>,
  simulated: SimulatedRequest,
): EvaluationResult[] {
  const resources = input.ResourceArns ?? [];
  return input.ActionNames!.map((action) => {
    if (resources.length === 0) return actionResult(action, '*', evaluate(action, '*', simulated));
    const results = resources.map((resource) => ({ resource, ...evaluate(action, resource, simulated) }));
    return {
      ...(results.length === 1
        ? actionResult(action, results[0]!.resource, results[0]!)
        : { ...actionResult(action, '*', { ...results[0]!, EvalDecision: overall(results), MatchedStatements: [] }) }),
      ResourceSpecificResults: results.map(resourceResult),
    };
  });
}

/** What is known of one action on one resource; members as AWS names them. */
interface Evaluation {
  readonly EvalDecision: PolicyEvaluationDecisionType;
  readonly MatchedStatements: Statement[];
  readonly MissingContextValues: string[];
  readonly allowedByOrganizations: boolean | undefined;
  readonly allowedByBoundary: boolean | undefined;
}

function evaluate(action: string, resource: string, simulated: SimulatedRequest): Evaluation {
  const { caller, policies, context, resourceAccountId } = simulated;
  const explanation = explain(
    { caller, action, resource, context, ...(resourceAccountId !== undefined && { resourceAccountId }) },
    policies,
  );
  const { decision, layers } = explanation;
  return {
    EvalDecision: decision.reason,
    MatchedStatements: decision.decidedBy.flatMap((statement) => matchedStatement(statement, simulated)),
    MissingContextValues: [...new Set(layers.flatMap(({ missingKeys }) => missingKeys))],
    allowedByOrganizations: isAllowedBy('serviceControl', explanation),
    allowedByBoundary: isAllowedBy('boundary', explanation),
  };
}

/** Undefined when there is no such layer. */
function isAllowedBy(layer: 'serviceControl' | 'boundary', { layers }: Explanation): boolean | undefined {
  const found = layers.filter((one) => one.layer === layer);
  return found.length === 0 ? undefined : found.every(({ verdict }) => verdict === 'allows');
}

function actionResult(action: string, resource: string, evaluation: Evaluation): EvaluationResult {
  const { allowedByOrganizations, allowedByBoundary, EvalDecision, MatchedStatements, MissingContextValues } =
    evaluation;
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision,
    MatchedStatements,
    MissingContextValues,
    ...(allowedByOrganizations !== undefined && {
      OrganizationsDecisionDetail: { AllowedByOrganizations: allowedByOrganizations },
    }),
    ...boundaryDetail(allowedByBoundary),
  };
}

function resourceResult(evaluation: Evaluation & { readonly resource: string }): ResourceSpecificResult {
  return {
    EvalResourceName: evaluation.resource,
    EvalResourceDecision: evaluation.EvalDecision,
    MatchedStatements: evaluation.MatchedStatements,
    MissingContextValues: evaluation.MissingContextValues,
    ...boundaryDetail(evaluation.allowedByBoundary),
  };
}

function boundaryDetail(isAllowed: boolean | undefined) {
  return isAllowed === undefined
    ? {}
    : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: isAllowed } };
}

/** An action on several resources is allowed when it is on each of them. */
function overall(evaluations: readonly Evaluation[]): PolicyEvaluationDecisionType {
  const decisions = new Set(evaluations.map(({ EvalDecision }) => EvalDecision));
  if (decisions.has('explicitDeny')) return 'explicitDeny';
  return decisions.has('implicitDeny') ? 'implicitDeny' : 'allowed';
}

/** The organization's policies are not shown to its accounts. */
function matchedStatement(
  { policyId, statementIndex }: DecidingStatement,
  { policies, labels }: SimulatedRequest,
): Statement[] {
  const { identity, boundary, session, resource } = policies;
  const shown: readonly PolicySource[] = [
    ...identity,
    ...(boundary ? [boundary] : []),
    ...(session ?? []),
    ...(resource ? [resource.source] : []),
  ];
  const source = shown.find(({ id }) => id === policyId);
  const position = source && statementPositions(source.text)[statementIndex];
  if (!position) return [];
  return [
    {
      SourcePolicyId: labels.get(policyId) ?? policyId,
      // AWS answers these words, and not one of the values that its model lists.
      SourcePolicyType: (source === resource?.source ? 'Resource Policy' : 'IAM Policy') as 'none',
      StartPosition: { Line: position.start.line, Column: position.start.column },
      EndPosition: { Line: position.end.line, Column: position.end.column },
    },
  ];
}
