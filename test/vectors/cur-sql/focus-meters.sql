-- source: FOCUS use case library, as in https://github.com/SuryaTeja-koka/focus_usecases (no licence stated)
-- dialect: standard
-- engines: duckdb clickhouse
-- adds up: effective to all
SELECT ProviderName, ChargePeriodStart, ChargePeriodEnd, SkuId, SkuPriceId, PricingUnit, ListUnitPrice,
  SUM(PricingQuantity) AS quantity, SUM(ListCost) AS list, SUM(EffectiveCost) AS effective
FROM focus.focus
GROUP BY ProviderName, ChargePeriodStart, ChargePeriodEnd, SkuId, SkuPriceId, PricingUnit, ListUnitPrice
ORDER BY ChargePeriodStart ASC
LIMIT 100
