import type { Member } from './member.ts';
import { endOf, isInForce, type MembershipEntry, type MembershipSource } from './membership.ts';

/** What becomes of entries that are there when others come in. */
export interface ImportManner {
  /** True: an entry without an end ends where a new one of the same member begins. False: such two are refused. */
  readonly endsOpen: boolean;
  /** Entries of this source go, but for those that come again. Absent: all stay. */
  readonly replaces?: MembershipSource | undefined;
}

/** Those that come in are there once, however often they do. */
export function withImported(
  present: readonly MembershipEntry[],
  incoming: readonly MembershipEntry[],
  { endsOpen, replaces }: ImportManner,
): MembershipEntry[] {
  const staying = present.filter(({ source }) => source !== replaces);
  const coming = new Set(incoming.map(sameKey));
  const kept = staying.filter((entry) => !coming.has(sameKey(entry)));
  if (!endsOpen) return [...kept, ...incoming];
  const byWho = Map.groupBy(incoming, ({ member }) => member.who);
  const ended = kept.map((entry) => {
    if (entry.toMs !== undefined) return entry;
    const later = (byWho.get(entry.member.who) ?? []).filter(({ fromMs }) => fromMs > entry.fromMs);
    if (later.length === 0) return entry;
    return { ...entry, toMs: Math.min(...later.map(({ fromMs }) => fromMs)) };
  });
  return [...ended, ...incoming];
}

/** A member moves to a value at an instant, or leaves (undefined): what was to hold from then on does no more. */
export function withMove(
  present: readonly MembershipEntry[],
  { member, source }: Pick<MembershipEntry, 'member' | 'source'>,
  value: string | undefined,
  atMs: number,
): readonly MembershipEntry[] {
  const current = present.find((entry) => entry.member.who === member.who && isInForce(entry, atMs));
  if (current?.value === value && (!current || current.toMs === undefined)) return present;
  const before = present.flatMap((entry): MembershipEntry[] => {
    if (entry.member.who !== member.who || endOf(entry) <= atMs) return [entry];
    return entry.fromMs < atMs ? [{ ...entry, toMs: atMs }] : [];
  });
  return value === undefined ? before : [...before, { member, value, fromMs: atMs, source }];
}

/** Several moves at one instant: of each member its own entries alone are looked at, however many there are. */
export function withMoves(
  present: readonly MembershipEntry[],
  moves: readonly { readonly member: Member; readonly value: string | undefined }[],
  source: MembershipSource,
  atMs: number,
): readonly MembershipEntry[] {
  const byWho = new Map<string, readonly MembershipEntry[]>(Map.groupBy(present, ({ member }) => member.who));
  let isSame = true;
  for (const { member, value } of moves) {
    const own = byWho.get(member.who) ?? [];
    const moved = withMove(own, { member, source }, value, atMs);
    isSame &&= moved === own;
    byWho.set(member.who, moved);
  }
  return isSame ? present : [...byWho.values()].flat();
}

function sameKey({ member, value, fromMs, toMs }: MembershipEntry): string {
  return JSON.stringify([member.who, value, fromMs, toMs]);
}
