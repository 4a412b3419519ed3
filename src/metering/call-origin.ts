import type { UsageEvent } from './usage-event.ts';

/** Letters in front of the ids of keys that live on: access keys, Bedrock API keys, keys of the gateway. */
const LASTING_KEY = /^(?:AKIA|ACCA|TLYK)/;

/** The key a call came with when it is one that somebody keeps; empty for temporary credentials, of which there is no end. */
export function lastingKeyId({ accessKeyId }: Pick<UsageEvent, 'accessKeyId'>): string {
  return LASTING_KEY.test(accessKeyId) ? accessKeyId : '';
}

/**
 * User agents, in lower case, of products that go by another name. The vendors' SDKs send `OpenAI/Python 2.1.0`,
 * `AsyncAnthropicBedrock/JS 0.90.0` and the like, without a slash before the version.
 */
const PRODUCTS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^claude-(?:cli|code)\b/, 'claude-code'],
  [/^(?:async)?(?:azure)?openai\/python\b/, 'openai-python'],
  [/^(?:async)?(?:azure)?openai\/js\b/, 'openai-js'],
  [/^(?:async)?(?:azure)?openai\//, 'openai-sdk'],
  [/^(?:async)?anthropic(?:bedrock|vertex|foundry)?\//, 'anthropic-sdk'],
  [/^aws-sdk-ruby\d/, 'aws-sdk-ruby'],
  [/^mozilla\//, 'browser'],
];
const NAME = /^[a-z][a-z0-9._+-]{0,31}$/;
/** A name with more digits holds a version, a date or a random number, each of which would be a client of its own. */
const DIGITS_MAX = 3;

/**
 * The product that made a call, without its version: `boto3`, `aws-sdk-js`, `aws-cli`, `openai-python`, `claude-code`. Whatever
 * is unknown goes by the first word of its user agent, or is `other` where that is no name. Empty without a user agent. Callers
 * write what they like there: it is no proof of anything.
 */
export function clientOf(userAgent: string): string {
  const text = userAgent.trim().toLowerCase();
  if (text === '') return '';
  const known = PRODUCTS.find(([pattern]) => pattern.test(text));
  if (known) return known[1];
  const [product = ''] = text.split(/[\s/;,(]/, 1);
  return NAME.test(product) && product.replace(/\D/g, '').length <= DIGITS_MAX ? product : 'other';
}
