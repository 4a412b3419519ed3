-- source: CUR Query Library, https://github.com/awslabs/aws-well-architected-labs static/Cost/300_CUR_Queries/Code/AWS_Cost_Management/marketplacespend.sql, without its filter to the marketplace (sample code MIT-0)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT
  line_item_usage_account_id,
  IF(line_item_usage_start_date IS NULL,
    DATE_FORMAT(DATE_PARSE(CONCAT(SPLIT_PART('a_b_c_d_202611', '_', 5), '01'), '%Y%m%d'), '%Y-%m-01'),
    DATE_FORMAT((line_item_usage_start_date), '%Y-%m-01')) AS usage_month,
  bill_billing_entity, product_product_name,
  SUM(CAST(line_item_unblended_cost AS decimal(16, 8))) AS cost
FROM cur2.cur1
WHERE bill_billing_entity LIKE 'AWS%'
GROUP BY 1, 2, 3, 4
ORDER BY usage_month ASC, cost DESC
