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
