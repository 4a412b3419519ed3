-- source: Cloud Intelligence Dashboards, https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework (MIT-0) cid/builtin/core/data/queries/cid/summary_view.sql
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: amortized to all
SELECT
  split_part("billing_period", '-', 1) AS "year",
  split_part("billing_period", '-', 2) AS "month",
  "bill_billing_period_start_date" AS "billing_period",
  CASE WHEN "date_trunc"('month', "line_item_usage_start_date") >= "date_trunc"('month', current_timestamp) - INTERVAL '3' MONTH
    THEN "date_trunc"('day', "line_item_usage_start_date") ELSE "date_trunc"('month', "line_item_usage_start_date") END AS "usage_date",
  "line_item_line_item_type" AS "charge_type",
  CASE WHEN "savings_plan_savings_plan_a_r_n" <> '' THEN 'SavingsPlan' WHEN "reservation_reservation_a_r_n" <> '' THEN 'Reserved'
    WHEN "line_item_usage_type" LIKE '%Spot%' THEN 'Spot' ELSE 'OnDemand' END AS "purchase",
  CASE WHEN "savings_plan_savings_plan_a_r_n" <> '' THEN "savings_plan_savings_plan_a_r_n" ELSE CAST('' AS varchar) END AS "plan",
  CASE WHEN "bill_billing_entity" = 'AWS Marketplace' AND "line_item_line_item_type" NOT LIKE '%Discount%' THEN product['product_name']
    WHEN "product_servicecode" = '' THEN "line_item_product_code" ELSE "product_servicecode" END AS "service",
  CASE WHEN "line_item_product_code" = 'AmazonEC2' THEN "split_part"("line_item_line_item_description", '.', 1)
    ELSE product['operating_system'] END AS "platform",
  approx_distinct("line_item_resource_id") AS "resources",
  sum(CASE WHEN line_item_line_item_type IN ('SavingsPlanCoveredUsage', 'DiscountedUsage', 'Usage', 'FlatRateSubscription')
    THEN line_item_usage_amount ELSE 0 END) AS "quantity",
  sum(CASE
    WHEN "line_item_line_item_type" = 'SavingsPlanCoveredUsage' THEN "savings_plan_savings_plan_effective_cost"
    WHEN "line_item_line_item_type" = 'RIFee'
      THEN "reservation_unused_amortized_upfront_fee_for_billing_period" + "reservation_unused_recurring_fee"
    ELSE "line_item_unblended_cost" END) AS "amortized",
  sum(CASE WHEN "line_item_line_item_type" <> 'SavingsPlanNegation' THEN "pricing_public_on_demand_cost" ELSE 0 END) AS "public_cost"
FROM "cur2"."cur"
WHERE "bill_billing_period_start_date" >= "date_trunc"('month', current_timestamp) - INTERVAL '7' MONTH
  AND CAST("concat"("billing_period", '-01') AS date) >= "date_trunc"('month', current_date) - INTERVAL '7' MONTH
  AND coalesce("line_item_operation", '') NOT IN ('EKSPod-EC2', 'ECSTask-EC2')
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
