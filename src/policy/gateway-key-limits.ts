import type { GatewayKeyScope } from '../identity/gateway-key.ts';
import type { Caller } from '../identity/principal.ts';
import { Fault } from '../kernel/fault.ts';
import { compileWildcard, type TextTest } from '../kernel/wildcard.ts';

/** What a request asks of a gateway key. */
export interface KeyUse {
  readonly action: string;
  readonly resource: string;
  /** Absent: what no key is good for. */
  readonly scope: GatewayKeyScope | undefined;
  /** The resolved model that is to be called; absent where none is. */
  readonly modelId?: string;
}

/**
 * Throws AccessDeniedException when the caller presents a gateway key that does not permit this; the caller's policies
 * are another matter. The sentence is like those of IAM, and names the key, never its secret.
 */
export function requireWithinKey(caller: Caller, { action, resource, scope, modelId }: KeyUse): void {
  const { gatewayKey } = caller;
  if (!gatewayKey) return;
  const { id, name, scopes, allowedModels } = gatewayKey;
  const deny = (reason: string) =>
    new Fault(
      'AccessDeniedException',
      `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because the gateway key ${name} (${id}) ${reason}`,
    );
  if (scope === undefined) throw deny('is for inference alone');
  if (!scopes.includes(scope)) throw deny(`does not have the scope ${scope}`);
  if (modelId !== undefined && !allowsModel(allowedModels, modelId)) throw deny(`does not allow the model ${modelId}`);
}

const tests = new WeakMap<readonly string[], readonly TextTest[]>();

function allowsModel(patterns: readonly string[] | undefined, modelId: string): boolean {
  if (!patterns) return true;
  let known = tests.get(patterns);
  if (!known) {
    known = patterns.map(compileWildcard);
    tests.set(patterns, known);
  }
  return known.some((test) => test(modelId));
}
