/**
 * What is counted beside text tokens, by the price book's names; guardrails' as in AWS's usage blocks. Images that are made
 * are told apart by their longer side and quality where the model's price depends on them; else they are `image`.
 */
export const UNIT_METERS = [
  'input_audio',
  'output_audio',
  'input_image',
  'image',
  'image_512',
  'image_512_premium',
  'image_1024',
  'image_1024_premium',
  'image_2048',
  'image_2048_premium',
  'query',
  'retrieval',
  'structured_retrieval',
  'page',
  'content_policy_unit',
  'content_policy_image',
  'topic_policy_unit',
  'word_policy_unit',
  'sensitive_information_policy_unit',
  'sensitive_information_policy_free_unit',
  'contextual_grounding_policy_unit',
  'automated_reasoning_policy_unit',
] as const;
export type UnitMeter = (typeof UNIT_METERS)[number];

/**
 * Tokens of one call in disjoint classes: `inputTokens` never contains cache reads or writes, whatever the vendor's own
 * numbers include. An absent cache class means that the vendor did not report it, which is not the same as zero.
 */
export interface TokenUsage {
  readonly inputTokens: number;
  /** Includes reasoning tokens. */
  readonly outputTokens: number;
  readonly cacheReadInputTokens?: number;
  /** Cache writes with a five-minute lifetime, and writes whose lifetime the vendor did not name. */
  readonly cacheWrite5mInputTokens?: number;
  readonly cacheWrite1hInputTokens?: number;
  /** Whole units beside the tokens, none of them zero. Absent: none. */
  readonly units?: Readonly<Partial<Record<UnitMeter, number>>>;
  /** True where a number is ours: the vendor reported nothing, or numbers that contradict each other. */
  readonly isEstimated: boolean;
  /** The vendor's usage object as JSON text, as received; empty when there was none. */
  readonly raw: string;
}

/** Everything that was read as input: chooses the long-context price class. */
export function totalInputTokens(usage: TokenUsage): number {
  return (
    usage.inputTokens +
    (usage.cacheReadInputTokens ?? 0) +
    (usage.cacheWrite5mInputTokens ?? 0) +
    (usage.cacheWrite1hInputTokens ?? 0)
  );
}
