import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, type RecordChange, type RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import { readMember } from './member.ts';
import {
  type MembershipEntry,
  type MembershipSource,
  type MembershipStructures,
  requireDisjoint,
} from './membership.ts';

const ENTRY_KIND = 'membership';
/** One record a structure, which every change of its entries writes: they are judged together. */
const STRUCTURE_KIND = 'membershipStructure';

const MAX_STRUCTURES = 20;
/** Of all structures together. Reports carry a structure's entries in their statements. */
export const MEMBERSHIP_ENTRIES_MAX = 20_000;
/** Patterns are compared one by one. */
const MAX_PATTERNS = 100;
export const STRUCTURE_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** All entries of one member: one record. */
interface MemberRecord {
  readonly structure: string;
  readonly who: string;
  readonly stretches: readonly Stretch[];
}

interface Stretch {
  readonly value: string;
  readonly fromMs: number;
  readonly toMs?: number;
  readonly source: MembershipSource;
}

/** What a change did, in entries. */
export interface MembershipChange {
  readonly added: number;
  readonly removed: number;
  readonly kept: number;
}

/**
 * Who belongs where and when. Usage is never touched: reports lay the structures over it when they are asked, so that a change
 * of the past is a change of records alone.
 */
export class MembershipRegistry {
  readonly #records: RecordStore;
  readonly #clock: Clock;
  #structures: MembershipStructures | undefined;

  constructor({ records, clock }: { readonly records: RecordStore; readonly clock: Clock }) {
    this.#records = records;
    this.#clock = clock;
    records.watch((changes) => {
      if (changes.some(({ kind }) => kind === ENTRY_KIND || kind === STRUCTURE_KIND)) this.#structures = undefined;
    });
  }

  /** By name, in order; entries by who and when. */
  structures(): MembershipStructures {
    this.#structures ??= this.#read();
    return this.#structures;
  }

  /** Throws ResourceNotFoundException. */
  entries(structure: string): readonly MembershipEntry[] {
    const entries = this.structures().get(structure);
    if (!entries) throw new Fault('ResourceNotFoundException', `there is no structure \`${structure}\``);
    return entries;
  }

  /**
   * Makes of a structure's entries what `change` says, all or nothing; a structure begins with its first change. Throws
   * ValidationException where entries of a member overlap, LimitExceededException for too many.
   */
  change(
    structure: string,
    change: (present: readonly MembershipEntry[]) => readonly MembershipEntry[],
  ): Promise<MembershipChange> {
    return anewOnConflict(async () => {
      const present = this.structures().get(structure) ?? [];
      const next = change(present);
      const head = this.#records.get(STRUCTURE_KIND, structure);
      // Who changes nothing makes no structure.
      if (next === present) return { added: 0, removed: 0, kept: present.length };
      this.#requireRoom(structure, next);
      requireDisjoint(next);
      const changes = this.#difference(structure, present, next);
      if (changes.length > 0 || !head) {
        const body = { changedAtMs: this.#clock() };
        const headChange = { kind: STRUCTURE_KIND, key: structure, body, expectedVersion: head?.version ?? 0 };
        await this.#records.write([...changes, headChange]);
      }
      const before = new Set(present.map(keyOf));
      const kept = next.filter((entry) => before.has(keyOf(entry))).length;
      return { added: next.length - kept, removed: present.length - kept, kept };
    });
  }

  /** With all its entries. Throws ResourceNotFoundException. */
  delete(structure: string): Promise<void> {
    return anewOnConflict(async () => {
      const entries = this.entries(structure);
      const { version = 0 } = this.#records.get(STRUCTURE_KIND, structure) ?? {};
      await this.#records.write([
        ...this.#difference(structure, entries, []),
        { kind: STRUCTURE_KIND, key: structure, expectedVersion: version },
      ]);
    });
  }

  #read(): MembershipStructures {
    const names = Array.from(this.#records.all(STRUCTURE_KIND), ({ key }) => key).sort();
    const structures = new Map<string, MembershipEntry[]>(names.map((name) => [name, []]));
    for (const { body } of this.#records.all<MemberRecord>(ENTRY_KIND)) {
      const member = readMember(body.who);
      for (const stretch of body.stretches) structures.get(body.structure)?.push({ member, ...stretch });
    }
    for (const entries of structures.values()) entries.sort(byWhoAndTime);
    return structures;
  }

  #requireRoom(structure: string, next: readonly MembershipEntry[]): void {
    if (!STRUCTURE_NAME.test(structure)) {
      throw new Fault(
        'ValidationException',
        `\`${structure.slice(0, 64)}\` is no name of a structure; use small letters, digits and hyphens, such as \`team\``,
      );
    }
    const others = [...this.structures()].filter(([name]) => name !== structure);
    if (others.length >= MAX_STRUCTURES) throw tooMany(`there are ${MAX_STRUCTURES} structures already`);
    const total = others.reduce((sum, [, entries]) => sum + entries.length, next.length);
    if (total > MEMBERSHIP_ENTRIES_MAX) {
      throw tooMany(`${total} entries are more than the ${MEMBERSHIP_ENTRIES_MAX} that all structures may have`);
    }
    const patterns = new Set(next.flatMap(({ member }) => (member.kind === 'pattern' ? [member.who] : [])));
    if (patterns.size > MAX_PATTERNS) throw tooMany(`a structure may have ${MAX_PATTERNS} patterns of ARNs`);
  }

  /** Records of those members alone whose entries differ. */
  #difference(
    structure: string,
    present: readonly MembershipEntry[],
    next: readonly MembershipEntry[],
  ): RecordChange[] {
    const [before, after] = [present, next].map((all) => Map.groupBy(all, ({ member }) => member.who));
    return [...new Set([...before!.keys(), ...after!.keys()])].flatMap((who): RecordChange[] => {
      const stretches = (after!.get(who) ?? []).toSorted(byWhoAndTime);
      const old = before!.get(who) ?? [];
      if (stretches.map(keyOf).join('\n') === old.map(keyOf).join('\n')) return [];
      const at = { kind: ENTRY_KIND, key: `${structure}/${who}` };
      if (stretches.length === 0) return [at];
      const body: MemberRecord = {
        ...{ structure, who },
        stretches: stretches.map(({ member: _, ...stretch }) => stretch),
      };
      return [{ ...at, body }];
    });
  }
}

function byWhoAndTime(a: MembershipEntry, b: MembershipEntry): number {
  if (a.member.who !== b.member.who) return a.member.who < b.member.who ? -1 : 1;
  return a.fromMs - b.fromMs;
}

function keyOf({ member, value, fromMs, toMs, source }: MembershipEntry): string {
  return JSON.stringify([member.who, value, fromMs, toMs, source]);
}

function tooMany(message: string): Fault {
  return new Fault('LimitExceededException', `${message}: delete some first`);
}
