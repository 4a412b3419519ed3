import type { JsonObject } from '../../inference/model-call.ts';
import { providerOf } from '../../inference/model-catalog.ts';
import { Fault, type FaultCause } from '../../kernel/fault.ts';
import {
  type CallableModel,
  type CallableModelParts,
  callableModel,
  callableModels,
} from '../../paths/callable-models.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';

/** An answer's body, and the header that OpenAI's clients show. */
interface OpenAiAnswer {
  readonly body: JsonObject;
  readonly requestId: string;
}

const ACCESS = { unchecked: 'shows the caller what policy lets it call, and nothing else' };

/** `GET /models` and `GET /models/{model}`: the models, inference profiles and aliases that the caller may call. */
export function modelOperations(parts: CallableModelParts): OperationTable {
  const listModels: OperationHandler<object, OpenAiAnswer> = {
    access: ACCESS,
    run: (call) => ({
      body: { object: 'list', data: callableModels(call, parts).map(modelObject) },
      requestId: call.requestId,
    }),
  };

  const retrieveModel: OperationHandler<{ readonly model: string }, OpenAiAnswer> = {
    access: ACCESS,
    run: (call) => {
      const callable = callableModel(call.input.model, call, parts);
      if (callable) return { body: modelObject(callable), requestId: call.requestId };
      throw new Fault(
        'ResourceNotFoundException',
        `the model \`${call.input.model}\` does not exist, or you may not call it`,
        { cause: 'unknown_model' satisfies FaultCause },
      );
    },
  };

  return { ListModels: listModels, RetrieveModel: retrieveModel };
}

/** When a model appeared is not known; OpenAI's clients want a number. */
function modelObject({ name, model }: CallableModel): JsonObject {
  return { id: name, object: 'model', created: 0, owned_by: providerOf(model) };
}
