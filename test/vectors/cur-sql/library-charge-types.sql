-- source: CUR Query Library, https://github.com/awslabs/aws-well-architected-labs static/Cost/300_CUR_Queries/Code/Global/amortized_cost_by_charge_type.sql (sample code MIT-0)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: amortized to all
SELECT
  bill_payer_account_id,
  CASE WHEN line_item_line_item_type = 'Fee' AND product_product_name = 'AWS Premium Support' THEN 'Support'
    WHEN line_item_line_item_type = 'Fee' AND bill_billing_entity <> 'AWS' THEN 'Marketplace'
    ELSE line_item_line_item_type END AS charge_type,
  DATE_FORMAT((line_item_usage_start_date), '%Y-%m') AS usage_month,
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
WHERE year >= '2026' AND month BETWEEN '1' AND '9'
GROUP BY bill_payer_account_id, 2, 3
ORDER BY amortized DESC
