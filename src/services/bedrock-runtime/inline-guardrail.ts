import type { ModelAnswer } from '../../inference/model-backend.ts';
import type { InferenceInput } from '../../paths/inference-handler.ts';

/** The members that Bedrock adds to a native answer, or to the last chunk of one, where a guardrail was asked for. */
export function guardrailMembers(
  { prompt }: InferenceInput,
  { stopReason, trace }: Pick<ModelAnswer, 'stopReason' | 'trace'>,
): object {
  if (!('guardrail' in prompt) || prompt.guardrail === undefined) return {};
  const action = stopReason === 'guardrail_intervened' ? 'INTERVENED' : 'NONE';
  return { 'amazon-bedrock-guardrailAction': action, ...(trace && { 'amazon-bedrock-trace': trace }) };
}
