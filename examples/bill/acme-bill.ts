import type { Bill } from './delivery.ts';

const DAY_MS = 86_400_000;
/** Long enough ago for a week before it and some days after it. */
const STORY_DAYS_AGO = 9;

const PAYER = '111122223333';
const ACCOUNT = '444455556666';

/** Vendor's spelling in usage types, name, provider, and USD per million tokens: input, output, cache read, cache write. */
const MODELS = [
  ['Claude4.6Sonnet', 'Claude Sonnet 4.6', 'Anthropic', 'AmazonBedrockService', 3.3, 16.5, 0.33, 4.125],
  ['Claude4.5Haiku', 'Claude Haiku 4.5', 'Anthropic', 'AmazonBedrockService', 1.1, 5.5, 0.11, 1.375],
  ['NovaLite', 'Nova Lite', 'Amazon', 'AmazonBedrock', 0.06, 0.24, 0.015, 0],
] as const;

/** Who calls which model in which hours of the day, with how many thousand tokens of prompts an hour and how much cached. */
const WORKLOADS = [
  ['app-1', 'web', 'storefront', 'Claude4.5Haiku', 6, 24, 9_000, 0.62],
  ['app-2', 'web', 'storefront', 'NovaLite', 0, 24, 20_000, 0],
  ['app-3', 'worker', 'payments', 'Claude4.5Haiku', 0, 24, 6_000, 0.4],
  ['app-4', 'support-bot', 'support', 'Claude4.6Sonnet', 7, 22, 7_500, 0.7],
  ['app-5', 'search', 'search', 'NovaLite', 0, 24, 42_000, 0],
  ['app-6', 'reviewer', 'platform', 'Claude4.6Sonnet', 8, 20, 5_200, 0.55],
  ['app-7', 'nightly', 'data-science', 'Claude4.6Sonnet', 1, 6, 88_000, 0.81],
  ['app-7', 'web', 'data-science', 'Claude4.5Haiku', 6, 22, 2_000, 0.5],
  ['app-8', 'summaries', 'support', 'Claude4.5Haiku', 0, 24, 3_500, 0.3],
  ['app-9', 'etl', 'data-science', 'NovaLite', 2, 5, 60_000, 0],
  ['app-10', 'drafts', 'marketing', 'Claude4.6Sonnet', 8, 19, 1_800, 0.2],
  ['app-11', 'translate', 'marketing', 'NovaLite', 0, 24, 5_000, 0],
  ['app-12', 'forecasts', 'finance', 'Claude4.5Haiku', 4, 7, 7_000, 0.35],
] as const;

/** People who code with an assistant: one role, a session each. */
const PEOPLE = ['ana', 'ben', 'chloe', 'dmitri', 'elif', 'farid', 'grace', 'hugo', 'ines', 'jonas', 'kira', 'liam'];

const KINDS = [
  ['input', 'Input tokens', 'input-tokens'],
  ['output', 'Output tokens', 'output-tokens'],
  ['read', 'Cache read input tokens', 'cache-read-input-token-count'],
  ['write', 'Cache write input tokens', 'cache-write-input-token-count'],
] as const;

/** Acme's bill up to a day: what it says of the month of that day and of the month before. */
export class AcmeBill implements Bill {
  readonly payer = PAYER;
  readonly #endDay: string;
  readonly #cacheLostAt: string;
  readonly #cacheBackAt: string;
  readonly months: readonly string[];
  /** The first day that cost more, and the day after the last one. */
  readonly story: { readonly from: string; readonly to: string };

  /** `nowMs`: today, UTC, is not on the bill yet. */
  constructor(nowMs: number) {
    const day = (ago: number) => new Date(nowMs - ago * DAY_MS).toISOString().slice(0, 10);
    this.#endDay = day(0);
    this.story = { from: day(STORY_DAYS_AGO), to: day(STORY_DAYS_AGO - 3) };
    // The nightly job of app-7 puts the time into the first line of its prompts: the cache knows none of them.
    this.#cacheLostAt = `${this.story.from} 02:00:00`;
    this.#cacheBackAt = `${this.story.to} 09:00:00`;
    const last = day(1).slice(0, 7);
    const before = new Date(Date.parse(`${last}-01`) - DAY_MS).toISOString().slice(0, 7);
    this.months = [before, last];
  }

