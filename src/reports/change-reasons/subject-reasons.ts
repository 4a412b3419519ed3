import { countsTokens, METERS, type Meter } from '../../rating/meter.ts';
import { type ChangeCell, costChange, isInputSide, isUsed, pieces } from './change-cell.ts';
import { type Factor, type Ratio, shapleyValues } from './shapley.ts';

/** What can change about usage that goes on, in the order in which a cell's cost is their product. */
export const USE_REASONS = [
  'periodLength',
  'volume',
  'modelMix',
  'routeMix',
  'tierMix',
  'tokensPerRequest',
  'outputShare',
  'cacheShare',
  'price',
] as const;
export type UseReason = (typeof USE_REASONS)[number];

/** Lengths of the two periods in one unit, above zero. */
export interface PeriodLengths {
  readonly before: bigint;
  readonly after: bigint;
}

type Side = 'before' | 'after';

/** What each reason made of one cell's difference; absent: nothing. Together exactly the difference. */
export type CellReasons = ReadonlyMap<UseReason, bigint>;

/**
 * Splits the differences of the cells of one subject that was used in both periods. The cost of a cell is a product:
 *
 *     length of the period x calls per time x share of the model x share of the route x share of the tier
 *       x tokens per call x share of the meter in them x price
 *
 * Each factor is a reason, and contributes its Shapley value. What one period cannot know, for nothing was used (the price of a
 * model that was not called, how much of no input was cached), is taken to be as in the other one. Without calls, tokens are the
 * volume, and how much of them was written stands for their number in a call.
 */
export function subjectReasons(cells: readonly ChangeCell[], lengths: PeriodLengths): CellReasons[] {
  const hasCalls = cells.some(({ before, after }) => before.requests > 0n || after.requests > 0n);
  // Pieces of different kinds cannot be added up: each kind is a volume by itself.
  const groups = Map.groupBy(cells, (cell) => (hasCalls ? '' : kindOf(cell.meter)));
  const reasons = new Map<ChangeCell, CellReasons>();
  for (const group of groups.values()) {
    const used = group.map((cell): UsedWay => ({ cell, way: wayOf(cell) }));
    const volumes = volumesOf(used, hasCalls);
    for (const one of used) reasons.set(one.cell, reasonsOf(one, volumes, lengths, hasCalls));
  }
  return cells.map((cell) => reasons.get(cell)!);
}

function kindOf(meter: string): string {
  return (METERS as readonly string[]).includes(meter) && countsTokens(meter as Meter) ? 'tokens' : meter;
}

/** Sums over the cells of a group by what they have in common; the key says how much of a cell's way of use that is. */
class Volumes {
  readonly #sums = new Map<string, { before: bigint; after: bigint }>();
  /** Ways of use that are no calls, but come with the calls of others: guardrails. */
  readonly beside = new Set<string>();

  add(key: string, side: Side, amount: bigint): void {
    const sums = this.#sums.get(key) ?? { before: 0n, after: 0n };
    sums[side] += amount;
    this.#sums.set(key, sums);
  }

  ratio(part: string, whole: string): Factor {
    const [of, in_] = [this.#of(part), this.#of(whole)];
    return factor([of.before, in_.before], [of.after, in_.after]);
  }

  #of(key: string) {
    return this.#sums.get(key) ?? { before: 0n, after: 0n };
  }

  sums(key: string): { readonly before: bigint; readonly after: bigint } {
    return this.#of(key);
  }
}

const ALL = 'all';

/** Levels of a cell's way of use, each inside the one before: model, route, tier, then what was counted. */
interface Way {
  readonly model: string;
  readonly route: string;
  readonly tier: string;
  readonly side: string;
}

function wayOf(cell: ChangeCell): Way {
  const model = `model\n${cell.modelId}`;
  const route = `${model}\n${cell.route}\n${cell.region}`;
  const tier = `${route}\n${cell.tier}`;
  const side = `${tier}\n${cell.context}\n${isInputSide(cell.meter) ? 'input side' : cell.meter}`;
  return { model, route, tier, side };
}

