import { Fault } from '../kernel/fault.ts';
import type { Member } from './member.ts';

/** Where an entry comes from. */
export type MembershipSource = 'tag' | 'account' | 'scim' | 'csv';

/** A member belongs to a value of a structure (a team, a cost center) for some time. */
export interface MembershipEntry {
  readonly member: Member;
  readonly value: string;
  /** UTC, on 15-minute boundaries: line items are no finer. Half-open. */
  readonly fromMs: number;
  /** Absent: until further notice. */
  readonly toMs?: number;
  readonly source: MembershipSource;
}

/** A named structure (`team`) with who belongs where and when, as reports are told. Entries of one member never overlap. */
export type MembershipStructures = ReadonlyMap<string, readonly MembershipEntry[]>;

/**
 * Which time's structure a question is answered by. `was`: that of the usage itself; `is`: today's, applied to the past;
 * a number: that of an instant in UTC milliseconds.
 */
export type AsOf = 'was' | 'is' | number;

/** Throws ValidationException, naming both, when two entries of one member share an instant. */
export function requireDisjoint(entries: readonly MembershipEntry[]): void {
  for (const ofMember of Map.groupBy(entries, ({ member }) => member.who).values()) {
    const inOrder = ofMember.toSorted((a, b) => a.fromMs - b.fromMs);
    for (const [index, entry] of inOrder.entries()) {
      const next = inOrder[index + 1];
      if (next && endOf(entry) > next.fromMs) throw overlap(entry, next);
    }
  }
}

export function endOf({ toMs = Number.POSITIVE_INFINITY }: Pick<MembershipEntry, 'toMs'>): number {
  return toMs;
}

/** The entry that holds at an instant, of a list whose entries do not overlap. */
export function isInForce(entry: MembershipEntry, atMs: number): boolean {
  return entry.fromMs <= atMs && endOf(entry) > atMs;
}

/** An entry in words: `alice in Platform from 2026-01-01 to 2026-06-01`. */
export function entryText({ member, value, fromMs, toMs }: MembershipEntry): string {
  const end = toMs === undefined ? 'on' : `to ${instantText(toMs)}`;
  return `${member.who} in ${value} from ${instantText(fromMs)} ${end}`;
}

/** A whole day as a date. */
export function instantText(atMs: number): string {
  const text = new Date(atMs).toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.replace('.000Z', 'Z');
}

function overlap(one: MembershipEntry, other: MembershipEntry): Fault {
  return new Fault(
    'ValidationException',
    `\`${entryText(one)}\` and \`${entryText(other)}\` overlap; end the first before the second begins`,
  );
}
