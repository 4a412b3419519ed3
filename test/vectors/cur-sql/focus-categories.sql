-- source: FOCUS use case library, as in https://github.com/SuryaTeja-koka/focus_usecases (no licence stated)
-- dialect: standard
-- engines: duckdb clickhouse
-- adds up: billed to all
SELECT ProviderName, BillingCurrency, BillingPeriodStart, ServiceCategory, ServiceSubcategory, SUM(BilledCost) AS billed
FROM focus.focus
WHERE BillingPeriodStart >= '2026-01-01' AND BillingPeriodEnd < '2099-01-01'
GROUP BY ProviderName, BillingCurrency, BillingPeriodStart, ServiceCategory, ServiceSubcategory
ORDER BY billed DESC
