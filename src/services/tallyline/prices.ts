import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { meterUnit } from '../../rating/meter.ts';
import type { PriceBook, PriceFilter } from '../../rating/price-book.ts';
import type { Price } from '../../rating/price-sheet.ts';

export interface PricesParts {
  readonly prices: PriceBook;
}

interface ListPricesInput {
  /** Part of a model id. */
  readonly ModelText?: string;
  readonly Region?: string;
  readonly Route?: NonNullable<PriceFilter['route']>;
  readonly Tier?: NonNullable<PriceFilter['tier']>;
  /** Absent: now. */
  readonly At?: Date;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const PAGE_MAX = 1_000;

/** The prices that calls are rated with at some time, and where each comes from. */
export function listPrices({ prices }: PricesParts): OperationHandler<ListPricesInput, unknown> {
  return {
    access: () => [{ action: 'tallyline:ListPrices', resource: '*' }],
    run: ({ input, nowMs }) => {
      const { ModelText, Region, Route, Tier, At, MaxResults = PAGE_MAX, NextToken } = input;
      const all = prices.prices({
        ...(ModelText !== undefined && { modelText: ModelText }),
        ...(Region !== undefined && { region: Region }),
        ...(Route !== undefined && { route: Route }),
        ...(Tier !== undefined && { tier: Tier }),
        atMs: At?.getTime() ?? nowMs,
      });
      const start = NextToken === undefined ? 0 : Number(NextToken);
      if (!Number.isSafeInteger(start) || start < 0) {
        throw new Fault('InvalidNextTokenException', 'the token is none of this list: begin without one');
      }
      const end = start + MaxResults;
      return {
        Prices: all.slice(start, end).map((price) => wirePrice(price, prices)),
        Total: all.length,
        ...(end < all.length && { NextToken: String(end) }),
      };
    },
  };
}

function wirePrice(price: Price, prices: PriceBook): unknown {
  const { priced } = meterUnit(price.meter);
  const { displayName, provider } = prices.model(price.modelId);
  return {
    PriceId: price.priceId,
    ModelId: price.modelId,
    ModelName: displayName,
    Provider: provider,
    Region: price.region,
    Routing: price.routing,
    Tier: price.tier,
    Context: price.context,
    Meter: price.meter,
    Usd: formatUsd(price.pricePicoUsd * priced.pieces),
    Unit: priced.name,
    Source: price.source,
    Certainty: price.certainty,
    ...(price.checked !== undefined && { Checked: price.checked }),
    ...(price.effectiveFromMs !== undefined && { EffectiveFrom: new Date(price.effectiveFromMs) }),
    ...(price.effectiveToMs !== undefined && { EffectiveTo: new Date(price.effectiveToMs) }),
  };
}
