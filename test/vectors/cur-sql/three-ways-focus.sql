-- source: https://github.com/awssteph/reinvent24-COP403 same_query_3_ways.sql (no licence stated)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: billed to all
SELECT ProviderName, BillingCurrency, ServiceName, SUM(BilledCost) AS billed
FROM "focus"."focus"
WHERE CAST(SPLIT(billing_period, '-')[2] AS int) = extract(month FROM current_date)
GROUP BY ProviderName, BillingCurrency, ServiceName
