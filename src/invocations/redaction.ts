/** Kinds of content that can be taken out of logged bodies. */
export type RedactedKind = 'email' | 'phone' | 'card' | 'aws-access-key' | 'gateway-key';

/** Each is linear in the text. What they take for what they look for is more than what is one: this errs on that side. */
const EXPRESSIONS: Readonly<Record<RedactedKind, RegExp>> = {
  email: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
  phone: /\+?\d[\d ()./-]{7,18}\d/g,
  card: /\b\d(?:[ -]?\d){12,18}\b/g,
  'aws-access-key': /\b(?:AKIA|ASIA|ABSK)[A-Z0-9]{12,}\b/g,
  'gateway-key': /\btly-[A-Z2-7]{16}-[0-9A-Za-z]{49}\b/g,
};

/** Replaces every text in a JSON value, keys left alone, by what is left of it. The value itself is not changed. */
export function redacted(value: unknown, kinds: readonly RedactedKind[]): unknown {
  if (kinds.length === 0) return value;
  if (typeof value === 'string') {
    return kinds.reduce((text, kind) => text.replace(EXPRESSIONS[kind], `[${kind}]`), value);
  }
  if (Array.isArray(value)) return value.map((one) => redacted(one, kinds));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redacted(one, kinds)]));
}
