import { type AsOf, endOf, type MembershipEntry } from '../../allocation/membership.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { TimeRange } from '../time-bucket.ts';
import type { Parameters } from './parameters.ts';
import { tagAtCall } from './tag-sql.ts';

/** Numbers of values; 0 is none. */
type ValueNumbers = ReadonlyMap<string, number>;

/** What one member is numbered with over the time of a question: from each second on, in order. One step: it never changes. */
interface MemberSteps {
  readonly entry: MembershipEntry;
  readonly steps: readonly (readonly [fromSeconds: number, value: number])[];
}

/** Texts of one member of a kind, by what they are compared with. */
interface Subject {
  readonly sql: string;
  readonly members: readonly MemberSteps[];
}

/** Room for the seconds beside the number of a member. */
const SECONDS_BITS = 32;

/**
 * The value of a structure that a line has, always text; empty for none. Members are looked up in sets and times in sorted
 * lists, so that ten thousand entries cost a row no more than ten do.
 */
export function membershipSql(entries: readonly MembershipEntry[], time: TimeRange, parameters: Parameters): string {
  const values = [...new Set(entries.map(({ value }) => value))].sort();
  const numbers: ValueNumbers = new Map(values.map((value, index) => [value, index + 1]));
  const members = [...Map.groupBy(entries, ({ member }) => member.who).values()]
    .map((ofMember) => stepsOf(ofMember, time, numbers))
    .filter(({ steps }) => steps.some(([, value]) => value !== 0));
  if (members.length === 0) return "''";
  const people = ofKind(members, 'person');
  // From the weakest kind to the strongest: each falls back to the one before.
  const subjects = [
    subject('account_id', ofKind(members, 'account')),
    ...tagSubjects(members, parameters),
    { patterns: ofKind(members, 'pattern') },
    subject(
      NAME,
      people.filter(({ entry }) => !isInAccount(entry)),
    ),
    subject(
      `concat(extract(principal_arn, '^arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):'), '/', ${NAME})`,
      people.filter(({ entry }) => isInAccount(entry)),
    ),
    subject('principal_arn', ofKind(members, 'principal')),
  ];
  const number = subjects.reduce<string>((otherwise, one) => {
    return 'patterns' in one ? matched(one.patterns, otherwise, parameters) : lookedUp(one, otherwise, parameters);
  }, 'toUInt32(0)');
  return `arrayElement(${parameters.addLong('Array(String)', ['', ...values])}, ${number} + 1)`;
}

/** The session or user name. */
const NAME = "lowerUTF8(extract(principal_arn, '[^/:]+$'))";

/** `111122223333/alice`. */
function isInAccount({ member }: MembershipEntry): boolean {
  return member.text.includes('/');
}

/** The stretch of time whose entries answer a question about a range. */
export function timeOf(asOf: AsOf, range: TimeRange, nowMs: number): TimeRange {
  if (asOf === 'was') return range;
  const atMs = asOf === 'is' ? nowMs : asOf;
  return { startMs: atMs, endMs: atMs + 1 };
}

function stepsOf(
  ofMember: readonly MembershipEntry[],
  { startMs, endMs }: TimeRange,
  numbers: ValueNumbers,
): MemberSteps {
  const steps: [number, number][] = [];
  const step = (atMs: number, value: number) => {
    const last = steps.at(-1);
    if (last?.[1] !== value) steps.push([Math.ceil(Math.max(atMs, startMs) / SECOND_MS), value]);
  };
  let freeFromMs = startMs;
  const inTime = ofMember.filter((entry) => entry.fromMs < endMs && endOf(entry) > startMs);
  for (const entry of inTime.sort((a, b) => a.fromMs - b.fromMs)) {
    if (entry.fromMs > freeFromMs) step(freeFromMs, 0);
    step(entry.fromMs, numbers.get(entry.value)!);
    freeFromMs = endOf(entry);
  }
  if (freeFromMs < endMs) step(freeFromMs, 0);
  return { entry: ofMember[0]!, steps };
}

function ofKind(members: readonly MemberSteps[], kind: MembershipEntry['member']['kind']): MemberSteps[] {
  return members.filter(({ entry }) => entry.member.kind === kind);
}

