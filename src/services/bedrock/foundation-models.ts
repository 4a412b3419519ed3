import type {
  FoundationModelDetails,
  GetFoundationModelRequest,
  GetFoundationModelResponse,
  ListFoundationModelsRequest,
  ListFoundationModelsResponse,
} from '@aws-sdk/client-bedrock';
import {
  type FoundationModel,
  foundationModelArn,
  type ModelCatalog,
  providerOf,
} from '../../inference/model-catalog.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { scopeOf } from './bedrock-parts.ts';

export function foundationModelOperations(catalog: ModelCatalog): OperationTable {
  const listFoundationModels: OperationHandler<ListFoundationModelsRequest, ListFoundationModelsResponse> = {
    access: () => [{ action: 'bedrock:ListFoundationModels', resource: '*' }],
    run: ({ input, region }) => ({
      modelSummaries: catalog
        .models(region)
        .map((model) => modelDetails(model, region))
        .filter((model) => matches(model, input)),
    }),
  };

  const getFoundationModel: OperationHandler<GetFoundationModelRequest, GetFoundationModelResponse> = {
    // Existing or not: policies are asked before the catalogue is.
    access: ({ input: { modelIdentifier }, region }) => [
      {
        action: 'bedrock:GetFoundationModel',
        resource: modelIdentifier!.startsWith('arn:') ? modelIdentifier! : foundationModelArn(modelIdentifier!, region),
      },
    ],
    run: (call) => {
      const { modelId, inferenceProfileArn } = catalog.resolve(call.input.modelIdentifier!, scopeOf(call));
      const model = inferenceProfileArn === undefined ? catalog.model(modelId) : undefined;
      if (!model) throw new Fault('ValidationException', 'The provided model identifier is invalid.');
      return { modelDetails: modelDetails(model, call.region) };
    },
  };

  return { ListFoundationModels: listFoundationModels, GetFoundationModel: getFoundationModel };
}

function modelDetails(model: FoundationModel, region: string): FoundationModelDetails {
  return {
    modelArn: foundationModelArn(model.modelId, region),
    modelId: model.modelId,
    modelName: model.displayName ?? model.modelId,
    providerName: providerOf(model),
    inputModalities: [...(model.inputModalities ?? ['TEXT' as const])],
    outputModalities: [...(model.outputModalities ?? ['TEXT' as const])],
    responseStreamingSupported: model.isStreaming ?? true,
    customizationsSupported: [],
    inferenceTypesSupported: ['ON_DEMAND'],
    modelLifecycle: { status: 'ACTIVE' },
  };
}

function matches(model: FoundationModelDetails, filter: ListFoundationModelsRequest): boolean {
  const { byProvider, byOutputModality, byInferenceType, byCustomizationType } = filter;
  return (
    (byProvider === undefined || model.providerName?.toLowerCase() === byProvider.toLowerCase()) &&
    (byOutputModality === undefined || model.outputModalities!.includes(byOutputModality)) &&
    (byInferenceType === undefined || model.inferenceTypesSupported!.includes(byInferenceType)) &&
    (byCustomizationType === undefined || model.customizationsSupported!.some((one) => one === byCustomizationType))
  );
}
