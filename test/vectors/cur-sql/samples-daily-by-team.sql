-- source: AWS sample code for Bedrock cost attribution by IAM principal, README (two Athena queries)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to team
SELECT DATE(line_item_usage_start_date) AS usage_day, element_at(tags, 'iamPrincipal/team') AS team,
  SUM(line_item_unblended_cost) AS cost
FROM "cur2"."cur"
WHERE element_at(tags, 'iamPrincipal/team') IS NOT NULL AND line_item_usage_start_date >= current_date - interval '7' day
GROUP BY 1, 2
ORDER BY usage_day DESC, cost DESC
