-- source: AWS Machine Learning Blog, part 2 of the announcement of 2026-08-12, query patterns (own words)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: usd to all
SELECT
  line_item_iam_principal,
  element_at(split(line_item_iam_principal, '/'), -1) AS caller,
  line_item_usage_type,
  sum(line_item_usage_amount) * CASE pricing_unit WHEN '1K tokens' THEN 1000 ELSE 1000000 END AS tokens,
  sum(line_item_unblended_cost) AS usd
FROM cur2.cur
WHERE line_item_product_code IN ('AmazonBedrock', 'AmazonBedrockService') AND line_item_iam_principal <> ''
GROUP BY line_item_iam_principal, line_item_usage_type, pricing_unit
ORDER BY usd DESC
