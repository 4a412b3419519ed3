import { formatUsdRounded, magnitude } from '../kernel/money.ts';
import { METERS, meterUnit } from '../rating/meter.ts';
import { isInputSide, isUsed, POOLED, pieces } from './change-reasons/change-cell.ts';
import {
  CHANGE_REASONS,
  type ChangeReason,
  type ExplainedCell,
  type PeriodLengths,
  reasonsOf,
} from './change-reasons.ts';

/** One reason for a change, with the figures that show it. */
export interface ToldReason {
  readonly reason: ChangeReason;
  readonly changePicoUsd: bigint;
  /** `1,840 → 2,610 calls`. */
  readonly text: string;
  /** The model that the text is about; absent: it is about all of them. */
  readonly modelId?: string;
}

/** Cells that the figures of some reasons are of, where those that changed are but a part of what they say something about. */
export interface FigureCells {
  /** Absent: the cells themselves. Of one token class, all classes. */
  readonly own?: readonly ExplainedCell[];
  /** What shares of calls are shares of, and where tagged usage came from and went. Absent: `own`. */
  readonly around?: readonly ExplainedCell[];
}

/** The reasons that are not nothing, the largest first; their amounts add up to the difference exactly. */
export function toldReasons(
  cells: readonly ExplainedCell[],
  lengths: PeriodLengths,
  figures: FigureCells = {},
): ToldReason[] {
  return rankedReasons(cells).map((one) => told(one, cells, lengths, figures));
}

/** The largest reason in the direction of the difference; undefined where there is none. */
export function topReason(
  cells: readonly ExplainedCell[],
  lengths: PeriodLengths,
  figures: FigureCells = {},
): ToldReason | undefined {
  const change = costOf(cells, 'after') - costOf(cells, 'before');
  const reasons = rankedReasons(cells);
  const top = reasons.find(({ changePicoUsd }) => changePicoUsd * change > 0n) ?? reasons[0];
  return top && told(top, cells, lengths, figures);
}

type ReasonAmount = Pick<ToldReason, 'reason' | 'changePicoUsd'>;

function rankedReasons(cells: readonly ExplainedCell[]): ReasonAmount[] {
  const amounts = reasonsOf(cells);
  return CHANGE_REASONS.filter((reason) => amounts[reason] !== 0n)
    .map((reason) => ({ reason, changePicoUsd: amounts[reason] }))
    .sort((a, b) => Number(sizeOf(b) > sizeOf(a)) - Number(sizeOf(b) < sizeOf(a)));
}

function told(
  one: ReasonAmount,
  cells: readonly ExplainedCell[],
  lengths: PeriodLengths,
  { own = cells, around = own }: FigureCells,
): ToldReason {
  const { reason } = one;
  // Figures are those of the principals that have the reason: others have changed for other ones.
  const subjects = new Set<string>();
  for (const { reasons, subject } of cells) if (reasons.has(reason)) subjects.add(subject);
  const figures = (OF_ALL.has(reason) ? around : own).filter(
    ({ subject, line }) => subjects.has(subject) && (reason === 'otherCharges' || line === 'Usage'),
  );
  return { ...one, ...WORDS[reason](figures, lengths) };
}

const OF_ALL: ReadonlySet<ChangeReason> = new Set(['modelMix', 'routeMix', 'tierMix', 'outputShare', 'tagging']);

type Words = (cells: readonly ExplainedCell[], lengths: PeriodLengths) => Pick<ToldReason, 'text' | 'modelId'>;

const WORDS: Readonly<Record<ChangeReason, Words>> = {
  newPrincipals: (cells) => ({ text: counted(cells, 'newPrincipals', 'used nothing of it before') }),
  gonePrincipals: (cells) => ({ text: counted(cells, 'gonePrincipals', 'used nothing of it any more') }),
  periodLength: (_, { before, after }) => ({ text: `${lengthText(before)} → ${lengthText(after)}` }),
  volume: volumeWords,
  tokensPerRequest: (cells) => ({ text: `${perCall(cells, 'before')} → ${perCall(cells, 'after')} tokens a call` }),
  outputShare: (cells) => {
    const { from, to } = shares(writtenOf(cells, 'before'), writtenOf(cells, 'after'));
    return { text: `${from} → ${to} of the tokens written; how many a call is not known from a bill` };
  },
  cacheShare: (cells) => {
    const { from, to } = shares(cachedOf(cells, 'before'), cachedOf(cells, 'after'));
    return { text: `${from} → ${to} of the input read from the cache` };
  },
  modelMix: (cells) => {
    const { value, text } = mixWords(cells, ({ modelId }) => modelId);
    return { text, modelId: value };
  },
  routeMix: (cells) => named(mixWords(cells, ({ route, region }) => `${route} in ${region}`)),
  tierMix: (cells) => named(mixWords(cells, ({ tier }) => tier)),
  price: priceWords,
  tagging: (cells) => ({ text: taggingText(cells) }),
  otherCharges: (cells) => ({ text: [...new Set(cells.flatMap(otherLine))].sort().join(', ') }),
};

