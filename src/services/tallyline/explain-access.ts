import type { Directory } from '../../identity/directory.ts';
import type { Caller } from '../../identity/principal.ts';
import type { ModelCatalog } from '../../inference/model-catalog.ts';
import { Fault } from '../../kernel/fault.ts';
import { inferenceNeeds } from '../../paths/inference-needs.ts';
import type { AccessNeed, OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { requestFacts } from '../../paths/request-facts.ts';
import type { AuthorizationMessages } from '../../policy/authorization-message.ts';
import type { PolicySet } from '../../policy/authorize.ts';
import { type ConditionContext, globalContext, type RequestFacts, withContext } from '../../policy/context.ts';
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
      const request = { caller, facts: requestFacts(call), given: givenKeys(call.input), asker: call.caller };
      return {
        Principal: caller.arn,
        Permissions: needsOf(Action, call, caller, parts).map((need) => explainPermission(need, request, parts)),
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

/** A request that is only asked about. */
export interface AskedRequest {
  /** Who would make it. */
  readonly caller: Caller;
  readonly facts: RequestFacts;
  /** Condition keys that come before what is known. Absent: none. */
  readonly given?: ReadonlyMap<string, readonly string[]>;
  /** Whose eyes the answer is for. */
  readonly asker: Caller;
}

/** What each layer of policies says about one permission, as ExplainAccess answers it. */
export function explainPermission(
  { action, resource, context: needed }: AccessNeed,
  { caller, facts, given = new Map(), asker }: AskedRequest,
  { directory }: Pick<ExplainAccessParts, 'directory'>,
) {
  const isManagement = directory.account(asker.accountId)?.isManagement === true;
  const isSeen = (accountId: string) => isManagement || accountId === asker.accountId;
  const asked = askedResource(directory, action, resource, caller.accountId, isSeen);
  const policies: PolicySet = { ...directory.policySetOf(caller), ...asked.policy };
  const known = organizationContext(
    withContext(globalContext(caller, facts), [...(needed ?? []), ...asked.tags]),
    { caller, resource: asked.arn },
    directory.organization,
  );
  const context: ConditionContext = { get: (key) => given.get(key) ?? known.get(key) };
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

function givenKeys({ Context = [] }: ExplainAccessInput): ReadonlyMap<string, readonly string[]> {
  return new Map(Context.map(({ Key, Values }) => [Key.toLowerCase(), Values]));
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