function subject(sql: string, members: readonly MemberSteps[]): Subject {
  return { sql, members };
}

/** The first key in alphabetical order goes before the others. */
function tagSubjects(members: readonly MemberSteps[], parameters: Parameters): Subject[] {
  const keyOf = ({ entry: { member } }: MemberSteps) => (member.kind === 'tag' ? member.tagKey : '');
  const byKey = Map.groupBy(ofKind(members, 'tag'), keyOf);
  return [...byKey.keys()]
    .sort()
    .reverse()
    .map((key) => subject(tagAtCall(key, parameters), byKey.get(key)!));
}

/** One look-up for those who stay, and one for those who move, by who and when together. */
function lookedUp({ sql, members }: Subject, otherwise: string, parameters: Parameters): string {
  const staying = members.filter(({ steps }) => steps.length === 1);
  const moving = members.filter(({ steps }) => steps.length > 1);
  let value = otherwise;
  if (moving.length > 0) {
    // Who is numbered from 1: everybody else is below the first step of the first, and so at 0, which has no value.
    const starts = [0, ...moving.flatMap(({ steps }, index) => steps.map(([from]) => placeOf(index + 1, from)))];
    const held = moving.flatMap(({ steps }, index) => {
      return steps.flatMap(([from, number]) => (number === 0 ? [] : [[placeOf(index + 1, from), number] as const]));
    });
    const who = transformed(
      sql,
      textsOf(moving),
      moving.map((_, index) => index + 1),
      'toUInt32(0)',
      parameters,
    );
    const place = `bitShiftLeft(toUInt64(${who}), ${SECONDS_BITS}) + toUInt64(toUnixTimestamp(bucket_start))`;
    const start = `roundDown(${place}, ${parameters.addLong('Array(UInt64)', starts)})`;
    const from = parameters.addLong(
      'Array(UInt64)',
      held.map(([at]) => at),
    );
    const to = parameters.addLong(
      'Array(UInt32)',
      held.map(([, number]) => number),
    );
    value = `transform(${start}, ${from}, ${to}, ${value})`;
  }
  if (staying.length === 0) return value;
  return transformed(
    sql,
    textsOf(staying),
    staying.map(({ steps }) => steps[0]![1]),
    value,
    parameters,
  );
}

/** Fits in the 53 bits that JSON carries: at most 2^21 members. */
function placeOf(member: number, seconds: number): number {
  return member * 2 ** SECONDS_BITS + seconds;
}

function textsOf(members: readonly MemberSteps[]): string[] {
  return members.map(({ entry }) => entry.member.text);
}

function transformed(
  sql: string,
  texts: readonly string[],
  numbers: readonly number[],
  otherwise: string,
  parameters: Parameters,
): string {
  const from = parameters.addLong('Array(String)', texts);
  const to = parameters.addLong('Array(UInt32)', numbers);
  return `transform(toString(${sql}), ${from}, ${to}, ${otherwise})`;
}

/** The pattern with the most text goes first. */
function matched(members: readonly MemberSteps[], otherwise: string, parameters: Parameters): string {
  const weight = ({ entry }: MemberSteps) => entry.member.text.replaceAll('*', '').length;
  const inOrder = members.toSorted(
    (a, b) => weight(b) - weight(a) || (a.entry.member.text < b.entry.member.text ? -1 : 1),
  );
  const arms = inOrder.flatMap(({ entry, steps }) => {
    const like = `principal_arn LIKE ${parameters.add('String', likeOf(entry.member.text))}`;
    return steps.flatMap(([from, number], index) => {
      if (number === 0) return [];
      const next = steps[index + 1]?.[0];
      const since = index === 0 ? '' : ` AND bucket_start >= ${parameters.add('UInt32', from)}`;
      const until = next === undefined ? '' : ` AND bucket_start < ${parameters.add('UInt32', next)}`;
      return [`${like}${since}${until}, toUInt32(${number})`];
    });
  });
  return arms.length === 0 ? otherwise : `multiIf(${arms.join(', ')}, ${otherwise})`;
}

function likeOf(pattern: string): string {
  return pattern.replaceAll(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}
