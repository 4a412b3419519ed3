-- source: Public set-up guides for personal Bedrock roles: DuckDB queries over CUR 2.0
-- dialect: duckdb
-- engines: duckdb
-- adds up: cost to all
SELECT line_item_usage_start_date, COALESCE(split(line_item_iam_principal, '/')[-1], 'unknown') AS person,
  SUM(line_item_unblended_cost) AS cost
FROM cur2.cur
WHERE product.product_name LIKE '%Bedrock%'
GROUP BY 1, 2
HAVING SUM(line_item_unblended_cost) > 0.0
ORDER BY 1, 2
