-- source: https://github.com/awssteph/reinvent24-COP403 same_query_3_ways.sql (no licence stated)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT line_item_usage_account_id, product_product_name, sum(line_item_unblended_cost) AS cost
FROM cur2.cur1
WHERE CAST(month AS int) = extract(month FROM current_date) AND CAST(year AS int) = extract(year FROM current_date)
GROUP BY line_item_usage_account_id, product_product_name
ORDER BY product_product_name DESC
