import { type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { type ModelNames, readBilledUsage, type UnreadText } from '../rating/billed-usage.ts';
import { inBook } from './book.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CostStore } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';
import type { Visibility } from './visibility.ts';

/** Usage of imported bills whose kind was not understood in full: it is counted, under the bill's own words. */
export interface UnrecognisedUsage {
  readonly usageType: string;
  readonly productCode: string;
  readonly service: string;
  readonly operation: string;
  readonly pricingUnit: string;
  /** In AWS's words. */
  readonly lineType: string;
  /** What of it was not understood. */
  readonly unread: readonly UnreadText[];
  readonly rows: number;
  readonly costPicoUsd: PicoUsd;
  readonly firstMs: number;
  readonly lastMs: number;
  /** A few descriptions, and who caused it, as the bill has them. */
  readonly descriptions: readonly string[];
  readonly principals: readonly string[];
}

export interface UnrecognisedReport {
  /** The costliest first, at most `KINDS_MAX`. */
  readonly kinds: readonly UnrecognisedUsage[];
  readonly rows: number;
  readonly costPicoUsd: PicoUsd;
  /** All rows of the bill in the range, and what they cost. */
  readonly allRows: number;
  readonly allPicoUsd: PicoUsd;
}

export const KINDS_MAX = 500;
const EXAMPLES = 3;

interface KindRow {
  readonly usage_type: string;
  readonly product_code: string;
  readonly service: string;
  readonly billing_entity: string;
  readonly operation: string;
  readonly pricing_unit: string;
  readonly line_type: string;
  readonly region: string;
  readonly row_count: number | string;
  readonly usd: string;
  readonly first_second: number;
  readonly last_second: number;
  readonly descriptions: readonly string[];
  readonly principals: readonly string[];
  readonly resources: readonly string[];
}

const KIND = [
  ...['usage_type', 'product_code', 'service', 'billing_entity', 'operation', 'pricing_unit', 'line_type', 'region'],
];

export async function unrecognisedUsage(
  { range, visible, signal }: { readonly range: TimeRange; readonly visible: Visibility; readonly signal: AbortSignal },
  {
    store,
    costCatalog,
    models,
  }: {
    readonly store: CostStore;
    readonly costCatalog: () => CostCatalog;
    readonly models: ModelNames;
  },
): Promise<UnrecognisedReport> {
  const ask = async <Row>(select: (from: string) => string): Promise<Row[]> => {
    const parameters = new Parameters();
    // Without instants to tell apart rows are read one by one: sums of days do not say what was understood.
    const from = new LineItemSql(range, inBook(costCatalog(), 'bill'), parameters).from(undefined, { visible });
    return await store.query<Row>({ sql: select(from), params: parameters.values }, signal);
  };
  const kinds = await ask<KindRow>(
    (from) => `
SELECT ${KIND.join(', ')}, count() AS row_count, toString(sum(cost)) AS usd,
  toUnixTimestamp(min(bucket_start)) AS first_second, toUnixTimestamp(max(bucket_start)) AS last_second,
  arraySort(groupUniqArray(${EXAMPLES})(description)) AS descriptions,
  arraySort(groupUniqArrayIf(${EXAMPLES})(principal_arn, principal_arn != '')) AS principals,
  groupUniqArray(1)(resource_arn) AS resources
FROM ${from} AND is_recognised = 0
GROUP BY ${KIND.join(', ')}
ORDER BY sum(cost) DESC, usage_type, operation
LIMIT ${KINDS_MAX}`,
  );
  const [sums] = await ask<{ all_rows: string; all_usd: string; unread_rows: string; unread_usd: string }>(
    (from) => `
SELECT count() AS all_rows, toString(sum(cost)) AS all_usd,
  countIf(is_recognised = 0) AS unread_rows, toString(sumIf(cost, is_recognised = 0)) AS unread_usd
FROM ${from}`,
  );
  return {
    kinds: kinds.map((kind) => readKind(kind, models)),
    rows: Number(sums?.unread_rows ?? 0),
    costPicoUsd: parsePicoUsd(sums?.unread_usd ?? '0'),
    allRows: Number(sums?.all_rows ?? 0),
    allPicoUsd: parsePicoUsd(sums?.all_usd ?? '0'),
  };
}

function readKind(kind: KindRow, models: ModelNames): UnrecognisedUsage {
  const { unread } = readBilledUsage(
    {
      ...{ billingEntity: kind.billing_entity, productCode: kind.product_code, productFamily: 'Amazon Bedrock' },
      ...{ productName: kind.service, serviceName: kind.service, usageType: kind.usage_type },
      ...{ operation: kind.operation, pricingUnit: kind.pricing_unit, description: kind.descriptions[0] ?? '' },
      // What the product map said is not kept.
      ...{ model: '', provider: '', inferenceType: '', feature: '', region: kind.region, regionCode: kind.region },
      ...{ modelResource: kind.resources[0] ?? '', lineType: kind.line_type },
    },
    models,
  );
  return {
    usageType: kind.usage_type,
    productCode: kind.product_code,
    service: kind.service,
    operation: kind.operation,
    pricingUnit: kind.pricing_unit,
    lineType: kind.line_type,
    unread,
    rows: Number(kind.row_count),
    costPicoUsd: parsePicoUsd(kind.usd),
    firstMs: Number(kind.first_second) * SECOND_MS,
    lastMs: Number(kind.last_second) * SECOND_MS,
    descriptions: kind.descriptions.filter((text) => text !== ''),
    principals: kind.principals,
  };
}
