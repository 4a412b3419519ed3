import { hasTagPrefix, TAG_PREFIX } from '../kernel/billing-tag-key.ts';
import { Fault } from '../kernel/fault.ts';

/**
 * Whose usage an entry is about. Where several kinds name one line, the first of this order that has a value decides: a
 * principal by its whole ARN, a person by the last segment of it (in one account before any), a pattern of ARNs, a tag at the call, an account.
 */
export type Member = { readonly who: string } & (
  | { readonly kind: 'principal' | 'person' | 'pattern' | 'account'; readonly text: string }
  | { readonly kind: 'tag'; readonly tagKey: string; readonly text: string }
);

export const MEMBER_WHO_MAX = 1_024;

const ACCOUNT = 'account:';
const PERSON = 'person:';
const TAG = 'tag:';

/**
 * `arn:aws:iam::111122223333:user/alice`, `arn:*:assumed-role/ml-*` (a pattern: `*` is any text), `account:111122223333`,
 * `tag:team=ml` (short for `tag:iamPrincipal/team=ml`), and session and user names, in any letter case:
 * `111122223333/alice` in one account, `person:alice` or `alice@example.com` in every one. Throws ValidationException.
 */
export function readMember(text: string): Member {
  const given = text.trim();
  if (given.length > MEMBER_WHO_MAX) throw invalid(given, `it is longer than ${MEMBER_WHO_MAX} characters`);
  // Control characters are in no ARN and no tag.
  if (given === '' || /\p{Cc}/u.test(given)) throw invalid(given, 'it is empty, or has control characters in it');
  if (given.startsWith('arn:')) {
    return { kind: given.includes('*') ? 'pattern' : 'principal', who: given, text: given };
  }
  if (given.startsWith(ACCOUNT)) {
    const accountId = given.slice(ACCOUNT.length);
    if (!/^\d{12}$/.test(accountId)) throw invalid(given, 'an account has twelve digits');
    return { kind: 'account', who: given, text: accountId };
  }
  if (given.startsWith(TAG)) return readTag(given);
  const name = (given.startsWith(PERSON) ? given.slice(PERSON.length) : given).toLowerCase();
  if (!/^(\d{12}\/)?[^/:*]+$/.test(name)) {
    throw invalid(
      given,
      'a person is a session or user name without `/`, `:` and `*`, with an account before it or none',
    );
  }
  return { kind: 'person', who: name, text: name };
}

/**
 * As people write members down. A name without an account that is no mail address is somebody else in every account: who
 * means all of them says so. Throws ValidationException.
 */
export function readWrittenMember(text: string): Member {
  const member = readMember(text);
  const isPlain = member.kind === 'person' && !/[/@]/.test(member.text) && !text.trim().startsWith(PERSON);
  if (!isPlain) return member;
  throw new Fault(
    'ValidationException',
    `\`${member.text}\` may be somebody else in every account: write \`111122223333/${member.text}\` for one account, or \`person:${member.text}\` for all`,
  );
}

/** What `readWrittenMember` reads as this member. */
export function writtenMember({ kind, who }: Member): string {
  return kind === 'person' && !/[/@]/.test(who) ? `${PERSON}${who}` : who;
}

function readTag(given: string): Member {
  const [, key = '', value = ''] = /^tag:([^=]+)=(.+)$/.exec(given) ?? [];
  if (value === '') throw invalid(given, 'a tag is `tag:KEY=VALUE`');
  const tagKey = hasTagPrefix(key) ? key : `${TAG_PREFIX.principal}${key}`;
  return { kind: 'tag', who: `${TAG}${tagKey}=${value}`, tagKey, text: value };
}

function invalid(given: string, why: string): Fault {
  return new Fault(
    'ValidationException',
    `\`${given.slice(0, 128)}\` is nobody: ${why}; use an ARN, \`account:ID\`, \`tag:KEY=VALUE\`, a mail address or \`ID/NAME\``,
  );
}
