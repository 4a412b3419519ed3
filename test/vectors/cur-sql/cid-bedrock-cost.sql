-- source: Cloud Intelligence Dashboards, https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework (MIT-0) dashboards/bedrock-cost-attribution/bedrock_cost_view.sql
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT
  bill_billing_period_start_date AS period,
  date_trunc('day', line_item_usage_start_date) AS usage_day,
  bill_payer_account_id AS payer, line_item_usage_account_id AS account, line_item_product_code AS code,
  CASE WHEN line_item_usage_type LIKE '%Provisioned%' THEN 'Provisioned' WHEN line_item_usage_type LIKE '%Guardrail%' THEN 'Guardrail'
    ELSE 'Other' END AS category,
  COALESCE(REGEXP_EXTRACT(line_item_usage_type, '([^-]+)$'), line_item_usage_type) AS last_part,
  pricing_unit, product['region'] AS region, line_item_resource_id AS resource, line_item_line_item_type AS charge_type,
  json_format(CAST(resource_tags AS JSON)) AS tags_json,
  SUM(line_item_usage_amount) AS amount,
  SUM(line_item_unblended_cost) AS cost,
  SUM(CASE WHEN pricing_unit LIKE '%Token%' THEN line_item_usage_amount ELSE 0 END) AS tokens
FROM "cur2"."cur"
WHERE line_item_product_code IN ('AmazonBedrock', 'AmazonBedrockFoundationModels', 'AmazonBedrockService', 'AmazonBedrockAgentCore')
  AND line_item_line_item_type IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage')
  AND line_item_usage_start_date >= date_add('month', -6, current_date)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
