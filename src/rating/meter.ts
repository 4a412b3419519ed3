import { UNIT_METERS, type UnitMeter } from '../inference/token-usage.ts';

/** AWS's token classes. */
export const TOKEN_METERS = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const;
export type TokenMeter = (typeof TOKEN_METERS)[number];

/** What is paid for by the time that it is kept, used or not; no call counts it. */
export const HELD_METERS = [
  'model_unit_hour',
  'model_unit_hour_1_month',
  'model_unit_hour_6_month',
  'cmu_minute',
  'cmu_month',
] as const;
export type HeldMeter = (typeof HELD_METERS)[number];

/** What AWS's bills count besides: seen when a bill is read, never metered here. */
export const BILL_METERS = [
  'cache_write_30m',
  'input_image_token',
  'output_image_token',
  'input_video_token',
  'input_video_second',
  'output_video_second',
  'training_token',
  'custom_model_month',
  'reserved_input_tpm_hour',
  'reserved_output_tpm_hour',
  'agentcore_vcpu_hour',
  'agentcore_gb_hour',
  'agentcore_gb_month',
  'agentcore_gb',
  'agentcore_token',
  'agentcore_call',
] as const;
export type BillMeter = (typeof BILL_METERS)[number];

/** What a line item counts. One line item has one meter. */
export type Meter = TokenMeter | UnitMeter | HeldMeter | BillMeter;

/** Every meter, in the order in which a call's lines are written. */
export const METERS: readonly Meter[] = [...TOKEN_METERS, ...UNIT_METERS, ...HELD_METERS, ...BILL_METERS];

/** What a meter counts and in which amounts: pieces are whole numbers of one token, image, query, ... */
export interface MeterUnit {
  /** Amount that price lists and `prices` in the configuration quote. */
  readonly priced: Unit;
  /** Amount that bills count in, by AWS's name. Of models that AWS Marketplace sells it is `Units`. */
  readonly billed: Unit;
  /** What one piece is in FOCUS, whose units are one word. */
  readonly focus: string;
}

interface Unit {
  readonly name: string;
  readonly pieces: bigint;
}

const TOKENS: MeterUnit = {
  priced: { name: '1M tokens', pieces: 1_000_000n },
  billed: { name: '1K tokens', pieces: 1_000n },
  focus: 'Tokens',
};

const IMAGES: MeterUnit = {
  priced: { name: 'image', pieces: 1n },
  billed: { name: 'image', pieces: 1n },
  focus: 'Images',
};

/** Up to 1,000 characters each. The price list names the unit `TextUnit` and quotes a thousand of them (read 2026-08). */
const TEXT_UNITS: MeterUnit = {
  priced: { name: '1K text units', pieces: 1_000n },
  billed: { name: 'TextUnit', pieces: 1n },
  focus: 'Units',
};

const RETRIEVALS: MeterUnit = {
  priced: { name: '1K queries', pieces: 1_000n },
  billed: { name: 'Query', pieces: 1n },
  focus: 'Queries',
};

const MODEL_UNIT_HOURS: MeterUnit = {
  priced: { name: 'model unit hour', pieces: 1n },
  billed: { name: 'hour', pieces: 1n },
  focus: 'Hours',
};

/** A thousand tokens a minute, kept for an hour. */
const TPM_HOURS: MeterUnit = {
  priced: { name: '1K TPM hours', pieces: 1_000n },
  billed: { name: '1K TPM Hour', pieces: 1_000n },
  focus: 'TPM Hours',
};

const UNITS: Readonly<Record<UnitMeter | HeldMeter | BillMeter, MeterUnit>> = {
  input_audio: TOKENS,
  output_audio: TOKENS,
  input_image: { ...IMAGES, billed: { name: 'Images Processed', pieces: 1n } },
  image: IMAGES,
  image_512: IMAGES,
  image_512_premium: IMAGES,
  image_1024: IMAGES,
  image_1024_premium: IMAGES,
  image_2048: IMAGES,
  image_2048_premium: IMAGES,
  query: {
    priced: { name: '1K queries', pieces: 1_000n },
    billed: { name: 'Search Units', pieces: 1n },
    focus: 'Queries',
  },
  retrieval: RETRIEVALS,
  structured_retrieval: RETRIEVALS,
  page: { priced: { name: 'page', pieces: 1n }, billed: { name: 'page', pieces: 1n }, focus: 'Pages' },
  content_policy_unit: TEXT_UNITS,
  content_policy_image: { ...IMAGES, billed: { name: 'Images Processed', pieces: 1n } },
  topic_policy_unit: TEXT_UNITS,
  word_policy_unit: TEXT_UNITS,
  sensitive_information_policy_unit: TEXT_UNITS,
  sensitive_information_policy_free_unit: TEXT_UNITS,
  contextual_grounding_policy_unit: TEXT_UNITS,
  automated_reasoning_policy_unit: TEXT_UNITS,
  model_unit_hour: MODEL_UNIT_HOURS,
  model_unit_hour_1_month: MODEL_UNIT_HOURS,
  model_unit_hour_6_month: MODEL_UNIT_HOURS,
  cmu_minute: {
    priced: { name: 'CMU minute', pieces: 1n },
    billed: { name: 'Custom Model Unit per Min', pieces: 1n },
    focus: 'Minutes',
  },
  cmu_month: {
    priced: { name: 'CMU month', pieces: 1n },
    billed: { name: 'Custom Model Unit per Month', pieces: 1n },
    focus: 'Months',
  },
  cache_write_30m: TOKENS,
  input_image_token: TOKENS,
  output_image_token: TOKENS,
  input_video_token: TOKENS,
  input_video_second: { ...onePiece('second'), focus: 'Seconds' },
  output_video_second: { ...onePiece('second'), focus: 'Seconds' },
  // Not counted as tokens: nobody's inference used them. Those of AgentCore are its evaluations'.
  training_token: { ...TOKENS },
  agentcore_token: { ...TOKENS },
  custom_model_month: { ...onePiece('Model per Month'), focus: 'Months' },
  reserved_input_tpm_hour: TPM_HOURS,
  reserved_output_tpm_hour: TPM_HOURS,
  agentcore_vcpu_hour: { ...onePiece('vCPU-Hours'), focus: 'Hours' },
  agentcore_gb_hour: { ...onePiece('GB-Hours'), focus: 'Hours' },
  agentcore_gb_month: { ...onePiece('GB-Month'), focus: 'Months' },
  agentcore_gb: { ...onePiece('GB'), focus: 'GB' },
  agentcore_call: { ...onePiece('Invocations'), focus: 'Calls' },
};

function onePiece(name: string): Pick<MeterUnit, 'priced' | 'billed'> {
  return { priced: { name, pieces: 1n }, billed: { name, pieces: 1n } };
}

export function meterUnit(meter: Meter): MeterUnit {
  return isTokenMeter(meter) ? TOKENS : UNITS[meter];
}

export function isTokenMeter(meter: Meter): meter is TokenMeter {
  return (TOKEN_METERS as readonly Meter[]).includes(meter);
}

/** True where a piece is a token, spoken ones included. */
export function countsTokens(meter: Meter): boolean {
  return meterUnit(meter) === TOKENS;
}

/** What guardrails count: billed as guardrails, whatever model was called. */
export function isGuardrailMeter(meter: Meter): boolean {
  return /_policy_/.test(meter);
}
