-- source: CUR Query Library, https://github.com/awslabs/aws-well-architected-labs static/Cost/300_CUR_Queries/Code/AWS_Cost_Management/refundcreditdetail.sql, with its sign turned round (sample code MIT-0)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT
  bill_payer_account_id, line_item_usage_account_id, DATE_TRUNC('month', line_item_usage_start_date) AS usage_month,
  line_item_line_item_type,
  CASE WHEN bill_billing_entity = 'AWS Marketplace' AND line_item_line_item_type NOT LIKE '%Discount%' THEN product_product_name
    WHEN product_servicecode = '' THEN line_item_product_code ELSE product_servicecode END AS service,
  line_item_line_item_description, SUM(line_item_unblended_cost) AS cost
FROM cur2.cur1
WHERE line_item_unblended_cost > 0 AND line_item_line_item_type <> 'SavingsPlanNegation'
GROUP BY bill_payer_account_id, line_item_usage_account_id, DATE_TRUNC('month', line_item_usage_start_date), line_item_line_item_type,
  5, line_item_line_item_description
ORDER BY usage_month ASC, cost ASC
