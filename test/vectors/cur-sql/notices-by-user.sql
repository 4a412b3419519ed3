-- source: Public gateway whose cost synchronisation reads CUR with Athena
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: total_cost to team
SELECT line_item_iam_principal AS principal_arn, date_trunc('day', line_item_usage_start_date) AS usage_day,
  SUM(line_item_unblended_cost) AS total_cost
FROM "cur2"."cur"
WHERE line_item_line_item_type = 'Usage' AND line_item_iam_principal LIKE '%:user/user-%'
  AND line_item_usage_start_date >= TIMESTAMP '2026-01-01 00:00:00'
GROUP BY line_item_iam_principal, date_trunc('day', line_item_usage_start_date)