  rows(month: string): string {
    const workloads = [
      ...WORKLOADS.map(([app, session, team, ...rest]) => [app, session, team, ...rest] as const),
      ...PEOPLE.map((name, index) => {
        const team = ['platform', 'payments', 'search', 'storefront'][index % 4]!;
        return [
          'CodingAssistant',
          `${name}@example.com`,
          team,
          'Claude4.6Sonnet',
          8,
          19,
          900 + 70 * index,
          0.74,
        ] as const;
      }),
    ];
    return `
WITH workload(role, session, team, model, from_hour, to_hour, prompts, cached) AS (VALUES ${tuples(workloads)}),
model(model, model_name, provider, code, input, output, read, write) AS (VALUES ${tuples(MODELS)}),
kind(kind, inference_type, word) AS (VALUES ${tuples(KINDS)}),
hour AS (
  SELECT unnest(generate_series(TIMESTAMP '${month}-01', TIMESTAMP '${month}-01' + INTERVAL 1 MONTH - INTERVAL 1 HOUR, INTERVAL 1 HOUR)) AS starts
),
-- The prompts of an hour: less at weekends, a little more every week, and never quite the same.
used AS (
  SELECT *, 'USE1-' || model || '-' || word AS usage_type,
    prompts * (CASE WHEN isodow(starts) > 5 AND role NOT IN ('app-7', 'app-9', 'app-12') THEN 0.35 ELSE 1 END)
      * (1 + 0.004 * date_diff('day', TIMESTAMP '${this.months[0]}-01', starts))
      * (0.88 + 0.24 * (hash(role, session, starts) / 18446744073709551616.0)) AS prompt,
    role = 'app-7' AND session = 'nightly' AND starts >= TIMESTAMP '${this.#cacheLostAt}' AND starts < TIMESTAMP '${this.#cacheBackAt}' AS is_lost
  FROM workload JOIN model USING (model), hour, kind
  WHERE starts < TIMESTAMP '${this.#endDay}' AND hour(starts) >= from_hour AND hour(starts) < to_hour
),
counted AS (
  SELECT *, CASE kind
      WHEN 'input' THEN prompt * (1 - cached)
      WHEN 'output' THEN prompt * 0.09
      WHEN 'read' THEN CASE WHEN is_lost THEN prompt * cached * 0.03 ELSE prompt * cached END
      WHEN 'write' THEN CASE WHEN is_lost THEN prompt * cached * 0.97 ELSE prompt * cached * 0.04 END END AS exact,
    CASE kind WHEN 'input' THEN input WHEN 'output' THEN output WHEN 'read' THEN read ELSE write END / 1000 AS price
  FROM used
),
line AS (SELECT *, round(exact, 3) AS amount FROM counted WHERE round(exact, 3) > 0 AND price > 0)
SELECT
  'Anniversary' AS bill_bill_type, 'AWS' AS bill_billing_entity, '${PAYER}' AS bill_payer_account_id,
  TIMESTAMP '${month}-01' AS bill_billing_period_start_date, TIMESTAMP '${month}-01' + INTERVAL 1 MONTH AS bill_billing_period_end_date,
  md5(role || session || usage_type || starts::VARCHAR) AS identity_line_item_id,
  starts AS line_item_usage_start_date, starts + INTERVAL 1 HOUR AS line_item_usage_end_date,
  '${ACCOUNT}' AS line_item_usage_account_id, 'Usage' AS line_item_line_item_type, code AS line_item_product_code,
  usage_type AS line_item_usage_type, 'InvokeModelInference' AS line_item_operation, 'USD' AS line_item_currency_code,
  '$' || price || ' per 1K tokens for ' || usage_type || ' in US East (N. Virginia)' AS line_item_line_item_description,
  'arn:aws:sts::${ACCOUNT}:assumed-role/' || role || '/' || session AS line_item_iam_principal,
  amount AS line_item_usage_amount, '1K tokens' AS pricing_unit, 'OnDemand' AS pricing_term,
  amount * price AS line_item_unblended_cost, amount * price AS pricing_public_on_demand_cost,
  'us-east-1' AS product_region_code, 'Amazon Bedrock' AS product_product_family,
  MAP {'feature': 'On-demand Inference', 'provider': provider, 'model': model_name, 'inference_type': inference_type,
    'region': 'us-east-1'} AS product,
  MAP {'iamPrincipal/team': team, 'iamPrincipal/app': role} AS tags
FROM line
ORDER BY line_item_usage_start_date, line_item_iam_principal, line_item_usage_type`;
  }
}

function tuples(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((value) => (typeof value === 'string' ? `'${value}'` : value)).join(', '));
  return texts.map((text) => `(${text})`).join(',\n');
}
