import type { ListedModel } from './billed-model.ts';
import { isGuardrailMeter, METERS, type Meter } from './meter.ts';

/** Guardrails and knowledge bases are billed under these ids, whatever model was called. */
export const GUARDRAILS = 'bedrock.guardrails';
export const KNOWLEDGE_BASES = 'bedrock.knowledge-bases';
const CUSTOM_MODEL_IMPORT = 'bedrock.custom-model-import';

/** What Bedrock sells besides models: priced and billed as if it were one, under an id of its own. */
export const BILLED_FEATURES: readonly ListedModel[] = [
  { modelId: GUARDRAILS, displayName: 'Guardrails', usageTypeName: 'Guardrail' },
  { modelId: KNOWLEDGE_BASES, displayName: 'Knowledge Bases', usageTypeName: 'KnowledgeBases' },
  { modelId: CUSTOM_MODEL_IMPORT, displayName: 'Custom Model Import', usageTypeName: 'Llama' },
  { modelId: 'bedrock.data-automation', displayName: 'Data Automation', usageTypeName: 'DataAutomation-Standard' },
].map((feature) => ({ provider: 'Amazon', ...feature }));

/** What is billed under an id of its own, by meter. */
const FEATURE_OF: ReadonlyMap<Meter, string> = new Map(
  METERS.flatMap((meter) => {
    if (isGuardrailMeter(meter)) return [[meter, GUARDRAILS]];
    if (/^cmu_/.test(meter)) return [[meter, CUSTOM_MODEL_IMPORT]];
    return /retrieval$/.test(meter) ? [[meter, KNOWLEDGE_BASES]] : [];
  }),
);

/** The id under which a meter of a call is priced and billed. */
export function billedModelId(modelId: string, meter: Meter): string {
  return FEATURE_OF.get(meter) ?? modelId;
}

/** Regular expression, also of the store's SQL, of the ARNs of models that are held. */
export const HELD_MODEL = ':(provisioned|imported)-model/';
const HELD_MODEL_PATTERN = new RegExp(HELD_MODEL);

/** Paid for by the time that it is kept, not by the token. */
export function isHeldModel(resourceArn: string): boolean {
  return HELD_MODEL_PATTERN.test(resourceArn);
}
