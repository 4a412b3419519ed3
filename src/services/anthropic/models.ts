import { anthropicName, anthropicNames } from '../../inference/anthropic-name.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import type { FoundationModel, ModelCatalog } from '../../inference/model-catalog.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { VendorAnswer } from './vendor-answer.ts';

interface ListModelsInput {
  readonly limit?: number;
  readonly afterId?: string;
  readonly beforeId?: string;
}

/** Anthropic's default. */
const PAGE_SIZE = 20;

/** The models that can be called, Anthropic's under their own names; the latest come first, as Anthropic lists them. */
export function modelOperations(catalog: ModelCatalog): OperationTable {
  const listModels: OperationHandler<ListModelsInput, VendorAnswer> = {
    access: () => [{ action: 'bedrock:ListFoundationModels', resource: '*' }],
    run: ({ input, region, requestId }) => {
      const models = catalog.models(region).map(modelInfo).sort(latestFirst);
      const { page, hasMore } = pageOf(models, input);
      const body = { data: page, has_more: hasMore, first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null };
      return { body, requestId };
    },
  };
  const getModel: OperationHandler<{ readonly model_id: string }, VendorAnswer> = {
    access: (call) => [{ action: 'bedrock:GetFoundationModel', resource: modelOf(call, catalog).foundationModelArn }],
    run: (call) => {
      const { modelId } = modelOf(call, catalog);
      return { body: modelInfo(catalog.model(modelId) ?? { modelId }), requestId: call.requestId };
    },
  };
  return { ListModels: listModels, GetModel: getModel };
}

function modelOf({ input, region, caller }: OperationCall<{ readonly model_id: string }>, catalog: ModelCatalog) {
  return catalog.resolve(input.model_id, { region, accountId: caller.accountId });
}

interface ModelInfo extends JsonObject {
  readonly type: 'model';
  readonly id: string;
  readonly display_name: string;
  /** RFC 3339; the epoch where the day is not known, as Anthropic has it. */
  readonly created_at: string;
}

function modelInfo({ modelId, displayName }: FoundationModel): ModelInfo {
  const id = anthropicNames(modelId).length > 0 ? anthropicName(modelId) : modelId;
  const [, year, month, day] = /-(\d{4})(\d{2})(\d{2})(?:$|-)/.exec(id) ?? [];
  return {
    type: 'model',
    id,
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
