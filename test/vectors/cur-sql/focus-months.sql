-- source: FOCUS use case library, as in https://github.com/SuryaTeja-koka/focus_usecases (no licence stated)
-- dialect: standard
-- engines: duckdb clickhouse
-- adds up: effective to all
SELECT MONTH(ChargePeriodStart) AS usage_month, ProviderName, ServiceName, SUM(EffectiveCost) AS effective
FROM focus.focus
GROUP BY MONTH(ChargePeriodStart), ProviderName, ServiceName
ORDER BY MONTH(ChargePeriodStart), SUM(EffectiveCost) DESC
