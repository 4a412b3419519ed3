import type { Directory } from '../identity/directory.ts';
import type { FoundationModel, ModelCatalog } from '../inference/model-catalog.ts';
import type { ModelRouter } from '../inference/model-router.ts';
import { Fault } from '../kernel/fault.ts';
import { requireWithinKey } from '../policy/gateway-key-limits.ts';
import { inferenceNeeds } from './inference-needs.ts';
import type { OperationCall } from './operation-handler.ts';
import { requirePermissions } from './permissions.ts';

export interface CallableModelParts {
  readonly catalog: ModelCatalog;
  readonly router: ModelRouter;
  readonly directory: Directory;
}

/** What a caller may name in a call, and the model behind it: of an alias, the first that it may call. */
export interface CallableModel {
  readonly name: string;
  readonly model: FoundationModel;
}

/** The models, inference profiles and aliases that the caller may call. */
export function callableModels(call: OperationCall<unknown>, parts: CallableModelParts): CallableModel[] {
  const { region, caller } = call;
  const profiles = parts.catalog.inferenceProfiles({ region, accountId: caller.accountId });
  const names = [
    ...parts.catalog.models(region).map(({ modelId }) => modelId),
    ...profiles.map(({ profileId }) => profileId),
    ...parts.router.aliasNames,
  ];
  return names.map((name) => callableModel(name, call, parts)).filter((callable) => callable !== undefined);
}

/** Undefined where the caller may not call what the name stands for, or nothing has it. */
export function callableModel(
  name: string,
  call: OperationCall<unknown>,
  parts: CallableModelParts,
): CallableModel | undefined {
  const targets = parts.router.alias(name)?.targets ?? [{ model: name }];
  const model = targets.map((target) => allowedModel(target.model, call, parts)).find((found) => found !== undefined);
  return model && { name, model };
}

function allowedModel(
  name: string,
  call: OperationCall<unknown>,
  { catalog, router, directory }: CallableModelParts,
): FoundationModel | undefined {
  const { caller, region } = call;
  try {
    const resolved = catalog.resolve(name, { region, accountId: caller.accountId });
    const needs = inferenceNeeds('bedrock:InvokeModel', resolved);
    router.route(resolved.modelId);
    requireWithinKey(caller, { ...needs[0]!, scope: 'models', modelId: resolved.modelId });
    requirePermissions(needs, call, directory);
    return catalog.model(resolved.modelId);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