function counted(cells: readonly ExplainedCell[], reason: ChangeReason, words: string): string {
  const names = new Set(cells.filter(({ reasons }) => reasons.has(reason)).map(({ subject }) => subject));
  const pooled = [POOLED.new, POOLED.gone].some((one) => names.has(one));
  const count = `${pooled ? 'more than ' : ''}${grouped(BigInt(names.size - (pooled ? 1 : 0)))}`;
  return `${count} ${names.size === 1 && !pooled ? 'principal' : 'principals'} that ${words}`;
}

/** Of quarter hours. */
function lengthText(quarters: bigint): string {
  const [unit, name] =
    quarters % 96n === 0n ? [96n, 'day'] : quarters % 4n === 0n ? [4n, 'hour'] : [1n, 'quarter hour'];
  const count = quarters / unit;
  return `${grouped(count)} ${name}${count === 1n ? '' : 's'}`;
}

/** Calls; of a bill, tokens. */
function volumeWords(cells: readonly ExplainedCell[]): ReturnType<Words> {
  const [callsBefore, callsAfter] = [callsOf(cells, 'before'), callsOf(cells, 'after')];
  if (callsBefore !== 0n || callsAfter !== 0n)
    return { text: `${grouped(callsBefore)} → ${grouped(callsAfter)} calls` };
  return {
    text: `${grouped(quantityOf(cells, 'before'))} → ${grouped(quantityOf(cells, 'after'))} tokens or other pieces`,
  };
}

function named({ value, text }: { readonly value: string; readonly text: string }): ReturnType<Words> {
  return { text: `${value}: ${text}` };
}

type Side = 'before' | 'after';

/** The value whose share of the calls changed most. */
function mixWords(cells: readonly ExplainedCell[], wayOf: (cell: ExplainedCell) => string) {
  const hasCalls = cells.some(({ before, after }) => before.requests !== 0n || after.requests !== 0n);
  const whole = { before: 0n, after: 0n };
  const ways = new Map<string, { before: bigint; after: bigint }>();
  for (const cell of cells) {
    const way = wayOf(cell);
    const sums = ways.get(way) ?? { before: 0n, after: 0n };
    ways.set(way, sums);
    for (const side of ['before', 'after'] as const) {
      const volume = hasCalls ? cell[side].requests : pieces(cell[side]);
      sums[side] += volume;
      whole[side] += volume;
    }
  }
  let widest = { value: '', sums: whole, change: -1n };
  for (const [value, sums] of ways) {
    const shift = sums.after * whole.before - sums.before * whole.after;
    const change = magnitude(shift);
    // Of two that changed alike, the one that calls went to.
    if (change > widest.change || (change === widest.change && shift > 0n)) widest = { value, sums, change };
  }
  const { from, to } = shares([widest.sums.before, whole.before], [widest.sums.after, whole.after]);
  return { value: widest.value, text: `${from} → ${to} of the ${hasCalls ? 'calls' : 'tokens'}` };
}

/** The model and meter whose price made the largest difference. */
function priceWords(cells: readonly ExplainedCell[]): ReturnType<Words> {
  let widest: { readonly own: readonly ExplainedCell[]; readonly change: bigint } | undefined;
  const priced = Map.groupBy(cells, ({ modelId, meter }) => `${modelId}\n${meter}`);
  for (const own of priced.values()) {
    const change = magnitude(own.reduce((sum, { reasons }) => sum + (reasons.get('price') ?? 0n), 0n));
    if (change > 0n && (!widest || change > widest.change)) widest = { own, change };
  }
  if (!widest) return { text: 'other prices' };
  const { own } = widest;
  const meter = METERS.find((one) => one === own[0]!.meter);
  if (!meter) return { text: 'other prices' };
  const [before, after] = [countedOf(own, 'before'), countedOf(own, 'after')];
  if (before <= 0n || after <= 0n) return { text: 'other prices' };
  const { name, pieces: pricedPieces } = meterUnit(meter).priced;
  const price = (side: Side, count: bigint) =>
    `$${formatUsdRounded((costOf(own, side) * pricedPieces) / count, 4).replace(/0{1,2}$/, '')}`;
  return {
    text: `${meterText(meter)} ${price('before', before)} → ${price('after', after)} per ${name} on average`,
    modelId: own[0]!.modelId,
  };
}

