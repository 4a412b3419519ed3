import type { RandomBytes } from '../../identity/identifier.ts';
import type { ApplicationInferenceProfiles } from '../../inference/application-inference-profile.ts';
import type { ModelCatalog, ModelScope } from '../../inference/model-catalog.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';

export interface BedrockParts {
  readonly catalog: ModelCatalog;
  readonly inferenceProfiles: ApplicationInferenceProfiles;
  readonly random: RandomBytes;
}

export function scopeOf({ region, caller }: Pick<OperationCall<unknown>, 'region' | 'caller'>): ModelScope {
  return { region, accountId: caller.accountId };
}
