/** Tokens that one unit of a quantity stands for, by the name that bills give the unit. */
export const PRICING_UNIT_TOKENS: Readonly<Record<string, bigint>> = {
  '1K tokens': 1_000n,
  '1M tokens': 1_000_000n,
  /** Models that are sold through AWS Marketplace: millions of tokens. */
  Units: 1_000_000n,
};

/** What AWS counts the tokens in that it sells itself. */
export const PRICING_UNIT = { name: '1K tokens', tokens: 1_000n } as const;
