import { formatUsdRounded } from '../kernel/money.ts';
import { CHANGE_REASONS, type ChangeReason, changeReasons, isInputSide, type UsageCell } from './change-reasons.ts';

/** One reason for a change, with the figures that show it. */
export interface ToldReason {
  readonly reason: ChangeReason;
  readonly changePicoUsd: bigint;
  /** `1,840 → 2,610 calls`. */
  readonly text: string;
  /** The model that the text is about; absent: it is about all of them. */
  readonly modelId?: string;
}

/** The reasons that are not nothing, the largest first; their amounts add up to the difference exactly. */
export function toldReasons(before: readonly UsageCell[], after: readonly UsageCell[]): ToldReason[] {
  const amounts = changeReasons(before, after);
  const told = CHANGE_REASONS.filter((reason) => amounts[reason] !== 0n).map((reason) => ({
    reason,
    changePicoUsd: amounts[reason],
    ...WORDS[reason](before, after),
  }));
  return told.sort((a, b) => Number(sizeOf(b) > sizeOf(a)) - Number(sizeOf(b) < sizeOf(a)));
}

type Words = (before: readonly UsageCell[], after: readonly UsageCell[]) => Pick<ToldReason, 'text' | 'modelId'>;

const WORDS: Readonly<Record<ChangeReason, Words>> = {
  volume: (before, after) => ({ text: `${grouped(callsOf(before))} → ${grouped(callsOf(after))} calls` }),
  tokensPerRequest: (before, after) => ({ text: `${perCall(before)} → ${perCall(after)} tokens a call` }),
  cacheShare: (before, after) => {
    const { from, to } = shares(cachedOf(before), cachedOf(after));
    return { text: `${from} → ${to} of the input read from the cache` };
  },
  modelMix: mixWords,
  price: priceWords,
};

/** The model whose share of the calls changed most. */
function mixWords(before: readonly UsageCell[], after: readonly UsageCell[]): ReturnType<Words> {
  const [callsBefore, callsAfter] = [callsOf(before), callsOf(after)];
  let widest = { modelId: '', change: -1n };
  for (const modelId of new Set([...before, ...after].map((cell) => cell.modelId))) {
    const shift = callsOf(of(after, modelId)) * callsBefore - callsOf(of(before, modelId)) * callsAfter;
    const change = shift < 0n ? -shift : shift;
    if (change > widest.change) widest = { modelId, change };
  }
  const shareOf = (cells: readonly UsageCell[]) => [callsOf(of(cells, widest.modelId)), callsOf(cells)] as const;
  const { from, to } = shares(shareOf(before), shareOf(after));
  return { text: `${from} → ${to} of the calls`, modelId: widest.modelId };
}

/** The model and direction whose price made the largest difference. */
function priceWords(before: readonly UsageCell[], after: readonly UsageCell[]): ReturnType<Words> {
  let widest: { readonly old: UsageCell; readonly now: UsageCell; readonly change: bigint } | undefined;
  for (const now of merged(after)) {
    const old = merged(before).find(({ modelId, direction }) => modelId === now.modelId && direction === now.direction);
    if (!old || old.quantity === 0n || now.quantity === 0n) continue;
    const difference = now.costPicoUsd - (old.costPicoUsd * now.quantity) / old.quantity;
    const change = difference < 0n ? -difference : difference;
    if (!widest || change > widest.change) widest = { old, now, change };
  }
  if (!widest) return { text: 'other prices' };
  const { old, now } = widest;
  const perMillion = ({ costPicoUsd, quantity }: UsageCell) =>
    `$${formatUsdRounded((costPicoUsd * 1_000_000n) / quantity, 4).replace(/0{1,2}$/, '')}`;
  return {
    text: `${now.direction} ${perMillion(old)} → ${perMillion(now)} per 1M on average`,
    modelId: now.modelId,
  };
}

/** One cell for each model and direction. */
function merged(cells: readonly UsageCell[]): UsageCell[] {
  const groups = Map.groupBy(cells, ({ modelId, direction }) => `${modelId}\n${direction}`);
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    requests: callsOf(group),
    quantity: quantityOf(group),
    costPicoUsd: group.reduce((sum, cell) => sum + cell.costPicoUsd, 0n),
  }));
}

function of(cells: readonly UsageCell[], modelId: string): UsageCell[] {
  return cells.filter((cell) => cell.modelId === modelId);
}

function callsOf(cells: readonly UsageCell[]): bigint {
  return cells.reduce((sum, { requests }) => sum + requests, 0n);
}

function quantityOf(cells: readonly UsageCell[]): bigint {
  return cells.reduce((sum, { quantity }) => sum + quantity, 0n);
}

function perCall(cells: readonly UsageCell[]): string {
  const calls = callsOf(cells);
  return grouped(calls === 0n ? 0n : quantityOf(cells) / calls);
}

function cachedOf(cells: readonly UsageCell[]): Ratio {
  const input = cells.filter(({ direction }) => isInputSide(direction));
  return [quantityOf(input.filter(({ direction }) => direction === 'cache read')), quantityOf(input)];
}

type Ratio = readonly [part: bigint, whole: bigint];

/** Two shares in whole percents, or in tenths where those are the same. */
function shares(before: Ratio, after: Ratio): { readonly from: string; readonly to: string } {
  const [from, to] = [percentText(before, 0), percentText(after, 0)];
  return from === to ? { from: percentText(before, 1), to: percentText(after, 1) } : { from, to };
}

function percentText([part, whole]: Ratio, fractionDigits: number): string {
  return whole === 0n ? '0 %' : `${formatUsdRounded((part * 100n * 10n ** 12n) / whole, fractionDigits)} %`;
}

/** `1,840`. */
function grouped(count: bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

function sizeOf({ changePicoUsd }: ToldReason): bigint {
  return changePicoUsd < 0n ? -changePicoUsd : changePicoUsd;
}
