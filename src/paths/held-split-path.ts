import { type HeldHour, type HourUse, type SplitRule, splitHours } from '../allocation/held-split.ts';
import { Fault } from '../kernel/fault.ts';
import { type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { billingPeriodEndMs, billingPeriodStartMs } from '../kernel/time.ts';
import { HELD_METERS, type Meter } from '../rating/meter.ts';
import { type PriceBook, priceAt } from '../rating/price-book.ts';
import { BESIDE_THE_MODEL } from '../rating/rate.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';

export interface HeldSplitParts {
  readonly store: CostStore;
  readonly prices: PriceBook;
}

/** The share of one principal in one model that is paid for by the hour, in one billing period. */
export interface HeldShare {
  readonly resourceArn: string;
  /** Empty: hours that nobody used. */
  readonly principalArn: string;
  readonly costPicoUsd: PicoUsd;
  readonly rule: SplitRule;
}

/** Rows of hours, principals and meters of one question. */
const ROWS_MAX = 1_000_000;

interface UsedRow {
  readonly resource_arn: string;
  readonly hour: number;
  readonly principal_arn: string;
  readonly model_id: string;
  readonly region: string;
  readonly meter: Meter;
  readonly pieces: string;
  readonly requests: string;
  readonly cost: string;
}

/**
 * Who used what is paid for by the hour: costs and uses by hour > each hour's cost shared out by use > summed by principal. By
 * tokens, each weighted with the list price of its class on demand; where the model has no such prices, by requests. An hour
 * that nobody used is idle.
 */
export async function heldSplit(period: string, { store, prices }: HeldSplitParts): Promise<HeldShare[]> {
  const rows = await store.query<UsedRow>(question(period));
  if (rows.length > ROWS_MAX) {
    throw new Fault('QueryInvalid', `the period has more than \`${ROWS_MAX}\` hours, principals and meters`);
  }
  return [...Map.groupBy(rows, ({ resource_arn }) => resource_arn)].flatMap(([resourceArn, ofModel]) => {
    const uses = ofModel.filter(({ meter }) => !isHeld(meter));
    const weights = uses.map((row) => weightOf(row, prices));
    const rule: SplitRule = weights.includes(undefined) ? 'requests' : 'tokens';
    const hours = new Map<number, { costPicoUsd: PicoUsd; uses: HourUse[] }>();
    const hourOf = (hour: number) => {
      const known = hours.get(hour) ?? { costPicoUsd: 0n, uses: [] };
      hours.set(hour, known);
      return known;
    };
    for (const { hour, cost } of ofModel.filter(({ meter }) => isHeld(meter))) {
      hourOf(hour).costPicoUsd += parsePicoUsd(cost);
    }
    for (const [index, { hour, principal_arn, requests }] of uses.entries()) {
      hourOf(hour).uses.push({
        ...{ principalArn: principal_arn, weight: weights[index] ?? 0n, requests: BigInt(requests) },
      });
    }
    const shares = splitHours(hours.values() as Iterable<HeldHour>, rule);
    return [...shares]
      .filter(([, costPicoUsd]) => costPicoUsd !== 0n)
      .map(([principalArn, costPicoUsd]): HeldShare => ({ resourceArn, principalArn, costPicoUsd, rule }))
      .sort((a, b) => (a.costPicoUsd === b.costPicoUsd ? 0 : a.costPicoUsd > b.costPicoUsd ? -1 : 1));
  });
}

function isHeld(meter: Meter): boolean {
  return (HELD_METERS as readonly Meter[]).includes(meter);
}

/** Undefined where the list has no price. */
function weightOf({ model_id, region, meter, pieces, hour }: UsedRow, prices: PriceBook): bigint | undefined {
  const { of } = prices.tariff({ modelId: model_id, region, ...BESIDE_THE_MODEL });
  const price = priceAt(of(meter).listPrices, hour * 1_000);
  return price && BigInt(pieces) * price.pricePicoUsd;
}

/** What guardrails and the like cost beside such a model is no use of it. */
function question(period: string) {
  const held = HELD_METERS.map((meter) => `'${meter}'`).join(', ');
  return {
    sql: `SELECT resource_arn, toUnixTimestamp(toStartOfHour(bucket_start)) AS hour, principal_arn, model_id, region, meter,
        sum(quantity) AS pieces, sum(requests) AS requests, toString(sum(cost)) AS cost
      FROM ${LINE_ITEM_TABLE}
      WHERE bucket_start >= {from:UInt32} AND bucket_start < {to:UInt32} AND record_type = 'Usage'
        AND (meter IN (${held}) OR price_id = 'held')
      GROUP BY resource_arn, hour, principal_arn, model_id, region, meter
      ORDER BY resource_arn, hour, principal_arn, meter
      LIMIT ${ROWS_MAX + 1}`,
    params: { from: billingPeriodStartMs(period) / 1_000, to: billingPeriodEndMs(period) / 1_000 },
  };
}
