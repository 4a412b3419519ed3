-- source: https://github.com/awssteph/reinvent24-COP403 same_query_3_ways.sql (no licence stated)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT line_item_usage_account_name, product['product_name'] AS product_name, sum(line_item_unblended_cost) AS cost
FROM cur2.cur
WHERE CAST(SPLIT(billing_period, '-')[2] AS int) = extract(month FROM current_date)
GROUP BY product['product_name'], line_item_usage_account_name
