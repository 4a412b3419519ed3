-- source: https://github.com/awssteph/reinvent25-cop401 BedrockCostAllocation.sql (no licence stated)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: spend to all
WITH token_lines AS (
  SELECT product [ 'product_name' ] AS product_name, line_item_usage_amount, line_item_unblended_cost,
    resource_tags [ 'user_dept' ] AS dept, SPLIT(billing_period, '-') [ 2 ] AS month
  FROM "cur2"."cur"
  WHERE (line_item_product_code LIKE '%Bedrock%' OR product [ 'product_name' ] LIKE '%Bedrock%')
    AND (line_item_usage_type LIKE '%token%' OR line_item_usage_type LIKE '%Token%')
)
SELECT dept, sum(line_item_unblended_cost) AS spend, sum(line_item_usage_amount) AS quantity
FROM token_lines
WHERE month <> ''
GROUP BY 1
