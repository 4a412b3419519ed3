import type {
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
  GetContextKeysForPrincipalPolicyRequest,
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { contextKeysOf, statementSources } from '../../policy/statement-source.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './page.ts';
import { evaluationResults, type SimulatedRequest } from './policy-simulation/evaluation-results.ts';
import { customPolicies, principalPolicies, readInputPolicies } from './policy-simulation/simulated-policies.ts';

/** IAM's policy simulator: what policies would decide, without a request. */
export function simulationOperations(parts: IamParts): OperationTable {
  return {
    SimulateCustomPolicy: simulateCustomPolicy(parts),
    SimulatePrincipalPolicy: simulatePrincipalPolicy(parts),
    GetContextKeysForCustomPolicy: getContextKeysForCustomPolicy(),
    GetContextKeysForPrincipalPolicy: getContextKeysForPrincipalPolicy(parts),
  };
}

function simulateCustomPolicy({
  directory,
}: IamParts): OperationHandler<SimulateCustomPolicyRequest, SimulatePolicyResponse> {
  return {
    access: () => [{ action: 'iam:SimulateCustomPolicy', resource: '*' }],
    run: ({ caller: { accountId }, input, nowMs }) =>
      onePage(input, customPolicies(directory, accountId, input, nowMs)),
  };
}

function simulatePrincipalPolicy({
  directory,
}: IamParts): OperationHandler<SimulatePrincipalPolicyRequest, SimulatePolicyResponse> {
  return {
    access: ({ input }) => sourceNeed('SimulatePrincipalPolicy', input),
    run: ({ caller: { accountId }, input, nowMs }) =>
      onePage(input, principalPolicies(directory, accountId, input, nowMs)),
  };
}

function onePage(
  input: SimulateCustomPolicyRequest | SimulatePrincipalPolicyRequest,
  simulated: SimulatedRequest,
): SimulatePolicyResponse {
  const numbered = [...evaluationResults(input, simulated).entries()];
  const { items, rest } = pageOf(numbered, ([index]) => String(index).padStart(6, '0'), input);
  return { EvaluationResults: items.map(([, result]) => result), ...rest };
}

function getContextKeysForCustomPolicy(): OperationHandler<
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse
> {
  return {
    access: () => [{ action: 'iam:GetContextKeysForCustomPolicy', resource: '*' }],
    run: ({ input }) => ({ ContextKeyNames: contextKeyNames(readInputPolicies(input.PolicyInputList)) }),
  };
}

function getContextKeysForPrincipalPolicy({
  directory,
}: IamParts): OperationHandler<GetContextKeysForPrincipalPolicyRequest, GetContextKeysForPolicyResponse> {
  return {
    access: ({ input }) => sourceNeed('GetContextKeysForPrincipalPolicy', input),
    run: ({ caller: { accountId }, input, nowMs }) => {
      const { policies } = principalPolicies(directory, accountId, input, nowMs);
      return { ContextKeyNames: contextKeyNames(policies.identity) };
    },
  };
}

function sourceNeed(action: string, input: { readonly PolicySourceArn: string | undefined }): AccessNeed[] {
  return [{ action: `iam:${action}`, resource: input.PolicySourceArn! }];
}

/** Every key once, in the order in which the policies name them. */
function contextKeyNames(policies: SimulatedRequest['policies']['identity']): string[] {
  const names = policies.flatMap((policy) => statementSources('identity', policy)).flatMap(contextKeysOf);
  const first = new Map(names.map((name) => [name.toLowerCase(), name] as const).toReversed());
  return [...new Set(names.map((name) => first.get(name.toLowerCase())!))];
}
