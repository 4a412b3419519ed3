import { csvLine, csvRows } from '../kernel/csv-rows.ts';
import { Fault } from '../kernel/fault.ts';
import { BUCKET_MS } from '../kernel/time.ts';
import { readWrittenMember, writtenMember } from './member.ts';
import { endOf, entryText, instantText, type MembershipEntry } from './membership.ts';

const HEADER = ['who', 'value', 'from', 'to'];
const VALUE_CHARACTERS_MAX = 256;

/** What is wrong in a line, counted from 1. */
export interface LineError {
  readonly line: number;
  readonly message: string;
}

/** A file of entries, all or nothing: with any error there are no entries. */
export interface ReadMemberships {
  readonly entries: readonly MembershipEntry[];
  readonly errors: readonly LineError[];
}

/**
 * Reads `who,value,from,to`: days (`2026-01-01`, UTC) or instants (`2026-01-01T12:00:00Z`) on a quarter of an hour; `to` is the
 * first instant that is not meant, and empty until further notice.
 */
export function readMembershipCsv(text: string): ReadMemberships {
  const [head, ...rows] = csvRows(text);
  const names = head?.cells.map((cell) => cell.trim().toLowerCase());
  if (names?.join() !== HEADER.join()) {
    return { entries: [], errors: [{ line: head?.line ?? 1, message: `the first line must be \`${HEADER.join()}\`` }] };
  }
  const errors: LineError[] = [];
  const read = rows.flatMap(({ line, cells }) => {
    try {
      return [{ line, entry: readRow(cells) }];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      errors.push({ line, message: error.message });
      return [];
    }
  });
  errors.push(...overlaps(read));
  errors.sort((a, b) => a.line - b.line);
  return { entries: errors.length > 0 ? [] : read.map(({ entry }) => entry), errors };
}

/** The same form, in the order given. */
export function membershipCsv(entries: readonly MembershipEntry[]): string {
  const rows = entries.map(({ member, value, fromMs, toMs }) => {
    return csvLine([writtenMember(member), value, instantText(fromMs), toMs === undefined ? '' : instantText(toMs)]);
  });
  return `${[HEADER.join(), ...rows].join('\n')}\n`;
}

/** Throws ValidationException. */
export function readMembershipValue(text: string): string {
  const value = text.trim();
  if (value !== '' && value.length <= VALUE_CHARACTERS_MAX && !/\p{Cc}/u.test(value)) return value;
  throw invalid(
    `\`${value.slice(0, 64)}\` is no value; use 1 to ${VALUE_CHARACTERS_MAX} characters without control characters`,
  );
}

/** Throws ValidationException. */
export function readMembershipInstant(text: string): number {
  const given = text.trim();
  const isForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(given);
  const atMs = isForm ? Date.parse(given) : Number.NaN;
  // `2026-02-30` is no day.
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== given.slice(0, 10)) {
    throw invalid(`\`${given.slice(0, 64)}\` is no day or instant; write \`2026-01-01\` or \`2026-01-01T12:00:00Z\``);
  }
  if (atMs % BUCKET_MS === 0 && atMs >= 0) return atMs;
  throw invalid(`\`${given}\` is not on a quarter of an hour, and usage is kept by these`);
}

/** Throws ValidationException for a stretch that ends before it begins. */
export function requireStretch(fromMs: number, toMs: number | undefined): void {
  if (toMs !== undefined && toMs <= fromMs) {
    throw invalid(
      `\`${instantText(toMs)}\` is not after \`${instantText(fromMs)}\`; \`to\` is the first day that is not meant`,
    );
  }
}

function readRow(cells: readonly string[]): MembershipEntry {
  if (cells.length !== HEADER.length) throw invalid(`the line has \`${cells.length}\` fields, not ${HEADER.length}`);
  const [who = '', value = '', from = '', to = ''] = cells;
  const fromMs = readMembershipInstant(from);
  const toMs = to.trim() === '' ? undefined : readMembershipInstant(to);
  requireStretch(fromMs, toMs);
  return {
    ...{ member: readWrittenMember(who), value: readMembershipValue(value), fromMs, source: 'csv' },
    ...(toMs !== undefined && { toMs }),
  };
}

function overlaps(read: readonly { readonly line: number; readonly entry: MembershipEntry }[]): LineError[] {
  return [...Map.groupBy(read, ({ entry }) => entry.member.who).values()].flatMap((ofMember) => {
    const inOrder = ofMember.toSorted((a, b) => a.entry.fromMs - b.entry.fromMs);
    return inOrder.flatMap((one, index): LineError[] => {
      const next = inOrder[index + 1];
      if (!next || endOf(one.entry) <= next.entry.fromMs) return [];
      const message = `\`${entryText(next.entry)}\` overlaps \`${entryText(one.entry)}\` of line ${one.line}`;
      return [{ line: next.line, message }];
    });
  });
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
