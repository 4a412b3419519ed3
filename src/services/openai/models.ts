import type { Directory } from '../../identity/directory.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { type ModelCatalog, providerOf } from '../../inference/model-catalog.ts';
import type { ModelRouter } from '../../inference/model-router.ts';
import { Fault, type FaultCause } from '../../kernel/fault.ts';
import { inferenceNeeds } from '../../paths/inference-needs.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requirePermissions } from '../../paths/permissions.ts';
import { requireWithinKey } from '../../policy/gateway-key-limits.ts';

export interface ModelParts {
  readonly catalog: ModelCatalog;
  readonly router: ModelRouter;
  readonly directory: Directory;
}

/** An answer's body, and the header that OpenAI's clients show. */
interface OpenAiAnswer {
  readonly body: JsonObject;
  readonly requestId: string;
}

const ACCESS = { unchecked: 'shows the caller what policy lets it call, and nothing else' };

/** `GET /models` and `GET /models/{model}`: the models, inference profiles and aliases that the caller may call. */
export function modelOperations(parts: ModelParts): OperationTable {
  const listModels: OperationHandler<object, OpenAiAnswer> = {
    access: ACCESS,
    run: (call) => {
      const { region } = call;
      const profiles = parts.catalog.inferenceProfiles({ region, accountId: call.caller.accountId });
      const names = [
        ...parts.catalog.models(region).map(({ modelId }) => modelId),
        ...profiles.map(({ profileId }) => profileId),
        ...parts.router.aliasNames,
      ];
      const models = names.map((name) => usableModel(name, call, parts));
      return {
        body: { object: 'list', data: models.filter((model) => model !== undefined) },
        requestId: call.requestId,
      };
    },
  };

  const retrieveModel: OperationHandler<{ readonly model: string }, OpenAiAnswer> = {
    access: ACCESS,
    run: (call) => {
      const body = usableModel(call.input.model, call, parts);
      if (body) return { body, requestId: call.requestId };
      throw new Fault(
        'ResourceNotFoundException',
        `the model \`${call.input.model}\` does not exist, or you may not call it`,
        { cause: 'unknown_model' satisfies FaultCause },
      );
    },
  };

  return { ListModels: listModels, RetrieveModel: retrieveModel };
}

/** OpenAI's model object; undefined where the caller may not call what the name stands for, or nothing has it. */
function usableModel(name: string, call: OperationCall<unknown>, parts: ModelParts): JsonObject | undefined {
  const targets = parts.router.alias(name)?.targets ?? [{ model: name }];
  const modelId = targets.map(({ model }) => usableModelId(model, call, parts)).find((found) => found !== undefined);
  if (modelId === undefined) return undefined;
  const model = parts.catalog.model(modelId);
  // When a model appeared is not known; OpenAI's clients want a number.
  return { id: name, object: 'model', created: 0, owned_by: model ? providerOf(model) : '' };
}

function usableModelId(name: string, call: OperationCall<unknown>, parts: ModelParts): string | undefined {
  const { catalog, router, directory } = parts;
  const { caller, region } = call;
  try {
    const resolved = catalog.resolve(name, { region, accountId: caller.accountId });
    const needs = inferenceNeeds('bedrock:InvokeModel', resolved);
    router.route(resolved.modelId);
    requireWithinKey(caller, { ...needs[0]!, scope: 'models', modelId: resolved.modelId });
    requirePermissions(needs, call, directory);
    return resolved.modelId;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
