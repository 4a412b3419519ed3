import { byPricingUnit } from '../unit-sql.ts';

const IS_USAGE = "record_type = 'Usage'";

/** Pieces in one unit of the row: tokens, or one of anything else. */
const UNIT_PIECES = byPricingUnit((tokens) => tokens, 1n);

/** USD per pricing unit in decimal notation; empty where the price book has no price, never zero, and for what is no usage. */
const rate = (price: string) => `if(is_unpriced = 1 OR NOT ${IS_USAGE}, '', toString(${price} * ${UNIT_PIECES}))`;

/** Exact decimals become doubles through text, because the engine's own division can be off by a bit. */
const amount = `toFloat64(toString(-toDecimal128(price, 12) * quantity_sum))`;

/**
 * What columns say in words of bills that the ledger has no words for, by the names that every row source of CUR 2.0 gives
 * them; over sums of line items.
 */
export const LEDGER_WORDS: Readonly<Record<string, string>> = {
  bill_kind: "transform(record_type, ['Fee', 'Refund'], ['Purchase', 'Refund'], 'Anniversary')",
  line_kind: 'record_type',
  /** On AWS Marketplace the vendor of the model (unverified). */
  seller_name: `if(billing_entity = 'AWS' OR NOT ${IS_USAGE}, 'Amazon Web Services, Inc.', product['provider'])`,
  unit_rate: rate('price'),
  net_unit_rate: rate('net_price'),
  /** No public price is known of models with own prices alone, and of what AWS Marketplace sells. */
  public_unit_rate: `if(list_price = 0 AND (startsWith(price_id, 'override/') OR billing_entity != 'AWS'), '', ${rate('list_price')})`,
  unit_count: `if(${IS_USAGE}, quantity_sum / ${UNIT_PIECES}, NULL)`,
  discount_amounts: `mapApply((name, price) -> (name, ${amount}), discount_prices)`,
};
