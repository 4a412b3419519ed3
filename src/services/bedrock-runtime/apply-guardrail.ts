import type { ApplyGuardrailCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { asJson } from '../../inference/json-value.ts';
import type { InferenceHandler } from '../../paths/inference-handler.ts';
import { guardedNeeds, guardrailArn } from '../../paths/inference-needs.ts';
import { GUARDRAILS } from '../../rating/billed-feature.ts';

/** Text without a model: metered in text units. */
export const applyGuardrail: InferenceHandler<ApplyGuardrailCommandInput> = {
  operation: 'ApplyGuardrail',
  action: 'bedrock:ApplyGuardrail',
  requestedModelId: ({ guardrailIdentifier }) => guardrailIdentifier ?? '',
  subject: ({ guardrailIdentifier = '', guardrailVersion = 'DRAFT' }, scope) => {
    const arn = guardrailArn(guardrailIdentifier, scope);
    return {
      model: { modelId: GUARDRAILS, route: 'in_region', resourceArn: arn, foundationModelArn: arn },
      needs: guardedNeeds([], { identifier: guardrailIdentifier, version: guardrailVersion }, scope),
    };
  },
  read: (input) => ({
    prompt: { kind: 'guardrail', dialect: 'operation', body: asJson(input) },
    tier: 'standard',
    requestMetadata: [],
  }),
  answer: { kind: 'native', write: ({ body }) => ({ output: body }) },
};
