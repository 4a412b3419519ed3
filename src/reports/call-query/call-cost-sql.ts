import type { ContextClass } from '../../rating/line-item.ts';
import { METERS, type Meter } from '../../rating/meter.ts';
import type { PriceBook, TariffKey } from '../../rating/price-book.ts';
import { chargedCall, pricesOf } from '../../rating/rate.ts';
import type { Parameters } from '../compile-sql/parameters.ts';

/** What calls have in common that chooses their prices, but for the time and the length of the input. */
export interface CallKind extends Omit<TariffKey, 'context'> {
  readonly isHeld: boolean;
  /** Of the first and the last call. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Meters beside tokens that some call used. */
  readonly unitMeters: readonly Meter[];
}

/** The prices that calls of some kinds have, stretch by stretch of time. */
export interface CallTariffs {
  /** When some price changes, ascending: milliseconds since the epoch. The first stretch ends with the first of them. */
  readonly changesMs: readonly number[];
  /** One for each kind and stretch. */
  readonly tariffs: readonly CallTariff[];
  /** Meters beside tokens that any kind used. */
  readonly unitMeters: readonly Meter[];
}

interface CallTariff {
  /** As `KIND_SQL` makes it, with the number of the stretch. */
  readonly key: string;
  /** Input tokens, cached ones included, up to which the default prices hold. */
  readonly thresholdTokens: number;
  /** Price of a piece, by meter; zero where there is none. */
  readonly price: (meter: Meter, context: ContextClass) => bigint;
}

/** The columns of tokens, by meter. */
const TOKEN_COLUMNS = {
  input: 'input_tokens',
  output: 'output_tokens',
  cache_read: 'ifNull(cache_read_input_tokens, 0)',
  cache_write_5m: 'ifNull(cache_write_5m_input_tokens, 0)',
  cache_write_1h: 'ifNull(cache_write_1h_input_tokens, 0)',
} as const satisfies Partial<Record<Meter, string>>;
const TOKEN_METERS = Object.keys(TOKEN_COLUMNS) as (keyof typeof TOKEN_COLUMNS)[];
const INPUT_TOKENS = `(${Object.entries(TOKEN_COLUMNS)
  .filter(([meter]) => meter !== 'output')
  .map(([, column]) => column)
  .join(' + ')})`;

const NO_THRESHOLD = Number.MAX_SAFE_INTEGER;

/** Everything that calls of these kinds can cost. */
export function callTariffs(kinds: readonly CallKind[], prices: PriceBook): CallTariffs {
  const changes = new Set<number>();
  for (const kind of kinds) for (const atMs of changesOf(kind, prices)) changes.add(atMs);
  const changesMs = [...changes].sort((a, b) => a - b);
  const tariffs = kinds.flatMap((kind) =>
    [Number.NEGATIVE_INFINITY, ...changesMs].flatMap((startMs, stretch) => {
      const endMs = changesMs[stretch] ?? Number.POSITIVE_INFINITY;
      if (kind.lastMs < startMs || kind.firstMs >= endMs) return [];
      return [tariffOf(kind, Math.max(startMs, kind.firstMs), stretch, prices)];
    }),
  );
  const used = new Set<Meter>(kinds.flatMap(({ unitMeters }) => unitMeters));
  return { changesMs, tariffs, unitMeters: METERS.filter((meter) => used.has(meter)) };
}

/** What a call costs in pico-USD, exactly, as `rate` has it; over the columns of `usage_event`. */
export function callCostSql({ changesMs, tariffs, unitMeters }: CallTariffs, parameters: Parameters): string {
  if (tariffs.length === 0) return 'toInt128(0)';
  const changes = parameters.add('Array(Int64)', changesMs);
  const stretch = `arrayCount(at -> at <= toUnixTimestamp64Milli(admitted_at), ${changes})`;
  const keys = parameters.add(
    'Array(String)',
    tariffs.map(({ key }) => key),
  );
  const places = parameters.add(
    'Array(UInt32)',
    tariffs.map((_, index) => index + 1),
  );
  const place = `transform(concat(${KIND_SQL}, '\\n', toString(${stretch})), ${keys}, ${places}, toUInt32(0))`;
  const thresholds = parameters.add(
    'Array(UInt64)',
    tariffs.map(({ thresholdTokens }) => thresholdTokens),
  );
  const hasLong = tariffs.some(({ thresholdTokens }) => thresholdTokens !== NO_THRESHOLD);
  const price = (meter: Meter) => {
    const of = (context: ContextClass) => {
      const amounts = tariffs.map((tariff) => tariff.price(meter, context).toString());
      return `arrayMap(price -> toInt128(price), ${parameters.add('Array(String)', amounts)})[${place}]`;
    };
    return hasLong
      ? `if(${INPUT_TOKENS} > ${thresholds}[${place}], ${of('long_context')}, ${of('default')})`
      : of('default');
  };
  const tokens = TOKEN_METERS.map((meter) => `toInt128(${TOKEN_COLUMNS[meter]}) * ${price(meter)}`);
  const units = unitMeters.map((meter) => `toInt128OrZero(units['${meter}']) * ${price(meter)}`);
  return [...tokens, ...units].join(' + ');
}

const KIND_SQL = ['model_id', 'region', 'route', 'tier', 'toString(is_batch)', 'toString(is_held)'].join(", '\\n', ");

function tariffOf(kind: CallKind, atMs: number, stretch: number, prices: PriceBook): CallTariff {
  const { modelId, region, route, tier, isBatch, isHeld } = kind;
  const isLong = prices.contextClass(modelId, NO_THRESHOLD, atMs) === 'long_context';
  return {
    key: [modelId, region, route, tier, Number(isBatch), Number(isHeld), stretch].join('\n'),
    thresholdTokens: isLong ? prices.model(modelId).longContextThresholdTokens! : NO_THRESHOLD,
    price: (meter, context) =>
      chargedCall({ ...kind, context }, { meter, pieces: 1, accountId: '', atMs }, prices).costPicoUsd,
  };
}

/** The instants after a kind's first call, up to its last one, at which one of its prices changes. */
function* changesOf(kind: CallKind, prices: PriceBook): Generator<number> {
  const { firstMs, lastMs } = kind;
  for (const meter of [...TOKEN_METERS, ...kind.unitMeters]) {
    for (const context of ['default', 'long_context'] as const) {
      for (const { effectiveFromMs = Number.NEGATIVE_INFINITY } of pricesOf({ ...kind, context }, meter, prices)) {
        if (effectiveFromMs > firstMs && effectiveFromMs <= lastMs) yield effectiveFromMs;
      }
    }
  }
}
