-- source: Public set-up guides for personal Bedrock roles: DuckDB queries over CUR 2.0
-- dialect: duckdb
-- engines: duckdb
-- adds up: usd to all
WITH calls AS (
  SELECT line_item_iam_principal AS arn, coalesce(tags['iamPrincipal/owner'], '') AS owner, line_item_unblended_cost AS cost,
    line_item_usage_start_date AS ts
  FROM cur2.cur
  WHERE coalesce(line_item_iam_principal, '') <> ''
)
SELECT
  CASE
    WHEN arn LIKE '%:assumed-role/AWSReservedSSO_%'
      THEN 'SSO role ' || regexp_extract(split_part(arn, '/', 2), 'AWSReservedSSO_(.*)_[0-9a-f]+$', 1)
    WHEN arn LIKE '%:assumed-role/%' THEN 'role ' || split_part(arn, '/', 2)
    WHEN arn LIKE '%:user/%' THEN 'IAM user' ELSE arn END AS used_via,
  sum(cost) AS usd,
  strftime(max(ts), '%Y-%m-%d') AS last_used
FROM calls
WHERE owner = ''
GROUP BY ALL
HAVING sum(cost) >= 0.01
ORDER BY usd DESC
