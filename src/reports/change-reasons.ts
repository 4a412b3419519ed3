/** What one model used in one direction (`input`, `output`, `cache read`, `cache write`, ...) in one period. */
export interface UsageCell {
  readonly modelId: string;
  readonly direction: string;
  /** Calls; counted on one cell of each call, so that they can be summed. */
  readonly requests: bigint;
  /** Tokens, images, ...: pieces of one kind. */
  readonly quantity: bigint;
  readonly costPicoUsd: bigint;
}

/**
 * Why a cost changed. `volume`: more or fewer calls. `modelMix`: another share of the calls went to other models.
 * `tokensPerRequest`: longer or shorter calls. `cacheShare`: another part of the input was read from, or written to, the
 * cache. `price`: other prices of the same tokens.
 */
export const CHANGE_REASONS = ['volume', 'modelMix', 'tokensPerRequest', 'cacheShare', 'price'] as const;
export type ChangeReason = (typeof CHANGE_REASONS)[number];

/** What each reason contributed; together exactly the difference of the costs. */
export type ReasonAmounts = Readonly<Record<ChangeReason, bigint>>;

/** Directions that are one text, told apart by how much of it was cached. */
const INPUT_SIDE: ReadonlySet<string> = new Set(['input', 'cache read', 'cache write']);

export function isInputSide(direction: string): boolean {
  return INPUT_SIDE.has(direction);
}

/**
 * Splits the difference of two periods by changing one thing after the other, in the order of `CHANGE_REASONS`: each reason is
 * what the cost would have changed by it, all earlier ones having happened. What has nothing to compare with (a model that was
 * not called before, tokens of a class that were not used) counts at its later price from the step on that brings it in.
 */
export function changeReasons(before: readonly UsageCell[], after: readonly UsageCell[]): ReasonAmounts {
  const models = modelsOf(before, after);
  const requests = sumOf(models, ({ before: { requests } }) => requests);
  const requestsAfter = sumOf(models, ({ after: { requests } }) => requests);
  const start = sumOf(models, ({ before: { cost } }) => cost);
  const end = sumOf(models, ({ after: { cost } }) => cost);
  const steps = [
    start,
    // Without a call before there is no call whose cost to multiply: all of it is new volume.
    requests === 0n ? end : scaled(start, requestsAfter, requests),
    ...(requests === 0n
      ? [end, end, end]
      : [sumOf(models, atOldLength), sumOf(models, atOldCache), sumOf(models, atOldPrice)]),
    end,
  ];
  const amounts = CHANGE_REASONS.map((reason, index) => [reason, steps[index + 1]! - steps[index]!] as const);
  return Object.fromEntries(amounts) as Record<ChangeReason, bigint>;
}

/** One model's period, by direction. */
interface ModelUse {
  readonly requests: bigint;
  readonly cost: bigint;
  readonly inputTokens: bigint;
  readonly inputCost: bigint;
  readonly cells: ReadonlyMap<string, Pick<UsageCell, 'quantity' | 'costPicoUsd'>>;
}

interface ComparedModel {
  readonly before: ModelUse;
  readonly after: ModelUse;
}

function modelsOf(before: readonly UsageCell[], after: readonly UsageCell[]): ComparedModel[] {
  const ids = new Set([...before, ...after].map(({ modelId }) => modelId));
  const of = (cells: readonly UsageCell[], id: string) => useOf(cells.filter(({ modelId }) => modelId === id));
  return [...ids].map((id) => ({ before: of(before, id), after: of(after, id) }));
}

function useOf(own: readonly UsageCell[]): ModelUse {
  const cells = new Map<string, { quantity: bigint; costPicoUsd: bigint }>();
  for (const { direction, quantity, costPicoUsd } of own) {
    const cell = cells.get(direction) ?? { quantity: 0n, costPicoUsd: 0n };
    cells.set(direction, { quantity: cell.quantity + quantity, costPicoUsd: cell.costPicoUsd + costPicoUsd });
  }
  const ofInput = [...cells].filter(([direction]) => INPUT_SIDE.has(direction)).map(([, cell]) => cell);
  const requests = sumOf(own, (cell) => cell.requests);
  return {
    // Usage without a call of its own is a further attempt at one: it is as good as one call.
    requests: requests === 0n && own.length > 0 ? 1n : requests,
    cost: sumOf(own, ({ costPicoUsd }) => costPicoUsd),
    inputTokens: sumOf(ofInput, ({ quantity }) => quantity),
    inputCost: sumOf(ofInput, ({ costPicoUsd }) => costPicoUsd),
    cells,
  };
}

/** As many calls of the model as afterwards, each as before. */
function atOldLength({ before, after }: ComparedModel): bigint {
  return before.requests === 0n ? after.cost : scaled(before.cost, after.requests, before.requests);
}

/** As much text as afterwards, cached as before. */
function atOldCache(model: ComparedModel): bigint {
  const { before, after } = model;
  if (before.requests === 0n) return after.cost;
  const input =
    before.inputTokens === 0n ? after.inputCost : scaled(before.inputCost, after.inputTokens, before.inputTokens);
  return input + cellsAtOldPrice(model, (direction) => !INPUT_SIDE.has(direction));
}

/** The same tokens of every class as afterwards, at the average prices of before. */
function atOldPrice(model: ComparedModel): bigint {
  return model.before.requests === 0n ? model.after.cost : cellsAtOldPrice(model, () => true);
}

function cellsAtOldPrice({ before, after }: ComparedModel, isCounted: (direction: string) => boolean): bigint {
  return sumOf([...after.cells], ([direction, { quantity, costPicoUsd }]) => {
    if (!isCounted(direction)) return 0n;
    const old = before.cells.get(direction);
    return old === undefined || old.quantity === 0n ? costPicoUsd : scaled(old.costPicoUsd, quantity, old.quantity);
  });
}

function sumOf<Item>(items: readonly Item[], amount: (item: Item) => bigint): bigint {
  return items.reduce((sum, item) => sum + amount(item), 0n);
}

/** `cost x numerator / denominator`, to the nearest; the denominator is above zero. */
function scaled(cost: bigint, numerator: bigint, denominator: bigint): bigint {
  const doubled = 2n * cost * numerator;
  return (doubled + (doubled < 0n ? -denominator : denominator)) / (2n * denominator);
}
