import fc from 'fast-check';
import { type Member, readMember } from '../../src/allocation/member.ts';
import { type AsOf, isInForce, type MembershipEntry } from '../../src/allocation/membership.ts';
import { BUCKET_MS, DAY_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import type { Memberships } from '../../src/reports/cost-catalog.ts';
import { VALUES } from './arbitrary-category.ts';

export const STRUCTURES = ['team', 'cost-center'];

/** Over the days of `arbitrary-query`, and beyond them. */
const FIRST_DAY = Date.UTC(2026, 2, 10) / DAY_MS;
const DAYS = 90;

const MEMBERS: readonly Member[] = [
  'arn:aws:iam::111111111111:user/alice',
  'arn:aws:sts::111111111111:assumed-role/App/alice',
  'person:alice',
  '111111111111/alice',
  'BOB@example.com',
  'person:nobody',
  'arn:*:assumed-role/*',
  'arn:aws:sts::*/App/*',
  'arn:*%_*',
  'account:111111111111',
  'account:222222222222',
  `tag:team=${VALUES[1]}`,
  `tag:resourceTags/Team=${VALUES[2]}`,
].map(readMember);

/** Whole days, most often, and quarter hours. */
const instant = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: DAYS }).map((day) => (FIRST_DAY + day) * DAY_MS) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: DAYS * 96 }).map((at) => FIRST_DAY * DAY_MS + at * BUCKET_MS) },
);

const ofMember = fc
  .tuple(
    fc.constantFrom(...MEMBERS),
    fc.uniqueArray(instant, { minLength: 1, maxLength: 5 }),
    fc.infiniteStream(fc.nat(5)),
  )
  .map(([member, instants, picks]) => {
    const bounds = instants.sort((a, b) => a - b);
    return bounds.flatMap((fromMs, index): MembershipEntry[] => {
      const pick = picks.next().value!;
      const toMs = bounds[index + 1];
      // Every sixth stretch is a gap.
      if (pick === 5) return [];
      return [{ member, value: `value ${pick % 3}`, fromMs, source: 'csv', ...(toMs !== undefined && { toMs }) }];
    });
  });

const entries = fc
  .uniqueArray(ofMember, { maxLength: 8, selector: ([first]) => first?.member.who })
  .map((all) => all.flat());

export const anyMemberships: fc.Arbitrary<Memberships> = fc
  .tuple(entries, entries, instant)
  .map(([team, center, nowMs]) => ({
    structures: new Map([
      ['team', team],
      ['cost-center', center],
    ]),
    nowMs,
  }));

export const anyAsOf: fc.Arbitrary<AsOf> = fc.oneof(fc.constantFrom('was' as const, 'is' as const), instant);

/** Entry by entry: the strongest that names the line and holds. */
export function membershipValue(item: LineItem, name: string, { structures, nowMs }: Memberships, asOf: AsOf): string {
  const atMs = asOf === 'was' ? item.bucketStartMs : asOf === 'is' ? nowMs : asOf;
  const holding = (structures.get(name) ?? []).filter((entry) => isInForce(entry, atMs) && names(entry.member, item));
  return holding.sort((a, b) => rankOf(a.member).localeCompare(rankOf(b.member)))[0]?.value ?? '';
}

function names(member: Member, { principalArn, accountId, principalTags, resourceTags }: LineItem): boolean {
  const { kind, text } = member;
  if (kind === 'principal') return principalArn === text;
  if (kind === 'account') return accountId === text;
  if (kind === 'person') {
    const name = principalArn.split(/[/:]/).at(-1)!.toLowerCase();
    return [name, `${principalArn.split(':')[4]}/${name}`].includes(text);
  }
  if (kind === 'tag') {
    const [source, key] = member.tagKey.split('/');
    return new Map(source === 'iamPrincipal' ? principalTags : resourceTags).get(key!) === text;
  }
  const escaped = text.replaceAll(/[.\\+?()[\]{}^$|]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 's').test(principalArn);
}

/** Sorts the strongest first. */
function rankOf(member: Member): string {
  const kind = ['principal', 'person', 'pattern', 'tag', 'account'].indexOf(member.kind);
  const weight = 999 - member.text.replaceAll('*', '').length;
  const isInAccount = member.kind === 'person' && member.text.includes('/');
  const within = member.kind === 'pattern' ? weight : member.kind === 'tag' ? member.tagKey : isInAccount ? 0 : 1;
  return `${kind} ${within} ${member.who}`;
}
