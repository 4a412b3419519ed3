import type { Directory } from '../../identity/directory.ts';
import type { GatewayKeyScope } from '../../identity/gateway-key.ts';
import type { ModelCatalog } from '../../inference/model-catalog.ts';
import type { ModelCandidate, ModelRouter } from '../../inference/model-router.ts';
import type { AliasTarget, RoutingRule } from '../../inference/routing-rule.ts';
import { Fault } from '../../kernel/fault.ts';
import { AccessDenied } from '../../policy/access-denied.ts';
import type { Decision } from '../../policy/authorize.ts';
import { requireWithinKey } from '../../policy/gateway-key-limits.ts';
import type { Operation } from '../../wire/operation.ts';
import type { InferenceHandler, InferenceSubject } from '../inference-handler.ts';
import { guardedNeeds, inferenceNeeds } from '../inference-needs.ts';
import type { OperationCall } from '../operation-handler.ts';
import { requireNotDenied, requirePermissions } from '../permissions.ts';
import type { Parsed } from './parse.ts';

export interface AuthorizeParts {
  readonly directory: Directory;
  readonly catalog: ModelCatalog;
  readonly router: ModelRouter;
}

type ParsedInference = Extract<Parsed, { kind: 'inference' }>;

/** A model that the caller may call, and the row that reads and answers for it. */
export interface Candidate extends ModelCandidate {
  readonly handler: InferenceHandler<unknown>;
  readonly decisions: readonly Decision[];
}

/** A request that policy allows, with the decisions that say why. */
export type Authorized =
  | (Extract<Parsed, { kind: 'operation' }> & { readonly decisions: readonly Decision[] })
  | (Omit<ParsedInference, 'handler'> & {
      /** Never empty: one model, or those of an alias that the caller may call. */
      readonly candidates: readonly Candidate[];
      /** Absent: the caller named a model. */
      readonly alias?: string;
    });

/** Asks policy for every permission that the operation needs; the first that is not allowed ends the request. */
export function authorize(parsed: Parsed, parts: AuthorizeParts): Authorized {
  if (parsed.kind === 'inference') {
    const requested = parsed.handler.requestedModelId(parsed.input);
    // What is named beside a model, a knowledge base for instance, is no alias.
    const alias = parsed.handler.subject ? undefined : parts.router.alias(requested);
    if (alias) return { ...parsed, alias: requested, candidates: allowedTargets(requested, alias, parsed, parts) };
    return { ...parsed, candidates: [candidate({ model: requested }, parsed, parts)] };
  }
  const { operation } = parsed.routed;
  const { access } = parsed.handler;
  if ('self' in access) {
    const need = { action: access.self, resource: '*' };
    requireWithinKey(parsed.caller, { ...need, scope: 'self' });
    return { ...parsed, decisions: requireNotDenied(need, parsed, parts.directory) };
  }
  const needs = typeof access === 'function' ? access(callOf(parsed)) : [];
  const [asked = { action: `${operation.service}:${operation.name}`, resource: '*' }] = needs;
  requireWithinKey(parsed.caller, { ...asked, scope: keyScopeOf(operation) });
  return { ...parsed, decisions: requirePermissions(needs, parsed, parts.directory) };
}

/** Throws what is wrong with the model, or with the caller's permission for it. `asResource` is what a refusal names. */
function candidate(
  { model: named, ...target }: AliasTarget,
  parsed: ParsedInference,
  { catalog, directory }: AuthorizeParts,
  asResource?: string,
): Candidate {
  const { model, needs } = subjectOf(named, parsed, catalog);
  requireWithinKey(parsed.caller, { ...needs[0]!, scope: 'inference', modelId: model.modelId });
  const decisions = requirePermissions(needs, parsed, directory, asResource);
  const listed = catalog.model(model.modelId);
  const handler = (listed && parsed.handler.forModel?.(listed)) ?? parsed.handler;
  return { ...target, model, handler, decisions };
}

function subjectOf(
  named: string,
  { handler, input, region, caller }: ParsedInference,
  catalog: ModelCatalog,
): InferenceSubject {
  const scope = { region, accountId: caller.accountId };
  if (handler.subject) return handler.subject(input, scope, catalog);
  const model = catalog.resolve(named, scope);
  const needs = inferenceNeeds(handler.action, model, handler.accessContext?.(input));
  const guardrail = handler.guardrail?.(input);
  return { model, needs: guardrail ? guardedNeeds(needs, guardrail, scope) : needs };
}

/**
 * A target that the caller may not call, or that its region does not offer, is passed over; with none left, the first
 * refusal counts.
 */
function allowedTargets(
  alias: string,
  { targets }: RoutingRule<AliasTarget>,
  parsed: ParsedInference,
  parts: AuthorizeParts,
): Candidate[] {
  const refusals: Fault[] = [];
  const allowed = targets.flatMap((target) => {
    try {
      return [candidate(target, parsed, parts, alias)];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      refusals.push(error);
      return [];
    }
  });
  if (allowed.length > 0) return allowed;
  throw refusals.find((refusal) => refusal instanceof AccessDenied) ?? refusals[0]!;
}

/** What a gateway key must be good for to call an operation that is not metered; undefined: none is. */
function keyScopeOf({ service, name }: Operation): GatewayKeyScope | undefined {
  if (service === 'scim') return 'scim';
  if (/^(?:List|Get|Retrieve)\w*(?:Models?|InferenceProfiles?)$/.test(name)) return 'models';
  // Counting tokens.
  return service === 'bedrock' ? undefined : 'inference';
}

export function callOf(parsed: Extract<Parsed, { kind: 'operation' }>): OperationCall<unknown> {
  const { requestId, caller, input, request, region, nowMs } = parsed;
  return { requestId, caller, input, request, region, nowMs };
}
