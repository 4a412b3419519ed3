/** What was used in one period. */
export interface CellSums {
  /** Calls; counted on one cell of each call, so that they can be summed. Zero throughout where a bill was imported. */
  readonly requests: bigint;
  /** Tokens, images, ...: pieces of the cell's meter. */
  readonly quantity: bigint;
  readonly costPicoUsd: bigint;
}

/** The smallest piece of two periods that is compared: what one principal used of one meter in one way, in both. */
export interface ChangeCell {
  /** Values of the keys that were asked for, in their order. */
  readonly keys: readonly string[];
  /** Values of those of the keys that are tags or cost categories: a principal may come under another one than before. */
  readonly labels: string;
  /**
   * Whose usage it is: an ARN; `.../assumed-role/<role>/*` for the sessions of a role whose names come and go; empty where
   * nobody is named; one of the `POOLED` for those whose change is too small to be looked at one by one.
   */
  readonly subject: string;
  /** `Usage`, `Correction`, or the record type of what is no usage. */
  readonly line: string;
  readonly modelId: string;
  readonly region: string;
  readonly route: string;
  /** `batch` for usage of batch jobs. */
  readonly tier: string;
  readonly context: string;
  readonly meter: string;
  readonly before: CellSums;
  readonly after: CellSums;
}

/** Subjects that are looked at together: used in both periods, in the later or in the earlier one alone. */
export const POOLED = { both: '\u0000both', new: '\u0000new', gone: '\u0000gone' } as const;

/** Meters that are one text, told apart by how much of it was cached. */
export function isInputSide(meter: string): boolean {
  return meter === 'input' || meter.startsWith('cache_');
}

export function costChange({ before, after }: Pick<ChangeCell, 'before' | 'after'>): bigint {
  return after.costPicoUsd - before.costPicoUsd;
}

export function isUsed({ requests, quantity, costPicoUsd }: CellSums): boolean {
  return requests !== 0n || quantity !== 0n || costPicoUsd !== 0n;
}

/** How much of the meter; a charge without a quantity is one piece. */
export function pieces({ quantity, costPicoUsd }: CellSums): bigint {
  return quantity === 0n && costPicoUsd !== 0n ? 1n : quantity;
}
