import { parsePicoUsd } from '../kernel/money.ts';
import { billingPeriodEndMs, billingPeriodStartMs, bucketStartMs } from '../kernel/time.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import { correctionId, isClosedPeriod } from '../rating/correction.ts';
import { LineItemSum } from '../rating/itemize.ts';
import type { LineItem } from '../rating/line-item.ts';
import { countsTokens } from '../rating/meter.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { COUNTS_TOKENS } from '../reports/unit-sql.ts';

export interface RerateParts {
  readonly store: CostStore;
  readonly prices: PriceBook;
  readonly sliceInstants: () => readonly number[];
  /** All billing periods before it are closed. Empty: none is. */
  readonly firstOpenPeriod: () => string;
  /** The first period that has a bill; earlier ones are as if they were open. Absent: all have one. */
  readonly firstPeriod?: string;
}

/** What is compared, usage type by usage type and so on. */
export const COMPARED = ['usageType', 'account', 'principal'] as const;
export type Compared = (typeof COMPARED)[number];

/** Tokens and cost of one value of what is compared. */
export interface Sums {
  readonly tokens: bigint;
  readonly costPicoUsd: bigint;
  readonly netCostPicoUsd: bigint;
}

type SumsByValue = ReadonlyMap<string, Sums>;

/** What re-rating a billing period changes. */
export interface RatingChange {
  readonly usageEvents: number;
  /** The period whose lines change: itself, or the first open one when it is closed. */
  readonly billedIn: string;
  readonly before: Readonly<Record<Compared, SumsByValue>>;
  readonly after: Readonly<Record<Compared, SumsByValue>>;
}

/**
 * Rates every call of a billing period again at the present prices, from the usage events alone. With `apply` the result
 * takes the place of the line items of an open period in one step; of a closed one, the difference becomes corrections.
 */
export async function rerate(period: string, apply: boolean, parts: RerateParts): Promise<RatingChange> {
  const { store, firstPeriod: first } = parts;
  const firstOpenPeriod = parts.firstOpenPeriod();
  const isClosed = isClosedPeriod(period, { firstOpen: firstOpenPeriod, ...(first !== undefined && { first }) });
  const before = {
    usageType: await billedSums(period, 'usage_type', store),
    account: await billedSums(period, 'account_id', store),
    principal: await billedSums(period, 'principal_arn', store),
  };
  const after = { usageType: new Map(), account: new Map(), principal: new Map() };
  let usageEvents = 0;
  const counted = async function* (): AsyncGenerator<readonly LineItem[]> {
    for await (const { items, events } of ratedByBucket(store.usageEvents(period), parts)) {
      usageEvents += events;
      for (const item of items) {
        const sums = { ...item, tokens: item.meter !== '' && countsTokens(item.meter) ? item.quantity : 0n };
        addTo(after.usageType, item.usageType, sums);
        addTo(after.account, item.accountId, sums);
        addTo(after.principal, item.principalArn, sums);
      }
      yield items;
    }
  };
  if (!apply) for await (const _ of counted());
  else if (isClosed) {
    await store.restatePeriod(period, { firstOpenPeriod, correctionId: correctionId(period) }, counted());
  } else await store.replacePeriod(period, counted());
  return { usageEvents, billedIn: isClosed ? firstOpenPeriod : period, before, after };
}

/** Line items bucket by bucket: events come in the order of their admission, so one bucket is all that is ever held. */
async function* ratedByBucket(
  pages: AsyncIterable<readonly UsageEvent[]>,
  { prices, sliceInstants }: RerateParts,
): AsyncGenerator<{ items: LineItem[]; events: number }> {
  let sum = new LineItemSum(prices, sliceInstants());
  let bucketMs = Number.NEGATIVE_INFINITY;
  let events = 0;
  for await (const page of pages) {
    for (const event of page) {
      const eventBucketMs = bucketStartMs(event.admittedAtMs);
      if (eventBucketMs !== bucketMs) {
        if (events > 0) yield { items: sum.items(), events };
        sum = new LineItemSum(prices, sliceInstants());
        bucketMs = eventBucketMs;
        events = 0;
      }
      sum.add(event);
      events += 1;
    }
  }
  if (events > 0) yield { items: sum.items(), events };
}

/** What was billed for the usage of a period: in it, and in corrections since. */
async function billedSums(
  period: string,
  column: 'usage_type' | 'account_id' | 'principal_arn',
  store: CostStore,
): Promise<Map<string, Sums>> {
  const rows = await store.query<{ value: string; tokens: string; gross: string; net: string }>({
    sql: `SELECT ${column} AS value, sum(quantity * ${COUNTS_TOKENS}) AS tokens, toString(sum(cost)) AS gross, toString(sum(net_cost)) AS net
      FROM ${LINE_ITEM_TABLE}
      WHERE bucket_start >= {from:UInt32} AND (
        (bucket_start < {to:UInt32} AND charge_id = '') OR charge_id = {correction_id:String})
      GROUP BY value`,
    params: {
      from: billingPeriodStartMs(period) / 1_000,
      to: billingPeriodEndMs(period) / 1_000,
      correction_id: correctionId(period),
    },
  });
  return new Map(
    rows.map(({ value, tokens, gross, net }) => [
      value,
      { tokens: BigInt(tokens), costPicoUsd: parsePicoUsd(gross), netCostPicoUsd: parsePicoUsd(net) },
    ]),
  );
}

function addTo(sums: Map<string, Sums>, value: string, { tokens, costPicoUsd, netCostPicoUsd }: Sums): void {
  const known = sums.get(value);
  sums.set(value, {
    tokens: (known?.tokens ?? 0n) + tokens,
    costPicoUsd: (known?.costPicoUsd ?? 0n) + costPicoUsd,
    netCostPicoUsd: (known?.netCostPicoUsd ?? 0n) + netCostPicoUsd,
  });
}
