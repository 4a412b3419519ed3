-- source: CUR Query Library, https://github.com/awslabs/aws-well-architected-labs static/Cost/300_CUR_Queries/Code/Global/spendregion.sql (sample code MIT-0)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: amortized to all
SELECT
  line_item_usage_account_id,
  DATE_FORMAT((line_item_usage_start_date), '%Y-%m-01') AS usage_month,
  CASE product_region WHEN NULL THEN 'Global' WHEN '' THEN 'Global' WHEN 'global' THEN 'Global' ELSE product_region END AS region,
  SUM(line_item_unblended_cost) AS unblended,
  SUM(CASE
    WHEN line_item_line_item_type = 'SavingsPlanCoveredUsage' THEN savings_plan_savings_plan_effective_cost
    WHEN line_item_line_item_type = 'SavingsPlanRecurringFee' THEN savings_plan_total_commitment_to_date - savings_plan_used_commitment
    WHEN line_item_line_item_type IN ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') THEN 0
    WHEN line_item_line_item_type = 'DiscountedUsage' THEN reservation_effective_cost
    WHEN line_item_line_item_type = 'RIFee'
      THEN reservation_unused_amortized_upfront_fee_for_billing_period + reservation_unused_recurring_fee
    WHEN line_item_line_item_type = 'Fee' AND reservation_reservation_a_r_n <> '' THEN 0
    ELSE line_item_unblended_cost END) AS amortized
FROM cur2.cur1
WHERE line_item_usage_type != 'Route53-Domains'
  AND line_item_line_item_type IN ('DiscountedUsage', 'Usage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'RIFee', 'Fee')
GROUP BY line_item_usage_account_id, 2, 3
ORDER BY usage_month ASC, unblended DESC
