import { formatUsd, type PicoUsd, roundedQuotient } from './money.ts';

const MILLION = 1_000_000n;
/** Parts of one in a share: four digits after the point. */
const SHARE_PARTS = 10_000n;

/**
 * What a million tokens cost on average, in USD as decimal text; what costs and is no token counts as well, what has no price as
 * free. Undefined without tokens. Rounded half away from zero to a pico-dollar.
 */
export function costPerMillionTokens(costPicoUsd: PicoUsd, tokens: bigint): string | undefined {
  return costPer(MILLION, costPicoUsd, tokens);
}

/** What so many pieces cost on average, of a quantity that cost an amount: likewise. */
export function costPer(pieces: bigint, costPicoUsd: PicoUsd, quantity: bigint): string | undefined {
  return quantity > 0n ? formatUsd(roundedQuotient(costPicoUsd * pieces, quantity)) : undefined;
}

/** One amount in terms of another, to four digits: `0.95`. Undefined where the other is not positive. */
export function ratioOf(amount: bigint, of: bigint): string | undefined {
  if (of <= 0n) return undefined;
  return formatUsd(roundedQuotient(amount * SHARE_PARTS, of) * (10n ** 12n / SHARE_PARTS));
}

/** Disjoint classes of the tokens that went into models. */
export interface PromptTokens {
  /** Neither read from a cache nor written to one. */
  readonly inputTokens: bigint;
  readonly cacheReadTokens: bigint;
  readonly cacheWriteTokens: bigint;
}

/** The part of the prompts that was read from caches, from `0` to `1`, to four digits. Undefined without any. */
export function cacheHitShare({ inputTokens, cacheReadTokens, cacheWriteTokens }: PromptTokens): string | undefined {
  const promptTokens = inputTokens + cacheReadTokens + cacheWriteTokens;
  return ratioOf(cacheReadTokens, promptTokens);
}
