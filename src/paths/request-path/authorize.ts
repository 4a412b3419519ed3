import type { Directory } from '../../identity/directory.ts';
import type { GatewayKeyScope } from '../../identity/gateway-key.ts';
import type { ModelCatalog, ResolvedModel } from '../../inference/model-catalog.ts';
import type { Decision } from '../../policy/authorize.ts';
import { requireWithinKey } from '../../policy/gateway-key-limits.ts';
import type { Operation } from '../../wire/operation.ts';
import { inferenceNeeds } from '../inference-needs.ts';
import type { OperationCall } from '../operation-handler.ts';
import { requirePermissions } from '../permissions.ts';
import type { Parsed } from './parse.ts';

export interface AuthorizeParts {
  readonly directory: Directory;
  readonly catalog: ModelCatalog;
}

/** A request that policy allows, with the decisions that say why. */
export type Authorized =
  | (Extract<Parsed, { kind: 'operation' }> & { readonly decisions: readonly Decision[] })
  | (Extract<Parsed, { kind: 'inference' }> & {
      readonly decisions: readonly Decision[];
      readonly model: ResolvedModel;
    });

/** Asks policy for every permission that the operation needs; the first that is not allowed ends the request. */
export function authorize(parsed: Parsed, parts: AuthorizeParts): Authorized {
  if (parsed.kind === 'inference') {
    const requested = parsed.handler.requestedModelId(parsed.input);
    const model = parts.catalog.resolve(requested, { region: parsed.region, accountId: parsed.caller.accountId });
    const { action, accessContext } = parsed.handler;
    const needs = inferenceNeeds(action, model, accessContext?.(parsed.input));
    requireWithinKey(parsed.caller, { ...needs[0]!, scope: 'inference', modelId: model.modelId });
    const decisions = requirePermissions(needs, parsed, parts.directory);
    const listed = parts.catalog.model(model.modelId);
    const handler = (listed && parsed.handler.forModel?.(listed)) ?? parsed.handler;
    return { ...parsed, handler, decisions, model };
  }
  const { access } = parsed.handler;
  const needs = typeof access === 'function' ? access(callOf(parsed)) : [];
  const { operation } = parsed.routed;
  const [asked = { action: `${operation.service}:${operation.name}`, resource: '*' }] = needs;
  requireWithinKey(parsed.caller, { ...asked, scope: keyScopeOf(operation) });
  return { ...parsed, decisions: requirePermissions(needs, parsed, parts.directory) };
}

/** What a gateway key must be good for to call an operation that is not metered; undefined: none is. */
function keyScopeOf({ service, name }: Operation): GatewayKeyScope | undefined {
  if (/^(?:List|Get|Retrieve)/.test(name)) return 'models';
  // Counting tokens.
  return service === 'bedrock' ? undefined : 'inference';
}

export function callOf(parsed: Extract<Parsed, { kind: 'operation' }>): OperationCall<unknown> {
  const { requestId, caller, input, request, region, nowMs } = parsed;
  return { requestId, caller, input, request, region, nowMs };
}
