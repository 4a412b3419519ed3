import type { ApplyGuardrailCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { asJson } from '../../inference/json-value.ts';
import type { ModelScope } from '../../inference/model-catalog.ts';
import type { InferenceHandler } from '../../paths/inference-handler.ts';
import { GUARDRAILS } from '../../rating/billed-feature.ts';

/** The resource that policies name. */
export function guardrailArn(identifier: string, { region, accountId }: ModelScope): string {
  return identifier.startsWith('arn:') ? identifier : `arn:aws:bedrock:${region}:${accountId}:guardrail/${identifier}`;
}

/** Text without a model: metered in text units. */
export const applyGuardrail: InferenceHandler<ApplyGuardrailCommandInput> = {
  operation: 'ApplyGuardrail',
  action: 'bedrock:ApplyGuardrail',
  requestedModelId: ({ guardrailIdentifier }) => guardrailIdentifier ?? '',
  subject: ({ guardrailIdentifier = '' }, scope) => {
    const arn = guardrailArn(guardrailIdentifier, scope);
    return {
      model: { modelId: GUARDRAILS, route: 'in_region', resourceArn: arn, foundationModelArn: arn },
      needs: [{ action: 'bedrock:ApplyGuardrail', resource: arn }],
    };
  },
  read: (input) => ({
    prompt: { kind: 'guardrail', dialect: 'operation', body: asJson(input) },
    tier: 'standard',
    requestMetadata: [],
  }),
  answer: { kind: 'native', write: ({ body }) => ({ output: body }) },
};
