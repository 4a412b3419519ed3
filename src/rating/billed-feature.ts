import type { ListedModel } from './billed-model.ts';
import { isGuardrailMeter, type Meter } from './meter.ts';

/** Guardrails are billed under this id, whatever model they guard. */
export const GUARDRAILS = 'bedrock.guardrails';

/** What Bedrock sells besides models: priced and billed as if it were one, under an id of its own. */
export const BILLED_FEATURES: readonly ListedModel[] = [
  { modelId: GUARDRAILS, displayName: 'Guardrails', usageTypeName: 'Guardrail' },
  { modelId: 'bedrock.knowledge-bases', displayName: 'Knowledge Bases', usageTypeName: 'KnowledgeBases' },
  {
    modelId: 'bedrock.structured-knowledge-bases',
    displayName: 'Knowledge Bases, structured data',
    usageTypeName: 'KnowledgeBases-StructuredData',
  },
  { modelId: 'bedrock.custom-model-import', displayName: 'Custom Model Import', usageTypeName: 'Llama' },
  { modelId: 'bedrock.data-automation', displayName: 'Data Automation', usageTypeName: 'DataAutomation-Standard' },
].map((feature) => ({ provider: 'Amazon', ...feature }));

/** The id under which a meter of a call is priced and billed. */
export function billedModelId(modelId: string, meter: Meter): string {
  return isGuardrailMeter(meter) ? GUARDRAILS : modelId;
}