interface UsedWay {
  readonly cell: ChangeCell;
  readonly way: Way;
}

function volumesOf(used: readonly UsedWay[], hasCalls: boolean): Volumes {
  const volumes = new Volumes();
  const ways = [...Map.groupBy(used, ({ way }) => way.tier).values()];
  const besides = hasCalls ? waysBeside(ways) : new Set<string>();
  for (const own of ways) {
    const { model, route, tier } = own[0]!.way;
    if (besides.has(tier)) volumes.beside.add(tier);
    for (const side of ['before', 'after'] as const) {
      const volume = volumeOf(own, side, hasCalls);
      for (const key of besides.has(tier) ? [] : [ALL, model, route, tier]) volumes.add(key, side, volume);
      for (const { cell, way } of own) volumes.add(way.side, side, pieces(cell[side]));
    }
  }
  return volumes;
}

/** Ways without a call of their own, unless there is nothing beside which they could have been used. */
function waysBeside(ways: readonly (readonly UsedWay[])[]): Set<string> {
  const calls = (used: readonly UsedWay[], side: Side) => used.reduce((sum, { cell }) => sum + cell[side].requests, 0n);
  const [called, without] = [true, false].map((wanted) =>
    ways.filter((used) => (calls(used, 'before') > 0n || calls(used, 'after') > 0n) === wanted),
  );
  const isCalled = (side: Side) => called!.some((used) => volumeOf(used, side, true) > 0n);
  const beside = isCalled('before') && isCalled('after') ? without! : [];
  return new Set(beside.map((used) => used[0]!.way.tier));
}

/** Calls; of usage without one, which is a further attempt at a call, as good as one. Where nothing has calls, pieces. */
function volumeOf(used: readonly UsedWay[], side: Side, hasCalls: boolean): bigint {
  if (!hasCalls) return used.reduce((sum, { cell }) => sum + pieces(cell[side]), 0n);
  const calls = used.reduce((sum, { cell }) => sum + cell[side].requests, 0n);
  return calls === 0n && used.some(({ cell }) => isUsed(cell[side])) ? 1n : calls;
}

function reasonsOf({ cell, way }: UsedWay, volumes: Volumes, lengths: PeriodLengths, hasCalls: boolean): CellReasons {
  const difference = costChange(cell);
  if (difference === 0n && cell.before.quantity === cell.after.quantity && cell.before.costPicoUsd === 0n)
    return new Map();
  const { model, route, tier, side } = way;
  const whole = volumes.sums(ALL);
  const isBeside = volumes.beside.has(tier);
  const { before, after } = cell;
  const perVolume = volumes.ratio(side, isBeside ? ALL : tier);
  const factors: Readonly<Record<UseReason, Factor>> = {
    periodLength: factor([lengths.before, 1n], [lengths.after, 1n]),
    volume: factor([whole.before, lengths.before], [whole.after, lengths.after]),
    modelMix: isBeside ? ONE : volumes.ratio(model, ALL),
    routeMix: isBeside ? ONE : volumes.ratio(route, model),
    tierMix: isBeside ? ONE : volumes.ratio(tier, route),
    tokensPerRequest: hasCalls ? perVolume : ONE,
    outputShare: hasCalls ? ONE : perVolume,
    cacheShare: factor([pieces(before), volumes.sums(side).before], [pieces(after), volumes.sums(side).after]),
    price: factor([before.costPicoUsd, pieces(before)], [after.costPicoUsd, pieces(after)]),
  };
  const values = shapleyValues(
    USE_REASONS.map((reason) => factors[reason]),
    difference,
  );
  return new Map(USE_REASONS.flatMap((reason, index) => (values[index] === 0n ? [] : [[reason, values[index]!]])));
}

const ONE: Factor = { before: [1n, 1n], after: [1n, 1n] };

/** A ratio that one side does not know is the other's. */
function factor(before: Ratio, after: Ratio): Factor {
  if (before[1] === 0n && after[1] === 0n) return ONE;
  if (before[1] === 0n) return { before: after, after };
  return { before, after: after[1] === 0n ? before : after };
}
