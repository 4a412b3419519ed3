-- source: https://fizz.today/focus-billing-dedup-trap/ (own words)
-- dialect: duckdb
-- engines: duckdb
-- adds up: total to all
SELECT billing_period, sum(BilledCost) AS total
FROM (
  SELECT *, max(split_part(filename, '/', -2)) OVER (PARTITION BY billing_period) AS last_snapshot
  FROM read_parquet('$FOCUS/data/billing_period=*/*/*.parquet', hive_partitioning = true, filename = true)
)
WHERE split_part(filename, '/', -2) = last_snapshot
GROUP BY billing_period
