import { shareOut } from '../kernel/money.ts';
import { type ChangeCell, costChange, isUsed, POOLED, pieces } from './change-reasons/change-cell.ts';
import { type CellReasons, type PeriodLengths, subjectReasons, USE_REASONS } from './change-reasons/subject-reasons.ts';

export type { ChangeCell } from './change-reasons/change-cell.ts';
export type { PeriodLengths } from './change-reasons/subject-reasons.ts';

/**
 * Why a cost changed. `newPrincipals`, `gonePrincipals`: whoever had no such usage in the other period. `periodLength`: one
 * period is longer. `volume`: more or fewer calls in the same time. `tokensPerRequest`: longer or shorter calls. `outputShare`:
 * of usage without calls, another part of the tokens was written. `modelMix`, `routeMix`, `tierMix`: another share of the calls
 * went to other models, to other routes or regions, to other tiers or into batches. `cacheShare`: another part of the input was
 * read from, or written to, the cache. `price`: other prices of the same tokens, on average. `tagging`: the same principals'
 * usage came under other values of a tag or cost category. `otherCharges`: credits, taxes, fees, corrections, reversals.
 */
export const CHANGE_REASONS = ['newPrincipals', 'gonePrincipals', ...USE_REASONS, 'tagging', 'otherCharges'] as const;
export type ChangeReason = (typeof CHANGE_REASONS)[number];

/** What each reason contributed; together exactly the difference of the costs. */
export type ReasonAmounts = Readonly<Record<ChangeReason, bigint>>;

/** A cell with what each reason made of its difference; absent: nothing. */
export interface ExplainedCell extends ChangeCell {
  readonly reasons: ReadonlyMap<ChangeReason, bigint>;
}

/**
 * Splits the differences of cells, each exactly, so that whatever cells are put together adds up: a total is always that of its
 * parts. Principals are looked at one by one: who calls more is volume, however long the calls of others are.
 */
export function explainCells(cells: readonly ChangeCell[], lengths: PeriodLengths): ExplainedCell[] {
  const usage = cells.filter(isRegularUsage);
  const others = cells.filter((cell) => !isRegularUsage(cell)).map((cell) => explained(cell, 'otherCharges'));
  const subjects = Map.groupBy(usage, ({ subject }) => subject);
  return [...others, ...[...subjects.values()].flatMap((own) => explainSubject(own, lengths))];
}

/** What takes back earlier usage has no volume that could be compared. */
function isRegularUsage({ line, before, after }: ChangeCell): boolean {
  return line === 'Usage' && [before, after].every(({ requests, quantity }) => requests >= 0n && quantity >= 0n);
}

function explained(cell: ChangeCell, reason: ChangeReason): ExplainedCell {
  const change = costChange(cell);
  return { ...cell, reasons: new Map(change === 0n ? [] : [[reason, change]]) };
}

function explainSubject(cells: readonly ChangeCell[], lengths: PeriodLengths): ExplainedCell[] {
  const { subject } = cells[0]!;
  const [isBefore, isAfter] = [cells.some(({ before }) => isUsed(before)), cells.some(({ after }) => isUsed(after))];
  // Nobody in particular is neither new nor gone.
  const isSomebody = subject !== '' && subject !== POOLED.both;
  if (isSomebody && !isBefore) return cells.map((cell) => explained(cell, 'newPrincipals'));
  if (isSomebody && !isAfter) return cells.map((cell) => explained(cell, 'gonePrincipals'));
  if (isRetagged(cells)) return explainRetagged(cells, lengths);
  return [...Map.groupBy(cells, ({ labels }) => labels).values()].flatMap((own) => explainUse(own, lengths));
}

/** Usage under one value of the tags. Without anything to compare with all of it is volume. */
function explainUse(cells: readonly ChangeCell[], lengths: PeriodLengths): ExplainedCell[] {
  const isOnBothSides = cells.some(({ before }) => isUsed(before)) && cells.some(({ after }) => isUsed(after));
  if (!isOnBothSides) return cells.map((cell) => explained(cell, 'volume'));
  const reasons = subjectReasons(cells, lengths);
  return cells.map((cell, index) => ({ ...cell, reasons: reasons[index]! }));
}

