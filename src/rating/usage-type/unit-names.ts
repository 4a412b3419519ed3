import type { UnitMeter } from '../../inference/token-usage.ts';
import type { BillMeter, HeldMeter } from '../meter.ts';

/** How one meter that counts no text tokens is spelled. */
interface UnitNames {
  /** After the name of the model, or of the feature, in usage types. */
  readonly suffix: string;
  /** The metric of AWS Marketplace, and its unit in words. */
  readonly metric: string;
  readonly metricUnit: string;
  /** The price list's `inferenceType`. */
  readonly inferenceType: string;
}

/**
 * Seen in price lists and bills (read 2026-11): `AmazonRerank-v1-searchunits`, `MP:USE1_search_units-Units`,
 * `MP:USE1_created_image-Units`, `MP:USE1_InputImageCount-Units`, `NovaCanvas-T2I-1024-Standard`,
 * `TitanEmbeddingsG1-Image-input-image`, `Nova2.0Omni-input-audio-token-count`, `ProvisionedThroughput-NoCommit-ModelUnits`,
 * `CustomModelImport-Inference-v1:0` and the guardrails'. The rest follows these.
 * Editing an image is `I2I` there, at the price of `T2I`: the two are not told apart here.
 */
export const UNIT_NAMES: Readonly<Record<UnitMeter | HeldMeter | BillMeter, UnitNames>> = {
  input_audio: {
    suffix: 'input-audio-token-count',
    metric: 'InputAudioTokenCount',
    metricUnit: 'Million Input Audio Tokens',
    inferenceType: 'Input Audio Token Count',
  },
  output_audio: {
    suffix: 'output-audio-token-count',
    metric: 'OutputAudioTokenCount',
    metricUnit: 'Million Response Audio Tokens',
    inferenceType: 'Output Audio Token Count',
  },
  input_image: {
    suffix: 'input-image',
    metric: 'InputImageCount',
    metricUnit: 'Input Images',
    inferenceType: 'Input images',
  },
  image: createdImage('created-image', 'Created images'),
  image_512: createdImage('T2I-512-Standard', 'T2I 512 Standard'),
  image_512_premium: createdImage('T2I-512-Premium', 'T2I 512 Premium'),
  image_1024: createdImage('T2I-1024-Standard', 'T2I 1024 Standard'),
  image_1024_premium: createdImage('T2I-1024-Premium', 'T2I 1024 Premium'),
  image_2048: createdImage('T2I-2048-Standard', 'T2I 2048 Standard'),
  image_2048_premium: createdImage('T2I-2048-Premium', 'T2I 2048 Premium'),
  query: { suffix: 'searchunits', metric: 'search_units', metricUnit: 'Search Units', inferenceType: 'Search units' },
  retrieval: soldByAws('Retrieval', 'Retrieval'),
  structured_retrieval: soldByAws('StructuredDataRetrieval', 'Structured data retrieval'),
  page: { suffix: 'PagesProcessed', metric: 'pages', metricUnit: 'Pages', inferenceType: 'Pages' },
  content_policy_unit: soldByAws('ContentPolicyUnitsConsumed', 'Content policy text units'),
  content_policy_image: soldByAws('ContentPolicyImageUnitsConsumed', 'Content policy images'),
  topic_policy_unit: soldByAws('TopicPolicyUnitsConsumed', 'Topic policy text units'),
  word_policy_unit: soldByAws('WordPolicyUnitsConsumed', 'Word policy text units'),
  sensitive_information_policy_unit: soldByAws(
    'SensitiveInformationPolicyPaidUnitsConsumed',
    'Sensitive information policy text units',
  ),
  sensitive_information_policy_free_unit: soldByAws(
    'SensitiveInformationPolicyFreeUnitsConsumed',
    'Sensitive information policy free text units',
  ),
  contextual_grounding_policy_unit: soldByAws(
    'ContextualGroundingPolicyUnitsConsumed',
    'Contextual grounding policy text units',
  ),
  automated_reasoning_policy_unit: soldByAws(
    'AutomatedReasoningPolicyUnitsConsumed',
    'Automated reasoning policy text units',
  ),
  model_unit_hour: modelUnits('NoCommit'),
  model_unit_hour_1_month: modelUnits('1month'),
  model_unit_hour_6_month: modelUnits('6month'),
  cmu_minute: soldByAws('CustomModelImport-Inference-v1:0', 'Custom model unit minutes'),
  cmu_month: soldByAws('CustomModelImport-Storage-v1:0', 'Custom model unit months'),
  cache_write_30m: {
    suffix: 'cache-write-tokens-30m',
    metric: 'cache_write_tokens_30m',
    metricUnit: 'Million 30 minute Cache Write Input Tokens',
    inferenceType: 'Prompt cache write 30m input tokens',
  },
  input_image_token: soldByAws('input-image-token-count', 'Input Image Token Count'),
  output_image_token: soldByAws('output-image-token-count', 'Output Image Token Count'),
  input_video_token: soldByAws('input-video-token-count', 'Input Video Token Count'),
  input_video_second: soldByAws('input-video-second', 'Input video seconds'),
  output_video_second: soldByAws('output-video-second', 'Output video seconds'),
  training_token: soldByAws('Customization-Training', 'Training tokens'),
  custom_model_month: soldByAws('Customization-Storage', 'Custom model months'),
  reserved_input_tpm_hour: reservedTokens('input', 'InputTPM'),
  reserved_output_tpm_hour: reservedTokens('output', 'OutputTPM'),
  agentcore_vcpu_hour: soldByAws('Runtime:Consumption-based:vCPU', 'vCPU hours'),
  agentcore_gb_hour: soldByAws('Runtime:Consumption-based:Memory', 'GB hours'),
  agentcore_gb_month: soldByAws('Knowledge-Base:Consumption-based:Storage', 'GB months'),
  agentcore_gb: soldByAws('DataTransfer-Out-Bytes', 'GB transferred'),
  agentcore_token: soldByAws('Evaluations:Consumption-based:BuiltIn-Input:Tier1', 'Evaluation tokens'),
  agentcore_call: soldByAws('Gateway:Consumption-based:API-Invocations', 'Calls'),
};

function reservedTokens(direction: 'input' | 'output', metric: string): UnitNames {
  return {
    suffix: `reserved-1-month-${direction}-tokens-per-minute`,
    metric: `Reserved_1Month_${metric}`,
    metricUnit: '1K TPM Hour',
    inferenceType: `Reserved ${direction} tokens per minute`,
  };
}

function createdImage(suffix: string, inferenceType: string): UnitNames {
  return { suffix, metric: 'created_image', metricUnit: 'Created Images', inferenceType };
}

/** Guardrails, knowledge bases and imported models are sold by AWS alone; the metric is never asked for. */
function soldByAws(suffix: string, inferenceType: string): UnitNames {
  return { suffix, metric: suffix, metricUnit: inferenceType, inferenceType };
}

function modelUnits(commitment: string): UnitNames {
  return {
    suffix: `ProvisionedThroughput-${commitment}-ModelUnits`,
    metric: `ProvisionedThroughput_${commitment}_ModelUnits`,
    metricUnit: 'Model Unit Hours',
    inferenceType: 'Model unit hours',
  };
}
