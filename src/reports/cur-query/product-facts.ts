import { parsePicoUsd } from '../../kernel/money.ts';
import type { Route, Tier } from '../../metering/usage-event.ts';
import { billingRegion } from '../../rating/billing-region.ts';
import { correctedPeriod } from '../../rating/correction.ts';
import type { ContextClass, RecordType } from '../../rating/line-item.ts';
import type { Meter } from '../../rating/meter.ts';
import { productAttributes, usageDescription } from '../../rating/usage-type.ts';
import { LineItemSql } from '../compile-sql/line-item-sql.ts';
import { Parameters } from '../compile-sql/parameters.ts';
import type { Ask, BillFacts, RowRequest } from '../export-table.ts';
import type { ReportFilter } from '../report-query.ts';
import type { TimeRange } from '../time-bucket.ts';

/** Columns of `line_item` that decide a row's description and `product` map. */
export const PRODUCT_KEY = [
  'usage_type',
  'model_id',
  'region',
  'price',
  'is_unpriced',
  'record_type',
  'charge_id',
  'service',
] as const;

/** Facts that the usage type spells out: the same on all line items of a product, as far as bills tell them apart. */
const USAGE_FACTS = ['meter', 'route', 'tier', 'context', 'is_batch'] as const;

interface SoldProduct {
  readonly usage_type: string;
  readonly model_id: string;
  readonly region: string;
  readonly meter: Meter;
  readonly route: Route;
  readonly tier: Tier;
  readonly context: ContextClass;
  readonly is_batch: number;
  /** USD per piece. */
  readonly price: string;
  readonly is_unpriced: number;
  readonly record_type: RecordType;
  readonly charge_id: string;
  readonly service: string;
}

const FACTS_TYPE =
  'Array(Tuple(usage_type String, model_id String, region String, price Decimal(38, 12), is_unpriced UInt8, ' +
  'record_type String, charge_id String, service String, tax_type String, description String, location String, product Map(String, String)))';

/** Products in one parameter: about 40 KB, a third of what a ClickHouse server takes as one field. */
const FACTS_PER_PARAMETER = 100;

/**
 * A SELECT of what is said about each product sold in the chunk. The words are made by `rating`, once per product, and
 * joined to the rows: a period has a few hundred products and millions of rows.
 */
export async function productFacts(
  { chunk: { range }, onlyAccountId, bill }: RowRequest,
  parameters: Parameters,
  ask: Ask,
): Promise<string> {
  const sold = await ask<SoldProduct>(soldProducts(range, onlyAccountId, bill));
  const facts = sold.map((product) => [...PRODUCT_KEY.map((name) => product[name]), ...describe(product, bill)]);
  const lists = [`CAST([], '${FACTS_TYPE}')`];
  for (let from = 0; from < facts.length; from += FACTS_PER_PARAMETER) {
    const part = JSON.stringify(facts.slice(from, from + FACTS_PER_PARAMETER));
    lists.push(`JSONExtract(${parameters.add('String', part)}, '${FACTS_TYPE}')`);
  }
  const names = [...PRODUCT_KEY, 'tax_type', 'description', 'location', 'product'];
  return `
  SELECT ${names.map((name) => `fact.${name} AS ${name}`).join(', ')}
  FROM (SELECT arrayJoin(arrayConcat(${lists.join(', ')})) AS fact)`;
}

function soldProducts(range: TimeRange, onlyAccountId: string | undefined, bill: BillFacts) {
  const parameters = new Parameters();
  const lineItem = new LineItemSql(range, bill, parameters);
  const columns = [...PRODUCT_KEY, ...USAGE_FACTS.map((name) => `min(${name}) AS ${name}`)];
  const sql = `
SELECT ${columns.join(', ')}
FROM ${lineItem.from(accountFilter(onlyAccountId))}
GROUP BY ${PRODUCT_KEY.join(', ')}`;
  return { sql, params: parameters.values };
}

/** One account's line items; without one, all. */
export function accountFilter(onlyAccountId: string | undefined): ReportFilter | undefined {
  return onlyAccountId === undefined ? undefined : { key: { dimension: 'account' }, equalsAny: [onlyAccountId] };
}

/** What follows the key in a tuple of `FACTS_TYPE`. */
function describe(sold: SoldProduct, bill: BillFacts): readonly unknown[] {
  const { usage_type, model_id, region, price, is_unpriced, record_type, charge_id, service, is_batch, ...usage } =
    sold;
  if (record_type !== 'Usage') {
    const { taxType = '', description = '' } = bill.chargeOf(charge_id) ?? {};
    return [taxType, description, '', { product_name: service, servicename: service }];
  }
  const model = bill.modelOf(model_id);
  // Bills name models of Amazon by the service and others by the model (unverified for models sold by AWS itself).
  const title = service === 'Amazon Bedrock' ? service : `${model.displayName} (Amazon Bedrock Edition)`;
  const facts = { ...usage, region, isBatch: is_batch === 1 };
  const description = usageDescription(usage_type, facts, is_unpriced ? undefined : parsePicoUsd(price));
  const corrected = correctedPeriod({ chargeId: charge_id });
  const attributes = productAttributes(model, facts);
  return [
    '',
    corrected === undefined ? description : `Correction of ${corrected}: ${description}`,
    billingRegion(region).location,
    { ...attributes, product_name: title, servicename: title, region },
  ];
}
