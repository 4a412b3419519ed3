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
  /** Whose usage it is; see `ChangeCell.subject`. */
  readonly subject: string;
  readonly modelId: string;
  /** What the usage in question costs at the prices in force. */
  readonly costPicoUsd: bigint;
  /** Above zero. Price book times quantity, exactly, if the assumption holds. */
  readonly savingPicoUsd: bigint;
  readonly text: string;
  readonly assumption: string;
  /** The answers would be others: try them first. */
  readonly isWhatIf: boolean;
  /** The usage that it is about. Two suggestions about the same usage do not add up. */
  readonly cells: readonly ChangeCell[];
}

export interface RankedSuggestion extends Suggestion {
  /** What it saves beside those before it; zero where one of them is about the same usage. */
  readonly addsPicoUsd: bigint;
}

/** The largest saving first, what-ifs last. What they add makes up the total: nothing is saved twice. */
export function ranked(suggestions: readonly Suggestion[], count: number): RankedSuggestion[] {
  const taken = new Set<ChangeCell>();
  return suggestions
    .toSorted(
      (a, b) =>
        Number(a.isWhatIf) - Number(b.isWhatIf) ||
        compare(b.savingPicoUsd, a.savingPicoUsd) ||
        (`${a.kind} ${a.subject} ${a.modelId}` < `${b.kind} ${b.subject} ${b.modelId}` ? -1 : 1),
    )
    .slice(0, count)
    .map((suggestion) => {
      const isTaken = suggestion.cells.some((cell) => taken.has(cell));
      if (!isTaken) for (const cell of suggestion.cells) taken.add(cell);
      return { ...suggestion, addsPicoUsd: isTaken ? 0n : suggestion.savingPicoUsd };
    });
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? 1 : -1;
}
