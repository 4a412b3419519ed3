-- source: Cloud Intelligence Dashboards, https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework (MIT-0) dashboards/cudos, calculated fields for Bedrock, written as SQL
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT
  CASE WHEN bill_billing_entity = 'AWS Marketplace' THEN product['product_name'] ELSE split_part(line_item_usage_type, '-', 2) END AS model,
  CASE
    WHEN lower(line_item_usage_type) LIKE '%provisionedthroughput%' THEN 'Provisioned'
    WHEN lower(line_item_usage_type) LIKE '%batch%' THEN 'Batch'
    WHEN lower(line_item_usage_type) LIKE '%-flex%' THEN 'Flex'
    WHEN lower(line_item_usage_type) LIKE '%-priority%' THEN 'Priority'
    ELSE 'On-demand' END AS pricing_model,
  CASE
    WHEN regexp_like(lower(line_item_usage_type), 'cache[-_]?read') THEN 'Cache read'
    WHEN regexp_like(lower(line_item_usage_type), 'cache[-_]?write') THEN 'Cache write'
    WHEN lower(line_item_usage_type) LIKE '%input%' THEN 'Input'
    WHEN lower(line_item_usage_type) LIKE '%output%' THEN 'Output' ELSE '' END AS token_kind,
  sum(line_item_usage_amount * CASE WHEN pricing_unit LIKE '%1K tokens%' THEN 0.001 ELSE 1 END) AS million_tokens,
  sum(line_item_unblended_cost) AS cost
FROM cur2.cur
WHERE (bill_billing_entity = 'AWS' AND line_item_product_code IN ('AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels'))
  OR (bill_billing_entity = 'AWS Marketplace' AND product['product_name'] LIKE '%Bedrock%')
GROUP BY 1, 2, 3
