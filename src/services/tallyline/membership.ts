import { readMember, readWrittenMember, writtenMember } from '../../allocation/member.ts';
import { isInForce, type MembershipEntry } from '../../allocation/membership.ts';
import {
  type LineError,
  membershipCsv,
  readMembershipCsv,
  readMembershipValue,
  requireStretch,
} from '../../allocation/membership-csv.ts';
import { withImported } from '../../allocation/membership-plan.ts';
import type { MembershipChange, MembershipRegistry } from '../../allocation/membership-registry.ts';
import { hasTagPrefix, TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import { BUCKET_MS, bucketEndMs } from '../../kernel/time.ts';
import { asIsEntries, membershipMoves, membershipsOfTag } from '../../paths/membership-path.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { knownUntil, type ReportDeps } from '../../paths/report-path.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { managementOnly } from './management-only.ts';

export interface MembershipParts extends ReportDeps {
  readonly memberships: MembershipRegistry;
  readonly managementAccountId: string;
}

interface CsvInput {
  readonly Structure: string;
  readonly Csv: string;
  /** `REFUSE` (default) or `END`: what becomes of an entry without an end when the same member gets a new one. */
  readonly OpenEntries?: 'REFUSE' | 'END';
  /** True: entries of earlier files that are not in this one go. */
  readonly Replace?: boolean;
}

interface PreviewInput extends Partial<CsvInput> {
  readonly Structure: string;
  readonly Start: Date;
  readonly End: Date;
}

interface PutInput {
  readonly Structure: string;
  readonly Who: string;
  readonly Value: string;
  readonly From: Date;
  readonly To?: Date;
}

interface ListInput extends PageInput {
  readonly Structure: string;
  /** Part of who or of the value, in any letter case. */
  readonly Text?: string;
  readonly Value?: string;
  /** Those that hold at this instant alone. */
  readonly At?: Date;
}

type DeriveInput = {
  readonly Structure: string;
  /** Absent: accounts by their names. */
  readonly TagKey?: string;
  readonly Start?: Date;
  readonly End?: Date;
};

/** Errors of a file that its refusal lists. */
const LISTED_ERRORS = 10;

const PAGE: PageManner = {
  size: 500,
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** The operations that ask the store. */
export function membershipQuestions(parts: MembershipParts): OperationTable {
  const { memberships } = parts;
  const ofManagement = managementOnly(parts.managementAccountId, 'sees and changes who belongs where');
  return {
    PreviewMembership: ofManagement<PreviewInput>('PreviewMembership', async ({ input, nowMs, request }) => {
      const present = memberships.structures().get(input.Structure) ?? [];
      const range = { startMs: input.Start.getTime(), endMs: input.End.getTime() };
      const read = input.Csv === undefined ? undefined : readMembershipCsv(input.Csv);
      if (read && read.errors.length > 0) return { Errors: wireErrors(read.errors), Moves: [] };
      const next = read ? withImported(present, read.entries, mannerOf(input)) : present;
      const before = read ? asIsEntries(present, nowMs) : present;
      const moves = await membershipMoves(before, asIsEntries(next, nowMs), range, parts, request.client.gone);
      const moved = moves.filter(({ from, to }) => from !== to);
      const sum = (all: typeof moves) => formatUsd(all.reduce((total, { costPicoUsd }) => total + costPicoUsd, 0n));
      return {
        ...{ Errors: [], TotalUsd: sum(moves), MovedUsd: sum(moved) },
        Moves: moved.map(({ from, to, costPicoUsd, requests }) => {
          return { From: from, To: to, CostUsd: formatUsd(costPicoUsd), Requests: `${requests}` };
        }),
        ...(read && { Entries: read.entries.length }),
      };
    }),
    DeriveMembership: ofManagement<DeriveInput>('DeriveMembership', async ({ input, nowMs, request }) => {
      const { Structure, TagKey, Start, End } = input;
      const manner = { endsOpen: false, replaces: TagKey === undefined ? 'account' : 'tag' } as const;
      if (TagKey === undefined) {
        const accounts = [...parts.costCatalog().accountNames].map(([id, name]): MembershipEntry => {
          return { member: readMember(`account:${id}`), value: name || id, fromMs: 0, source: 'account' };
        });
        return wireChange(await memberships.change(Structure, (present) => withImported(present, accounts, manner)));
      }
      const endMs = End?.getTime() ?? bucketEndMs(await knownUntil({}, nowMs, parts, request.client.gone));
      const startMs = Start?.getTime() ?? monthsBefore(endMs, DERIVED_MONTHS);
      const tagKey = hasTagPrefix(TagKey) ? TagKey : `${TAG_PREFIX.principal}${TagKey}`;
      const { entries, ambiguous } = await membershipsOfTag(tagKey, { startMs, endMs }, parts, request.client.gone);
      const change = await memberships.change(Structure, (present) => withImported(present, entries, manner));
      return { ...wireChange(change), Ambiguous: ambiguous.slice(0, AMBIGUOUS_MAX), AmbiguousCount: ambiguous.length };
    }),
  };
}

/** The operations on the records alone. */
export function membershipOperations({ memberships, managementAccountId }: MembershipParts): OperationTable {
  const ofManagement = managementOnly(managementAccountId, 'sees and changes who belongs where');
  return {
    ListMembershipStructures: ofManagement('ListMembershipStructures', ({ nowMs }) => ({
      Structures: [...memberships.structures()].map(([Name, entries]) => {
        const holding = entries.filter((entry) => isInForce(entry, nowMs));
        return {
          ...{ Name, Entries: entries.length },
          Members: new Set(entries.map(({ member }) => member.who)).size,
          Values: [...new Set(holding.map(({ value }) => value))].sort(),
        };
      }),
    })),
    ListMembershipEntries: ofManagement<ListInput>('ListMembershipEntries', ({ input }) => {
      const { Structure, Text = '', Value, At } = input;
      const text = Text.toLowerCase();
      const found = memberships.entries(Structure).filter((entry) => {
        const isNamed = [writtenMember(entry.member), entry.value].some((one) => one.toLowerCase().includes(text));
        const isOfValue = Value === undefined || entry.value === Value;
        return isNamed && isOfValue && (!At || isInForce(entry, At.getTime()));
      });
      const { items, rest } = resultPage(found, orderOf, input, PAGE);
      return { Entries: items.map(wireEntry), Found: found.length, ...rest };
    }),
    ImportMembership: ofManagement<CsvInput>('ImportMembership', async ({ input }) => {
      const { entries, errors } = readMembershipCsv(input.Csv);
      if (errors.length > 0) throw unreadable(errors);
      const change = (present: readonly MembershipEntry[]) => withImported(present, entries, mannerOf(input));
      return wireChange(await memberships.change(input.Structure, change));
    }),
    ExportMembership: ofManagement<{ readonly Structure: string }>('ExportMembership', ({ input }) => ({
      Csv: membershipCsv(memberships.entries(input.Structure)),
    })),
    PutMembershipEntry: ofManagement<PutInput>('PutMembershipEntry', async ({ input }) => {
      const [fromMs, toMs] = [input.From.getTime(), input.To?.getTime()];
      requireQuarters(fromMs, toMs);
      requireStretch(fromMs, toMs);
      const entry: MembershipEntry = {
        ...{ member: readWrittenMember(input.Who), value: readMembershipValue(input.Value), fromMs, source: 'csv' },
        ...(toMs !== undefined && { toMs }),
      };
      const change = (present: readonly MembershipEntry[]) => withImported(present, [entry], { endsOpen: true });
      await memberships.change(input.Structure, change);
      return { Entry: wireEntry(entry) };
    }),
    DeleteMembershipEntry: ofManagement<Pick<PutInput, 'Structure' | 'Who' | 'From'>>(
      'DeleteMembershipEntry',
      async ({ input: { Structure, Who, From } }) => {
        const { who } = readMember(Who);
        const isMeant = (entry: MembershipEntry) => entry.member.who === who && entry.fromMs === From.getTime();
        if (!memberships.entries(Structure).some(isMeant)) {
          throw new Fault(
            'ResourceNotFoundException',
            `\`${who}\` has no entry in \`${Structure}\` from \`${From.toISOString()}\` on`,
          );
        }
        await memberships.change(Structure, (present) => present.filter((entry) => !isMeant(entry)));
        return {};
      },
    ),
    DeleteMembershipStructure: ofManagement<{ readonly Structure: string }>(
      'DeleteMembershipStructure',
      async ({ input }) => {
        await memberships.delete(input.Structure);
        return {};
      },
    ),
  };
}

/** Of usage, that entries are made from unless the question says when. */
const DERIVED_MONTHS = 13;
/** So that later instants come later as text. */
const TIME_DIGITS = 16;
/** Principals that an answer names. */
const AMBIGUOUS_MAX = 20;

function monthsBefore(atMs: number, months: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - months, 1);
}

function mannerOf({ OpenEntries, Replace = false }: Partial<CsvInput>) {
  return { endsOpen: OpenEntries === 'END', ...(Replace && { replaces: 'csv' as const }) };
}

function requireQuarters(...instants: readonly (number | undefined)[]): void {
  const cut = instants.find((atMs) => atMs !== undefined && (atMs < 0 || atMs % BUCKET_MS !== 0));
  if (cut === undefined) return;
  throw new Fault(
    'ValidationException',
    `\`${new Date(cut).toISOString()}\` is not on a quarter of an hour, and usage is kept by these`,
  );
}

function unreadable(errors: readonly LineError[]): Fault {
  const lines = errors.slice(0, LISTED_ERRORS).map(({ line, message }) => `line ${line}: ${message}`);
  const more = errors.length > LISTED_ERRORS ? `; and ${errors.length - LISTED_ERRORS} more` : '';
  return new Fault('ValidationException', `nothing was imported. ${lines.join('; ')}${more}`);
}

function orderOf({ member, fromMs }: MembershipEntry): string {
  return `${member.who}\n${String(fromMs).padStart(TIME_DIGITS, '0')}`;
}

function wireErrors(errors: readonly LineError[]): unknown[] {
  return errors.map(({ line, message }) => ({ Line: line, Message: message }));
}

function wireEntry({ member, value, fromMs, toMs, source }: MembershipEntry): unknown {
  return {
    ...{ Who: writtenMember(member), Kind: member.kind, Value: value, From: new Date(fromMs), Source: source },
    ...(toMs !== undefined && { To: new Date(toMs) }),
  };
}

function wireChange({ added, removed, kept }: MembershipChange): object {
  return { Added: added, Removed: removed, Kept: kept };
}
