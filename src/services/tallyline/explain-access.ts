import type { Directory } from '../../identity/directory.ts';
import type { Caller } from '../../identity/principal.ts';
import type { ModelCatalog } from '../../inference/model-catalog.ts';
import { Fault } from '../../kernel/fault.ts';
import { inferenceNeeds } from '../../paths/inference-needs.ts';
import type { AccessNeed, OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { requestFacts } from '../../paths/request-facts.ts';
import type { AuthorizationMessages } from '../../policy/authorization-message.ts';
import type { PolicySet } from '../../policy/authorize.ts';
import { type ConditionContext, globalContext, withContext } from '../../policy/context.ts';
import { assumeRoleDeniedMessage, deniedMessage } from '../../policy/denied-message.ts';
import { type Explanation, explain, type LayerExplanation, type NearMiss } from '../../policy/explanation.ts';
import { organizationContext } from '../../policy/organization-context.ts';
import { askedPrincipal, type PrincipalInput } from './asked-principal.ts';
import { type AskedResource, askedResource } from './asked-resource.ts';

export interface ExplainAccessParts {
  readonly directory: Directory;
  readonly catalog: ModelCatalog;
  readonly authorizationMessages: AuthorizationMessages;
}

interface ExplainAccessInput extends PrincipalInput {
  /** An encoded authorization message to be opened; nothing else is asked then. */
  readonly EncodedMessage?: string;
  readonly Action?: string;
  /** An ARN, or the id of a model for actions of Bedrock. Absent: an action that is about no resource. */
  readonly Resource?: string;
  /** Condition keys as they would be in the request; they come before what is known of the principal. */
  readonly Context?: readonly { readonly Key: string; readonly Values: readonly string[] }[];
}

/** Says what policies decide about a request that nobody has made, and why; or why a request was denied. */
export function explainAccess(parts: ExplainAccessParts): OperationHandler<ExplainAccessInput, unknown> {
  return {
    access: () => [{ action: 'tallyline:ExplainAccess', resource: '*' }],
    run: (call) => {
      const { EncodedMessage, Action } = call.input;
      if (EncodedMessage !== undefined) return { DecodedMessage: decoded(parts, EncodedMessage, call.caller) };
      if (Action === undefined) throw new Fault('ValidationException', 'name a principal and an action, or a message');
      const caller = askedPrincipal(parts.directory, call);
      return {
        Principal: caller.arn,
        Permissions: needsOf(Action, call, caller, parts).map((need) => explainNeed(need, call, caller, parts)),
      };
    },
  };
}

function decoded({ authorizationMessages }: ExplainAccessParts, encoded: string, caller: Caller): string {
  const message = authorizationMessages.decode(encoded, caller.accountId);
  if (message !== undefined) return message;
  throw new Fault('ValidationException', 'the message is not one of this installation, or is about another account');
}

/** Actions on models take the permissions that the request path would ask for. */
function needsOf(
  action: string,
  { input, region }: OperationCall<ExplainAccessInput>,
  { accountId }: Caller,
  { catalog }: ExplainAccessParts,
): readonly AccessNeed[] {
  const { Resource: resource = '*' } = input;
  const isModelId = /^bedrock:(invoke|converse|counttokens)/i.test(action) && resource !== '*';
  if (!isModelId) return [{ action, resource }];
  return inferenceNeeds(action, catalog.resolve(resource, { region, accountId }));
}

function explainNeed(
  { action, resource, context: needed }: AccessNeed,
  call: OperationCall<ExplainAccessInput>,
  caller: Caller,
  { directory }: ExplainAccessParts,
): unknown {
  const isManagement = directory.account(call.caller.accountId)?.isManagement === true;
  const isSeen = (accountId: string) => isManagement || accountId === call.caller.accountId;
  const asked = askedResource(directory, action, resource, caller.accountId, isSeen);
  const policies: PolicySet = { ...directory.policySetOf(caller), ...asked.policy };
  const known = withContext(globalContext(caller, requestFacts(call)), [...(needed ?? []), ...asked.tags]);
  const context = givenFirst(
    call.input,
    organizationContext(known, { caller, resource: asked.arn }, directory.organization),
  );
  const explanation = explain({ caller, action, resource: asked.arn, context }, policies);
  return {
    Action: action,
    Resource: asked.arn,
    Decision: explanation.decision.reason,
    Layer: explanation.decision.layer,
    ...(!explanation.decision.allowed && { Message: messageOf(action, asked, caller, explanation) }),
    Layers: explanation.layers.map((layer) => ({
      Layer: layer.layer,
      ...(layer.level !== undefined && { Level: layer.level }),
      Verdict: layer.verdict,
      // The organization's policies are not shown to its accounts.
      ...(isManagement || layer.layer !== 'serviceControl' ? statementsOf(layer) : { Statements: [], NearMisses: [] }),
    })),
  };
}

function statementsOf({ matched, nearMisses }: LayerExplanation) {
  return {
    Statements: matched.map(({ policyId, statementId, effect }) => ({
      PolicyId: policyId,
      StatementId: statementId,
      Effect: effect,
    })),
    NearMisses: nearMisses.map(wireNearMiss),
  };
}

/** The words of the denied call. */
function messageOf(action: string, asked: AskedResource, caller: Caller, { decision }: Explanation): string {
  if (!asked.policy) return deniedMessage(caller, action, asked.arn, decision);
  return assumeRoleDeniedMessage(caller, asked.arn, { action, decision });
}

function givenFirst({ Context = [] }: ExplainAccessInput, known: ConditionContext): ConditionContext {
  const given = new Map(Context.map(({ Key, Values }) => [Key.toLowerCase(), Values]));
  return { get: (key) => given.get(key) ?? known.get(key) };
}

function wireNearMiss({ policyId, statementId, failed, conditions }: NearMiss): unknown {
  return {
    PolicyId: policyId,
    StatementId: statementId,
    Failed: failed,
    Conditions: conditions.map(({ operator, key, expected, actual }) => ({
      Operator: operator,
      Key: key,
      Expected: expected,
      ...(actual && { Actual: actual }),
    })),
  };
}
