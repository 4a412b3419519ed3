import { anthropicName, anthropicNames } from '../../inference/anthropic-name.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { Fault } from '../../kernel/fault.ts';
import {
  type CallableModel,
  type CallableModelParts,
  callableModel,
  callableModels,
} from '../../paths/callable-models.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { VendorAnswer } from './vendor-answer.ts';

interface ListModelsInput {
  readonly limit?: number;
  readonly afterId?: string;
  readonly beforeId?: string;
}

/** Anthropic's default. */
const PAGE_SIZE = 20;

const ACCESS = { unchecked: 'shows the caller what policy lets it call, and nothing else' };

/** `GET /models` and `GET /models/{model_id}`: what the caller may call, the latest first, as Anthropic lists its models. */
export function modelOperations(parts: CallableModelParts): OperationTable {
  const listModels: OperationHandler<ListModelsInput, VendorAnswer> = {
    access: ACCESS,
    run: (call) => {
      // An alias may stand in for Anthropic's name of a model.
      const byId = new Map(callableModels(call, parts).map((callable) => [idOf(callable), modelInfo(callable)]));
      const models = [...byId.values()].sort(latestFirst);
      const { page, hasMore } = pageOf(models, call.input);
      const body = { data: page, has_more: hasMore, first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null };
      return { body, requestId: call.requestId };
    },
  };
  const getModel: OperationHandler<{ readonly model_id: string }, VendorAnswer> = {
    access: ACCESS,
    run: (call) => {
      const callable = callableModel(call.input.model_id, call, parts);
      if (callable) return { body: modelInfo(callable), requestId: call.requestId };
      throw new Fault('ResourceNotFoundException', `model: ${call.input.model_id}`);
    },
  };
  return { ListModels: listModels, GetModel: getModel };
}

interface ModelInfo extends JsonObject {
  readonly type: 'model';
  readonly id: string;
  readonly display_name: string;
  /** RFC 3339; the epoch where the day is not known, as Anthropic has it. */
  readonly created_at: string;
}

/** Anthropic's models go by its own names; profiles and aliases by theirs. */
function idOf({ name, model: { modelId } }: CallableModel): string {
  return name === modelId || anthropicNames(modelId).includes(name) ? anthropicName(modelId) : name;
}

function modelInfo(callable: CallableModel): ModelInfo {
  const { modelId, displayName } = callable.model;
  const [, year, month, day] = /-(\d{4})(\d{2})(\d{2})(?:$|-)/.exec(modelId) ?? [];
  return {
    type: 'model',
    id: idOf(callable),
    display_name: displayName ?? modelId,
    created_at: day === undefined ? '1970-01-01T00:00:00Z' : `${year}-${month}-${day}T00:00:00Z`,
  };
}

function latestFirst(a: ModelInfo, b: ModelInfo): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}

/** What stands behind `after_id`, or the end of what stands before `before_id`; an id that is not listed bounds nothing. */
function pageOf(
  models: readonly ModelInfo[],
  { limit = PAGE_SIZE, afterId, beforeId }: ListModelsInput,
): { readonly page: readonly ModelInfo[]; readonly hasMore: boolean } {
  const placeOf = (id: string | undefined) => models.findIndex((model) => model.id === id);
  const before = placeOf(beforeId);
  const rest = models.slice(placeOf(afterId) + 1, before < 0 ? undefined : before);
  const page = before < 0 ? rest.slice(0, limit) : rest.slice(-limit);
  return { page, hasMore: page.length < rest.length };
}
