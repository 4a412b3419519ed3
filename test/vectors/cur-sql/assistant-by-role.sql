-- source: Public assistant set-up for AWS cost management: three Athena queries for Bedrock by principal
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: usd to all
SELECT regexp_extract(line_item_iam_principal, 'assumed-role/([^/]+)', 1) AS role, SUM(line_item_unblended_cost) AS usd, COUNT(*) AS lines
FROM cur2.cur
WHERE line_item_product_code LIKE 'AmazonBedrock%' AND line_item_iam_principal IS NOT NULL
  AND billing_period = date_format(current_date, '%Y-%m')
GROUP BY 1
ORDER BY usd DESC
