import type { CallFacts } from '../../inference/model-call.ts';

/**
 * What AWS is asked for. Application inference profiles are ours and unknown there, unless the configuration names one
 * of AWS's in their place. A geographic or global profile stays what the caller asked for, also where the configuration
 * gives the model another name.
 */
export function upstreamModel(call: CallFacts, profiles: Readonly<Record<string, string>> = {}): string {
  const { inferenceProfileArn, systemProfileId, upstreamModelId, modelId, heldModelArn } = call;
  const ownArn = heldModelArn ?? inferenceProfileArn;
  const named = ownArn === undefined ? undefined : profiles[ownArn];
  if (named !== undefined) return named;
  // In its place nothing may be called that costs by the token.
  if (heldModelArn !== undefined) return heldModelArn;
  if (systemProfileId === undefined || upstreamModelId.startsWith('arn:')) return upstreamModelId;
  if (upstreamModelId === modelId) return systemProfileId;
  const [prefix] = systemProfileId.split('.', 1);
  return upstreamModelId.startsWith(`${prefix}.`) ? upstreamModelId : `${prefix}.${upstreamModelId}`;
}
