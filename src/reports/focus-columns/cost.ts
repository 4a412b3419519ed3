import { MARKETPLACE_UNIT, PRICING_UNIT_PIECES, PRICING_UNIT_TOKENS } from '../../rating/pricing-unit.ts';
import { number, text } from '../cur-columns/column.ts';
import type { ExportColumn } from '../export-table.ts';
import { forFees, IS_FEE, IS_USAGE } from './charge-type.ts';

/** After discounts. Nothing here is paid ahead: what is billed for usage is what it cost. */
const COST = 'coalesce(line_item_net_unblended_cost, line_item_unblended_cost)';

/**
 * Per `PricingUnit`; null where the price book has no price, never zero. Models that no public list has are sold at the price
 * of the price book: that is their list price. A fee is one unit at its amount.
 */
const HAS_LIST_PRICE = "pricing_public_on_demand_rate != ''";
const LIST_UNIT_PRICE = forFees(
  COST,
  `toFloat64OrNull(if(${HAS_LIST_PRICE}, pricing_public_on_demand_rate, line_item_unblended_rate))`,
);
const LIST_COST = `if(${HAS_LIST_PRICE} OR NOT ${IS_USAGE}, pricing_public_on_demand_cost, line_item_unblended_cost)`;
const CONTRACTED_UNIT_PRICE = forFees(
  COST,
  "toFloat64OrNull(coalesce(nullIf(line_item_net_unblended_rate, ''), line_item_unblended_rate))",
);

const texts = (values: Iterable<string>) => `[${[...values].map((value) => `'${value}'`).join(', ')}]`;

/** Of what AWS Marketplace counts in `Units` that are no tokens only the usage type says what they are. */
const MARKETPLACE_PIECES = `multiIf(
  pricing_unit != '${MARKETPLACE_UNIT}' OR line_item_usage_type ILIKE '%token%', '',
  line_item_usage_type ILIKE '%image%', 'Images',
  line_item_usage_type ILIKE '%search_units%', 'Queries',
  'Units')`;

/** The name of one piece; empty for tokens. */
const PIECES = `if(${MARKETPLACE_PIECES} != '', ${MARKETPLACE_PIECES},
  transform(pricing_unit, ${texts(Object.keys(PRICING_UNIT_PIECES))}, ${texts(Object.values(PRICING_UNIT_PIECES))}, ''))`;

/** The unit of the usage amount as FOCUS writes units: `1000 Tokens`, `Images`. */
const PRICING_UNIT = forFees(
  "'Units'",
  `coalesce(nullIf(${PIECES}, ''), nullIf(transform(
  pricing_unit,
  ${texts(Object.keys(PRICING_UNIT_TOKENS))},
  ${texts(Object.values(PRICING_UNIT_TOKENS).map((tokens) => `${tokens} Tokens`))},
  pricing_unit), ''))`,
);

/** What a charge costs, by which price and quantity. SQL is over the columns of CUR 2.0. */
export const COSTS: readonly ExportColumn[] = [
  number('BilledCost', 'What is invoiced.', COST),
  text('BillingCurrency', 'Currency of the costs.', 'line_item_currency_code'),
  number('ConsumedQuantity', 'Tokens, images or other pieces.', `if(${IS_USAGE}, toFloat64(quantity_sum), NULL)`),
  text('ConsumedUnit', 'Unit of ConsumedQuantity.', `if(${IS_USAGE}, coalesce(nullIf(${PIECES}, ''), 'Tokens'), NULL)`),
  number('ContractedCost', 'ContractedUnitPrice times PricingQuantity.', COST),
  number('ContractedUnitPrice', 'Price of one PricingUnit after negotiated discounts.', CONTRACTED_UNIT_PRICE),
  number('EffectiveCost', 'Cost with prepayments spread over what they cover.', COST),
  number('ListCost', 'ListUnitPrice times PricingQuantity.', LIST_COST),
  number('ListUnitPrice', 'Public price of one PricingUnit.', LIST_UNIT_PRICE),
  text('PricingCategory', 'Standard, Dynamic, Committed or Other.', `if(${IS_USAGE} OR ${IS_FEE}, 'Standard', NULL)`),
  text('PricingCurrency', 'Currency of the price list.', 'pricing_currency'),
  number(
    'PricingCurrencyContractedUnitPrice',
    'ContractedUnitPrice in the currency of the price list.',
    CONTRACTED_UNIT_PRICE,
  ),
  number('PricingCurrencyEffectiveCost', 'EffectiveCost in the currency of the price list.', COST),
  number('PricingCurrencyListUnitPrice', 'ListUnitPrice in the currency of the price list.', LIST_UNIT_PRICE),
  number('PricingQuantity', 'Quantity in PricingUnit.', forFees('1', 'line_item_usage_amount')),
  text('PricingUnit', 'Unit that prices are for, such as 1000 Tokens.', PRICING_UNIT),
];
