-- source: Public set-up guides for personal Bedrock roles: DuckDB queries over CUR 2.0
-- dialect: duckdb
-- engines: duckdb clickhouse
-- adds up: usd to all
SELECT split_part(line_item_iam_principal, '/', -1) AS person, product['product_name'] AS model, sum(line_item_unblended_cost) AS usd
FROM cur2.cur
WHERE coalesce(line_item_iam_principal, '') <> ''
GROUP BY ALL
ORDER BY usd DESC
