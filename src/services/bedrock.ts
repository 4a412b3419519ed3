import type {
  FoundationModelDetails,
  GetFoundationModelRequest,
  GetFoundationModelResponse,
  GetInferenceProfileRequest,
  GetInferenceProfileResponse,
  InferenceProfileSummary,
  ListFoundationModelsRequest,
  ListFoundationModelsResponse,
  ListInferenceProfilesRequest,
  ListInferenceProfilesResponse,
} from '@aws-sdk/client-bedrock';
import {
  type FoundationModel,
  foundationModelArn,
  type InferenceProfile,
  type ModelCatalog,
  type ModelScope,
  providerOf,
} from '../inference/model-catalog.ts';
import { Fault } from '../kernel/fault.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../paths/operation-handler.ts';

export interface BedrockDeps {
  readonly catalog: ModelCatalog;
}

/** Profiles on a page when the caller names no number; AWS does not say its own. */
const PAGE_SIZE = 100;

/** The part of Amazon Bedrock's control plane that tells clients which models they can call. */
export function bedrockOperations({ catalog }: BedrockDeps): OperationTable {
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
    access: (call) => [
      {
        action: 'bedrock:GetFoundationModel',
        resource: resourceArn(call.input.modelIdentifier!, 'foundation-model', call),
      },
    ],
    run: (call) => {
      const { modelId, inferenceProfileArn } = catalog.resolve(call.input.modelIdentifier!, scopeOf(call));
      const model = inferenceProfileArn === undefined ? catalog.model(modelId) : undefined;
      if (!model) throw new Fault('ValidationException', 'The provided model identifier is invalid.');
      return { modelDetails: modelDetails(model, call.region) };
    },
  };

  const listInferenceProfiles: OperationHandler<ListInferenceProfilesRequest, ListInferenceProfilesResponse> = {
    access: () => [{ action: 'bedrock:ListInferenceProfiles', resource: '*' }],
    run: (call) => {
      const { typeEquals, maxResults = PAGE_SIZE, nextToken } = call.input;
      // There are no application inference profiles, so a list of them is empty.
      const all = typeEquals === 'APPLICATION' ? [] : catalog.inferenceProfiles(scopeOf(call));
      const rest = nextToken === undefined ? all : after(all, nextToken);
      const page = rest.slice(0, maxResults);
      const last = page.at(-1);
      return {
        inferenceProfileSummaries: page.map(profileSummary),
        ...(last && page.length < rest.length ? { nextToken: tokenOf(last) } : {}),
      };
    },
  };

  const getInferenceProfile: OperationHandler<GetInferenceProfileRequest, GetInferenceProfileResponse> = {
    access: (call) => [
      {
        action: 'bedrock:GetInferenceProfile',
        resource: resourceArn(call.input.inferenceProfileIdentifier!, 'inference-profile', call),
      },
    ],
    run: (call) => {
      const identifier = call.input.inferenceProfileIdentifier!;
      const profile = catalog
        .inferenceProfiles(scopeOf(call))
        .find(({ profileId, profileArn }) => profileId === identifier || profileArn === identifier);
      // AWS's text is unverified.
      if (!profile) throw new Fault('ResourceNotFoundException', 'The requested inference profile was not found.');
      return profileSummary(profile);
    },
  };

  return {
    ListFoundationModels: listFoundationModels,
    GetFoundationModel: getFoundationModel,
    ListInferenceProfiles: listInferenceProfiles,
    GetInferenceProfile: getInferenceProfile,
  };
}

function scopeOf({ region, caller }: Pick<OperationCall<unknown>, 'region' | 'caller'>): ModelScope {
  return { region, accountId: caller.accountId };
}

/** What the permission must name, existing or not: policies are asked before the catalogue is. */
function resourceArn(
  identifier: string,
  type: 'foundation-model' | 'inference-profile',
  { region, caller }: OperationCall<unknown>,
): string {
  if (identifier.startsWith('arn:')) return identifier;
  return type === 'foundation-model'
    ? foundationModelArn(identifier, region)
    : `arn:aws:bedrock:${region}:${caller.accountId}:inference-profile/${identifier}`;
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

function profileSummary(profile: InferenceProfile): InferenceProfileSummary {
  return {
    inferenceProfileName: profile.name,
    description: profile.description,
    inferenceProfileArn: profile.profileArn,
    models: profile.modelArns.map((modelArn) => ({ modelArn })),
    inferenceProfileId: profile.profileId,
    status: 'ACTIVE',
    type: 'SYSTEM_DEFINED',
  };
}

/** A page token names the last profile seen, so that a list that grew in between neither repeats nor skips. */
function tokenOf({ profileId }: InferenceProfile): string {
  return Buffer.from(`after:${profileId}`).toString('base64url');
}

function after(profiles: readonly InferenceProfile[], token: string): InferenceProfile[] {
  const seen = /^after:(.+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (!seen) throw new Fault('ValidationException', 'The provided nextToken is invalid.');
  return profiles.filter(({ profileId }) => profileId > seen[1]!);
}