/**
 * True where a principal's usage came under another value: one appeared or vanished, and either no value counts among them (a
 * tag was put on or lost), or none of them stayed (it was given another one). Somebody who serves many values side by side and
 * gains one has not been tagged differently.
 */
function isRetagged(cells: readonly ChangeCell[]): boolean {
  if (cells[0]!.subject.startsWith('\u0000')) return false;
  const labels = Map.groupBy(cells, (cell) => cell.labels);
  if (labels.size < 2) return false;
  const sides = [...labels.values()].map((own) => ({
    isBefore: own.some(({ before }) => isUsed(before)),
    isAfter: own.some(({ after }) => isUsed(after)),
  }));
  const [appeared, vanished, stayed] = [
    sides.some(({ isBefore }) => !isBefore),
    sides.some(({ isAfter }) => !isAfter),
    sides.some(({ isBefore, isAfter }) => isBefore && isAfter),
  ];
  const hasNone = [...labels.keys()].some((label) => label.split('\u0000').includes(''));
  return (hasNone && (appeared || vanished)) || (appeared && vanished && !stayed);
}

/**
 * The principal's usage is compared with its own, under whatever value. What that makes of a cell belongs to each value by the
 * mean of its shares before and after; what is left of a value's difference is what moved between them, nothing in all.
 */
function explainRetagged(cells: readonly ChangeCell[], lengths: PeriodLengths): ExplainedCell[] {
  const alike = [...Map.groupBy(cells, wayKey).values()];
  const wholes = alike.map((own) => ({ ...own[0]!, before: sumOf(own, 'before'), after: sumOf(own, 'after') }));
  const reasons = subjectReasons(wholes, lengths);
  return alike.flatMap((own, index) => sharedOut(own, reasons[index]!));
}

function wayKey({ modelId, region, route, tier, context, meter }: ChangeCell): string {
  return [modelId, region, route, tier, context, meter].join('\n');
}

function sumOf(cells: readonly ChangeCell[], side: 'before' | 'after') {
  const sum = { requests: 0n, quantity: 0n, costPicoUsd: 0n };
  for (const { [side]: sums } of cells) {
    sum.requests += sums.requests;
    sum.quantity += sums.quantity;
    sum.costPicoUsd += sums.costPicoUsd;
  }
  return sum;
}

function sharedOut(cells: readonly ChangeCell[], reasons: CellReasons): ExplainedCell[] {
  const used = cells.map((cell) => ({ before: pieces(cell.before), after: pieces(cell.after) }));
  const [before, after] = [total(used.map((one) => one.before)), total(used.map((one) => one.after))];
  // Share before + share after, over a common denominator; a side without anything shares as the other one.
  const weights = used.map((own) =>
    before === 0n || after === 0n ? own.before + own.after : own.before * after + own.after * before,
  );
  const left = cells.map(costChange);
  const parts = cells.map(() => new Map<ChangeReason, bigint>());
  for (const [reason, amount] of reasons) {
    shareOut(amount, weights)?.forEach((part, index) => {
      if (part !== 0n) parts[index]!.set(reason, part);
      left[index]! -= part;
    });
  }
  return cells.map((cell, index) => {
    if (left[index] !== 0n) parts[index]!.set('tagging', left[index]!);
    return { ...cell, reasons: parts[index]! };
  });
}

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

/** The reasons of all the cells together. */
export function reasonsOf(cells: readonly ExplainedCell[]): ReasonAmounts {
  const amounts = Object.fromEntries(CHANGE_REASONS.map((reason) => [reason, 0n])) as Record<ChangeReason, bigint>;
  for (const { reasons } of cells) for (const [reason, amount] of reasons) amounts[reason] += amount;
  return amounts;
}
