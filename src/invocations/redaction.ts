/** Kinds of content that can be taken out of logged bodies. */
export type RedactedKind = 'email' | 'phone' | 'card' | 'aws-access-key' | 'gateway-key';

/**
 * What they take for what they look for is more than what is one: this errs on that side. Each is linear in the text and
 * bounded in what it matches, for texts of 26 MB come from whoever calls: an e-mail address is looked for from its `@` on.
 */
const EXPRESSIONS: Readonly<Record<RedactedKind, RegExp>> = {
  email: /@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
  phone: /\+?\d[\d ()./-]{7,18}\d/g,
  card: /\b\d(?:[ -]?\d){12,18}\b/g,
  'aws-access-key': /\b(?:AKIA|ASIA|ABSK)[A-Z0-9]{12,128}\b/g,
  'gateway-key': /\btly-[A-Z2-7]{16}-[0-9A-Za-z]{49}\b/g,
};

/** Replaces every text in a JSON value, keys left alone, by what is left of it. The value itself is not changed. */
export function redacted(value: unknown, kinds: readonly RedactedKind[]): unknown {
  if (kinds.length === 0) return value;
  if (typeof value === 'string') {
    return kinds.reduce((text, kind) => withoutKind(text, kind), value);
  }
  if (Array.isArray(value)) return value.map((one) => redacted(one, kinds));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redacted(one, kinds)]));
}

function withoutKind(text: string, kind: RedactedKind): string {
  return kind === 'email' ? withoutEmails(text) : text.replace(EXPRESSIONS[kind], `[${kind}]`);
}

const LOCAL_PART = /[\w.+-]/;
const LOCAL_PART_MAX = 64;

function withoutEmails(text: string): string {
  let left = '';
  let from = 0;
  for (const { 0: domain, index } of text.matchAll(EXPRESSIONS.email)) {
    const first = Math.max(from, index - LOCAL_PART_MAX);
    let start = index;
    while (start > first && LOCAL_PART.test(text[start - 1]!)) start -= 1;
    if (start === index) continue;
    left += `${text.slice(from, start)}[email]`;
    from = index + domain.length;
  }
  return left + text.slice(from);
}
