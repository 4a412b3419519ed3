import type { OperationTable } from '../paths/operation-handler.ts';
import type { BedrockParts } from './bedrock/bedrock-parts.ts';
import { foundationModelOperations } from './bedrock/foundation-models.ts';
import { inferenceProfileOperations } from './bedrock/inference-profiles.ts';
import { taggingOperations } from './bedrock/tagging.ts';

/** The part of Amazon Bedrock's control plane that tells clients what they can call, and lets them name and tag it. */
export function bedrockOperations(parts: BedrockParts): OperationTable {
  return {
    ...foundationModelOperations(parts.catalog),
    ...inferenceProfileOperations(parts),
    ...taggingOperations(parts.inferenceProfiles),
  };
}

export { invocationJobOperations } from './bedrock/invocation-jobs.ts';
export { invocationLoggingOperations } from './bedrock/invocation-logging.ts';
