import type { ResolvedModel } from '../inference/model-catalog.ts';
import type { AccessNeed } from './operation-handler.ts';

/**
 * The permissions that calling a model takes. Through an inference profile they are two, one for the profile and one for
 * the foundation model behind it; the latter's statement may ask for the profile with `bedrock:InferenceProfileArn`
 * (Bedrock User Guide, inference profile prerequisites).
 */
export function inferenceNeeds(
  action: string,
  model: ResolvedModel,
  context: ReadonlyMap<string, readonly string[]> = new Map(),
): AccessNeed[] {
  const { foundationModelArn, inferenceProfileArn } = model;
  const asked = context.size > 0 ? { context } : {};
  if (!inferenceProfileArn) return [{ action, resource: foundationModelArn, ...asked }];
  const throughProfile = new Map([...context, ['bedrock:InferenceProfileArn', [inferenceProfileArn]] as const]);
  return [
    { action, resource: inferenceProfileArn, ...asked },
    { action, resource: foundationModelArn, context: throughProfile },
  ];
}
