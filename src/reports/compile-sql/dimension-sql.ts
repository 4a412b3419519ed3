import { PRINCIPAL_SQL } from '../../kernel/principal-name.ts';
import { GUARDRAILS } from '../../rating/billed-feature.ts';
import { CORRECTION_PREFIX } from '../../rating/correction.ts';
import { isTokenMeter, METERS, TOKEN_METERS } from '../../rating/meter.ts';
import { inferenceType } from '../../rating/usage-type.ts';
import type { Dimension } from '../report-query.ts';

/** What the query brings along: no column says it. */
const CATALOG_DIMENSIONS = ['accountName', 'provider', 'modelName', 'state'] as const;
export type CatalogDimension = (typeof CATALOG_DIMENSIONS)[number];

const ON_DEMAND = { context: 'default', route: 'in_region', tier: 'standard', isBatch: false } as const;
const CONTEXTS = ['default', 'long_context'] as const;
const ROUTES = ['in_region', 'geo', 'global'] as const;
const TIERS = ['standard', 'priority', 'flex', 'reserved', 'latency_optimized'] as const;

/**
 * What each dimension is over a row of `line_item`. Functions of one LowCardinality column run once per distinct value,
 * not once per row.
 */
export const DIMENSION_SQL: Readonly<Record<Exclude<Dimension, CatalogDimension>, string>> = {
  principal: 'principal_arn',
  role: PRINCIPAL_SQL.role('principal_arn'),
  session: PRINCIPAL_SQL.session('principal_arn'),
  // The last resource of the ARN: names hold no slash, paths do.
  person: "extract(principal_arn, '[^/:]+$')",
  key: 'key_id',
  client: 'client',
  model: 'model_id',
  usageType: 'usage_type',
  direction: "if(startsWith(meter, 'cache_write'), 'cache write', replaceAll(meter, '_', ' '))",
  meter: 'meter',
  context: 'context',
  batch: yesOrNo('is_batch'),
  estimated: yesOrNo('is_estimated'),
  unpriced: yesOrNo('is_unpriced'),
  region: 'region',
  account: 'account_id',
  operation: 'operation',
  billedOperation: `multiIf(model_id = '${GUARDRAILS}', 'ApplyGuardrail',
    operation IN ('ConverseStream', 'InvokeModelWithResponseStream', 'RetrieveAndGenerateStream'), 'InvokeModelStreamingInference',
    operation IN ('', 'Rerank', 'Retrieve', 'InvokeModelInference', 'InvokeModelStreamingInference', 'Usage'), operation, 'InvokeModelInference')`,
  route: 'route',
  tier: 'tier',
  service: 'service',
  resource: 'resource_arn',
  upstream: 'upstream',
  recordType: 'record_type',
  invoiceLine: `if(startsWith(charge_id, '${CORRECTION_PREFIX}'), 'Correction', record_type)`,
  correctedPeriod: `if(startsWith(charge_id, '${CORRECTION_PREFIX}'), substring(charge_id, ${CORRECTION_PREFIX.length + 1}), '')`,
  all: "''",
  productCode: 'product_code',
  billingEntity: 'billing_entity',
  inferenceType: attributeOfCalls(inferenceTypeSql()),
  feature: attributeOfCalls("if(is_batch, 'Batch Inference', 'On-demand Inference')"),
};

export function isDimension(name: string): name is Dimension {
  return isCatalogDimension(name) || Object.hasOwn(DIMENSION_SQL, name);
}

export function isCatalogDimension(name: string): name is CatalogDimension {
  return (CATALOG_DIMENSIONS as readonly string[]).includes(name);
}

function yesOrNo(column: string): string {
  return `if(${column}, 'yes', 'no')`;
}

/** Credits, taxes and fees are no inference. */
export function attributeOfCalls(sql: string): string {
  return `if(record_type = 'Usage', ${sql}, '')`;
}

/**
 * The words are made by `rating`, once per combination of the columns that decide them. Of what counts no text tokens the
 * meter decides alone.
 */
function inferenceTypeSql(): string {
  const words = new Map<string, string>();
  for (const meter of TOKEN_METERS)
    for (const context of CONTEXTS)
      for (const route of ROUTES)
        for (const tier of TIERS) {
          const facts = { meter, context, route, tier, isBatch: false };
          words.set(`${meter} ${context} ${route} ${tier}`, inferenceType(facts));
        }
  const others = new Map<string, string>();
  for (const meter of METERS) {
    if (!isTokenMeter(meter)) others.set(meter, inferenceType({ ...ON_DEMAND, meter }));
  }
  const key = "concat(meter, ' ', context, ' ', route, ' ', tier)";
  const batch = "if(is_batch, ' batch', '')";
  return `multiIf(meter IN ${texts(others.keys(), '()')}, ${transformed('meter', others)},
    concat(${transformed(key, words)}, ${batch}))`;
}

function transformed(key: string, words: ReadonlyMap<string, string>): string {
  return `transform(${key}, ${texts(words.keys(), '[]')}, ${texts(words.values(), '[]')}, '')`;
}

function texts(values: Iterable<string>, [open, close]: Iterable<string>): string {
  return `${open}${[...values].map((value) => `'${value}'`).join(', ')}${close}`;
}
