import type { ChangeCell } from '../change-reasons.ts';

/**
 * `restoreCache`: read as much of the input from the cache as in the earlier period. `cachePrompts`: cache what calls have in
 * common. `dropCacheWrites`: do not write to the cache what is hardly read. `batch`: calls that nobody waits for. `globalRoute`,
 * `flexTier`: the same model by a cheaper route or in a cheaper tier. `smallerModel`: another model of the family.
 * `releaseHeldModel`: on demand instead of model units.
 */
export type SuggestionKind =
  | 'restoreCache'
  | 'cachePrompts'
  | 'dropCacheWrites'
  | 'batch'
  | 'globalRoute'
  | 'flexTier'
  | 'smallerModel'
  | 'releaseHeldModel';

/** Something that would have cost less, with what it would have saved in the later period. */
export interface Suggestion {
  readonly kind: SuggestionKind;
  readonly modelId: string;
  readonly text: string;
  readonly assumption: string;
  /** The answers would be others: try them first. */
  readonly isWhatIf: boolean;
  /** The usage that it is about, principal by principal; never empty. */
  readonly parts: readonly SavingPart[];
}

export interface SavingPart {
  /** Whose usage it is; see `ChangeCell.subject`. */
  readonly subject: string;
  /** What it costs at the prices in force. */
  readonly costPicoUsd: bigint;
  /** Above zero. Price book times quantity, exactly, if the assumption holds. */
  readonly savingPicoUsd: bigint;
  /** Two suggestions about the same usage do not add up. */
  readonly cells: readonly ChangeCell[];
}

export interface RankedSuggestion extends Suggestion {
  readonly costPicoUsd: bigint;
  readonly savingPicoUsd: bigint;
  /** What it saves beside those before it: of usage that none of them is about. */
  readonly addsPicoUsd: bigint;
}

/** Suggestions that save less than this part of all that was spent are noise. */
const WORTH_PART = 200n;

/**
 * The largest saving first, what-ifs last; the same one for several principals is one. What they add makes up the total:
 * nothing is saved twice.
 */
export function ranked(suggestions: readonly Suggestion[], spentPicoUsd: bigint, count: number): RankedSuggestion[] {
  const alike = Map.groupBy(suggestions, ({ kind, modelId, text, assumption }) =>
    [kind, modelId, text, assumption].join('\n'),
  );
  const merged = [...alike.values()].map((own) => {
    const parts = own.flatMap((one) => one.parts);
    return { ...own[0]!, parts, costPicoUsd: sum(parts, 'costPicoUsd'), savingPicoUsd: sum(parts, 'savingPicoUsd') };
  });
  const taken = new Set<ChangeCell>();
  return merged
    .filter(({ savingPicoUsd }) => savingPicoUsd * WORTH_PART >= spentPicoUsd)
    .sort(
      (a, b) =>
        Number(a.isWhatIf) - Number(b.isWhatIf) ||
        compare(b.savingPicoUsd, a.savingPicoUsd) ||
        (nameOf(a) < nameOf(b) ? -1 : 1),
    )
    .slice(0, count)
    .map((suggestion) => {
      const free = suggestion.parts.filter(({ cells }) => !cells.some((cell) => taken.has(cell)));
      for (const { cells } of free) for (const cell of cells) taken.add(cell);
      return { ...suggestion, addsPicoUsd: sum(free, 'savingPicoUsd') };
    });
}

function sum(parts: readonly SavingPart[], amount: 'costPicoUsd' | 'savingPicoUsd'): bigint {
  return parts.reduce((total, part) => total + part[amount], 0n);
}

function nameOf({ kind, modelId, parts }: Suggestion): string {
  return [kind, modelId, parts[0]!.subject].join('\n');
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? 1 : -1;
}