/** From where most of it went and to where, as far as the cells show both. */
function taggingText(cells: readonly ExplainedCell[]): string {
  const amounts = [...Map.groupBy(cells, ({ labels }) => labels)].map(([labels, own]) => ({
    name: labelText(labels),
    amount: own.reduce((sum, { reasons }) => sum + (reasons.get('tagging') ?? 0n), 0n),
  }));
  const by = (sign: bigint) =>
    amounts.reduce<{ name: string; amount: bigint } | undefined>((most, one) => {
      return one.amount * sign > (most ? most.amount * sign : 0n) ? one : most;
    }, undefined);
  const [from, to] = [by(-1n), by(1n)];
  if (from && to) return `came under ${to.name} instead of ${from.name}`;
  return to ? `came under ${to.name} only now` : `no longer came under ${from?.name ?? 'it'}`;
}

function labelText(labels: string): string {
  return labels
    .split('\u0000')
    .map((value) => (value === '' ? 'no value' : value))
    .join(', ');
}

function otherLine({ line, reasons }: ExplainedCell): string[] {
  if (!reasons.has('otherCharges')) return [];
  return [line === 'Usage' ? 'reversed usage' : `${line.toLowerCase()}s`.replace('taxs', 'taxes')];
}

/** `cache read`. */
export function meterText(meter: string): string {
  return meter.startsWith('cache_write') ? 'cache write' : meter.replaceAll('_', ' ');
}

export function callsOf(cells: readonly ExplainedCell[], side: Side): bigint {
  return cells.reduce((sum, cell) => sum + cell[side].requests, 0n);
}

export function costOf(cells: readonly Pick<ExplainedCell, Side>[], side: Side): bigint {
  return cells.reduce((sum, cell) => sum + cell[side].costPicoUsd, 0n);
}

function quantityOf(cells: readonly ExplainedCell[], side: Side): bigint {
  return cells.reduce((sum, cell) => sum + pieces(cell[side]), 0n);
}

/** What the meter counted; a bill may have a cost without it. */
function countedOf(cells: readonly ExplainedCell[], side: Side): bigint {
  return cells.reduce((sum, cell) => sum + cell[side].quantity, 0n);
}

function perCall(cells: readonly ExplainedCell[], side: Side): string {
  const calls = callsOf(cells, side);
  return grouped(calls === 0n ? 0n : countedOf(cells, side) / calls);
}

type Ratio = readonly [part: bigint, whole: bigint];

/** Read from the cache, of all input. */
export function cachedOf(cells: readonly ExplainedCell[], side: Side): Ratio {
  const input = cells.filter((cell) => isInputSide(cell.meter) && isUsed(cell[side]));
  return [
    quantityOf(
      input.filter(({ meter }) => meter === 'cache_read'),
      side,
    ),
    quantityOf(input, side),
  ];
}

function writtenOf(cells: readonly ExplainedCell[], side: Side): Ratio {
  const tokens = cells.filter(({ meter }) => isInputSide(meter) || meter === 'output');
  return [
    quantityOf(
      tokens.filter(({ meter }) => meter === 'output'),
      side,
    ),
    quantityOf(tokens, side),
  ];
}

/** Two shares in whole percents, or in tenths where those are the same. */
export function shares(before: Ratio, after: Ratio): { readonly from: string; readonly to: string } {
  const [from, to] = [percentText(before, 0), percentText(after, 0)];
  return from === to ? { from: percentText(before, 1), to: percentText(after, 1) } : { from, to };
}

export function percentText([part, whole]: Ratio, fractionDigits: number): string {
  return whole === 0n ? '0 %' : `${formatUsdRounded((part * 100n * 10n ** 12n) / whole, fractionDigits)} %`;
}

/** `1,840`. */
export function grouped(count: bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

function sizeOf({ changePicoUsd }: ReasonAmount): bigint {
  return magnitude(changePicoUsd);
}
