import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '../../src/kernel/time.ts';
import type { Bill } from '../bill/delivery.ts';
import { BEDROCK_CALLERS, bedrockPrincipalOf } from './bedrock-part.ts';
import { PAYER } from './company.ts';
import { dayText } from './timeline.ts';

/** Days before today: what stands on AWS's bill that the ledger does not say, or says otherwise. */
const AROUND_DAYS = [12, 9] as const;
const UNNAMED_DAYS = [15, 14] as const;
const DEARER_DAYS = 8;
const DOUBLE_CHARGED_DAY = 17;
const DOUBLE_CHARGED_SESSION = 'answers-c41a-2';
/** A bill comes a day late. */
const BILLED_DAYS = 1;

/** Who calls Bedrock with keys of the time before the gateway. */
const AROUND = `arn:aws:iam::${PAYER}:user/legacy-search`;
/** What AWS grants on the list price of the model, and the configuration does not know of. */
const DISCOUNT = { model: 'Claude4.5Haiku', factor: 0.93 } as const;
const DEARER = { usageType: '%Claude4.5Sonnet%output-tokens%', factor: 1.06 } as const;

/**
 * AWS's bill for what went to Amazon Bedrock through the gateway, by day. Made of the ledger's own CUR 2.0, since AWS counts the
 * same; with usage that went around the gateway, a discount, a price that rose, days without names, and a cache that was billed twice.
 */
export class AwsBill implements Bill {
  readonly payer = PAYER;
  readonly months: readonly string[];
  readonly #exportFolder: string;
  readonly #nowMs: number;

  /** `exportFolder`: of a delivered export of CUR 2.0 by day with principals, one `BILLING_PERIOD=2026-10` each month. */
  constructor(exportFolder: string, nowMs: number) {
    this.#exportFolder = exportFolder;
    this.#nowMs = nowMs;
    const lastMonth = dayText(nowMs, BILLED_DAYS + 1).slice(0, 7);
    const months = readdirSync(join(exportFolder, 'data')).map((folder) => folder.replace('BILLING_PERIOD=', ''));
    this.months = months.filter((month) => month <= lastMonth).sort();
  }

  rows(month: string): string {
    const day = (ago: number) => `TIMESTAMP '${dayText(this.#nowMs, ago)}'`;
    const between = ([first, last]: readonly [number, number]) => `starts BETWEEN ${day(first)} AND ${day(last)}`;
    const isOver = month < new Date(this.#nowMs - 2 * DAY_MS).toISOString().slice(0, 7);
    const files = join(this.#exportFolder, 'data', `BILLING_PERIOD=${month}`, '*.parquet');
    const callers = BEDROCK_CALLERS.map((role) => `'${role}'`).join(', ');
    const renamed = bedrockPrincipalOf(`:assumed-role/${BEDROCK_CALLERS[0]}/\\1`);
    return `
WITH used AS (
  SELECT * EXCLUDE (line_item_usage_start_date), make_timestamp(epoch_us(line_item_usage_start_date)) AS starts,
    regexp_extract(line_item_iam_principal, ':assumed-role/([^/]+)/', 1) AS role, line_item_usage_type AS usage_type,
    line_item_usage_amount AS amount, line_item_unblended_cost AS list, line_item_unblended_cost AS cost, '' AS note,
    regexp_replace(line_item_iam_principal, '.*:assumed-role/[^/]+/(.*)', '${renamed}') AS principal
  FROM read_parquet('${files}', hive_partitioning = false)
  WHERE role IN (${callers}) AND starts < ${day(BILLED_DAYS)}
),
priced AS (
  SELECT * REPLACE (
    CASE WHEN usage_type LIKE '%${DISCOUNT.model}%' THEN list * ${DISCOUNT.factor}
      WHEN usage_type LIKE '${DEARER.usageType}' AND starts >= ${day(DEARER_DAYS)} THEN list * ${DEARER.factor} ELSE list END AS cost,
    CASE WHEN usage_type LIKE '${DEARER.usageType}' AND starts >= ${day(DEARER_DAYS)} THEN list * ${DEARER.factor} ELSE list END AS list)
  FROM used
),
named AS (
  SELECT * REPLACE (
    CASE WHEN role = 'AgentAssist' AND ${between(UNNAMED_DAYS)} THEN NULL ELSE principal END AS principal,
    CASE WHEN role = 'AgentAssist' AND ${between(UNNAMED_DAYS)} THEN MAP {} ELSE tags END AS tags)
  FROM priced
),
around AS (
  SELECT * REPLACE ('${AROUND}' AS principal, MAP {} AS tags, 'around' AS note)
  FROM used WHERE role = 'DocsSearch' AND usage_type LIKE '%Sonnet%' AND ${between(AROUND_DAYS)}
),
doubled AS (
  SELECT input.* REPLACE ('doubled' AS note, cached.amount AS amount,
    cached.amount * input.list / input.amount AS list, cached.amount * input.list / input.amount AS cost)
  FROM used AS input JOIN used AS cached USING (principal, starts)
  WHERE starts = ${day(DOUBLE_CHARGED_DAY)} AND ends_with(principal, '/${DOUBLE_CHARGED_SESSION}')
    AND cached.usage_type = replace(input.usage_type, 'input-tokens', 'cache-read-input-token-count') AND cached.usage_type != input.usage_type
),
line AS (FROM named UNION ALL BY NAME FROM around UNION ALL BY NAME FROM doubled)
SELECT
  'Anniversary' AS bill_bill_type, 'AWS' AS bill_billing_entity, '${PAYER}' AS bill_payer_account_id,
  '${isOver ? `EUINDE${month.replace('-', '')}-7731` : ''}' AS bill_invoice_id,
  TIMESTAMP '${month}-01' AS bill_billing_period_start_date, TIMESTAMP '${month}-01' + INTERVAL 1 MONTH AS bill_billing_period_end_date,
  md5(coalesce(principal, '') || role || line_item_iam_principal || usage_type || starts::VARCHAR || note) AS identity_line_item_id,
  starts AS line_item_usage_start_date, starts + INTERVAL 1 DAY AS line_item_usage_end_date,
  line_item_usage_account_id, 'Usage' AS line_item_line_item_type, line_item_product_code, usage_type AS line_item_usage_type,
  line_item_operation, 'USD' AS line_item_currency_code, principal AS line_item_iam_principal, amount AS line_item_usage_amount,
  pricing_unit, 'OnDemand' AS pricing_term, cost AS line_item_unblended_cost, list AS pricing_public_on_demand_cost,
  product_region_code, 'Amazon Bedrock' AS product_product_family, product, tags
FROM line
ORDER BY line_item_usage_start_date, line_item_iam_principal, line_item_usage_type`;
  }
}
