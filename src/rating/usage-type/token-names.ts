import type { TokenMeter } from '../meter.ts';

/** How one meter that counts text tokens is spelled in each grammar of usage types. */
interface TokenNames {
  readonly classic: string;
  /** Without the lifetime of a cache entry. */
  readonly mantle: string;
  /** What follows it of the lifetime: `5m` is left out for Claude, whose price list names only the longer one. */
  readonly mantleLifetime?: '5m' | '1h';
  /** Metrics of AWS Marketplace: of older models in camel case, of newer ones in snake case. */
  readonly camel: string;
  readonly snake: string;
  /** The unit of AWS Marketplace in words. */
  readonly metricUnit: string;
  /** The price list's `inferenceType`. */
  readonly inferenceType: string;
}

export const TOKEN_NAMES: Readonly<Record<TokenMeter, TokenNames>> = {
  input: {
    classic: 'input-tokens',
    mantle: 'input-tokens',
    camel: 'InputTokenCount',
    snake: 'input_tokens',
    metricUnit: 'Input Tokens',
    inferenceType: 'Input tokens',
  },
  output: {
    classic: 'output-tokens',
    mantle: 'output-tokens',
    camel: 'OutputTokenCount',
    snake: 'output_tokens',
    metricUnit: 'Response Tokens',
    inferenceType: 'Output tokens',
  },
  cache_read: {
    classic: 'cache-read-input-token-count',
    mantle: 'cache-read-tokens',
    camel: 'CacheReadInputTokenCount',
    snake: 'cache_read_tokens',
    metricUnit: 'Cache Read Input Tokens',
    inferenceType: 'Prompt cache read input tokens',
  },
  cache_write_5m: {
    classic: 'cache-write-input-token-count',
    mantle: 'cache-write-tokens',
    mantleLifetime: '5m',
    camel: 'CacheWriteInputTokenCount',
    snake: 'cache_write_tokens',
    metricUnit: 'Cache Write Input Tokens',
    inferenceType: 'Prompt cache write input tokens',
  },
  cache_write_1h: {
    // `cache-write-input-token-count-1-hour` is also seen; this one is the price list's.
    classic: 'cache-write-1h-input-token-count',
    mantle: 'cache-write-tokens',
    mantleLifetime: '1h',
    camel: 'CacheWrite1hInputTokenCount',
    snake: 'cache_write_tokens_1h',
    metricUnit: '1 hour Cache Write Input Tokens',
    // AWS's words for the one-hour write are unverified.
    inferenceType: 'Prompt cache write 1h input tokens',
  },
};
