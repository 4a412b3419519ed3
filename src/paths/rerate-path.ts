import { parsePicoUsd } from '../kernel/money.ts';
import { billingPeriodEndMs, billingPeriodStartMs, bucketStartMs } from '../kernel/time.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import { LineItemSum } from '../rating/itemize.ts';
import type { LineItem } from '../rating/line-item.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { rate } from '../rating/rate.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';

export interface RerateParts {
  readonly store: CostStore;
  readonly prices: PriceBook;
  readonly sliceInstants: () => readonly number[];
}

/** Tokens and cost of one usage type. */
interface Sums {
  readonly quantity: bigint;
  readonly costPicoUsd: bigint;
}

/** What re-rating a billing period changes. */
export interface RatingChange {
  readonly usageEvents: number;
  readonly before: ReadonlyMap<string, Sums>;
  readonly after: ReadonlyMap<string, Sums>;
}

/**
 * Rates every call of a billing period again at the present prices, from the usage events alone. With `apply` the result
 * takes the place of the period's line items in one step. Only the caller knows whether the period is still open.
 */
export async function rerate(period: string, apply: boolean, parts: RerateParts): Promise<RatingChange> {
  const before = await storedSums(period, parts.store);
  const after = new Map<string, Sums>();
  let usageEvents = 0;
  const counted = async function* (): AsyncGenerator<readonly LineItem[]> {
    for await (const { items, events } of ratedByBucket(parts.store.usageEvents(period), parts)) {
      usageEvents += events;
      for (const item of items) addTo(after, item.usageType, item);
      yield items;
    }
  };
  if (apply) await parts.store.replacePeriod(period, counted());
  else for await (const _ of counted());
  return { usageEvents, before, after };
}

/** Line items bucket by bucket: events come in the order of their admission, so one bucket is all that is ever held. */
async function* ratedByBucket(
  pages: AsyncIterable<readonly UsageEvent[]>,
  { prices, sliceInstants }: RerateParts,
): AsyncGenerator<{ items: LineItem[]; events: number }> {
  let sum = new LineItemSum(sliceInstants());
  let bucketMs = Number.NEGATIVE_INFINITY;
  let events = 0;
  for await (const page of pages) {
    for (const event of page) {
      const eventBucketMs = bucketStartMs(event.admittedAtMs);
      if (eventBucketMs !== bucketMs) {
        if (events > 0) yield { items: sum.items(), events };
        sum = new LineItemSum(sliceInstants());
        bucketMs = eventBucketMs;
        events = 0;
      }
      sum.add(event, rate(event, prices));
      events += 1;
    }
  }
  if (events > 0) yield { items: sum.items(), events };
}

async function storedSums(period: string, store: CostStore): Promise<Map<string, Sums>> {
  const rows = await store.query<{ usage_type: string; quantity: string; cost: string }>({
    sql: `SELECT usage_type, sum(quantity) AS quantity, toString(sum(cost)) AS cost FROM ${LINE_ITEM_TABLE}
      WHERE bucket_start >= fromUnixTimestamp64Milli({from:Int64}) AND bucket_start < fromUnixTimestamp64Milli({to:Int64})
      GROUP BY usage_type`,
    params: { from: billingPeriodStartMs(period), to: billingPeriodEndMs(period) },
  });
  return new Map(
    rows.map(({ usage_type, quantity, cost }) => [
      usage_type,
      { quantity: BigInt(quantity), costPicoUsd: parsePicoUsd(cost) },
    ]),
  );
}

function addTo(sums: Map<string, Sums>, usageType: string, { quantity, costPicoUsd }: Sums): void {
  const known = sums.get(usageType);
  sums.set(usageType, {
    quantity: (known?.quantity ?? 0n) + quantity,
    costPicoUsd: (known?.costPicoUsd ?? 0n) + costPicoUsd,
  });
}
