-- source: CUR Query Library, https://github.com/awslabs/aws-well-architected-labs static/Cost/300_CUR_Queries/Code/Machine_Learning/textract.sql, for Bedrock (sample code MIT-0)
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT
  bill_payer_account_id, DATE_FORMAT((line_item_usage_start_date), '%Y-%m-%d') AS usage_day,
  SPLIT_PART(line_item_usage_type, '-', 2) AS usage_part, product_region,
  SUM(CAST(line_item_usage_amount AS double)) AS amount,
  SUM(CAST(line_item_unblended_cost AS decimal(16, 8))) AS cost
FROM cur2.cur1
WHERE line_item_product_code IN ('AmazonBedrock', 'AmazonBedrockService')
  AND line_item_line_item_type IN ('DiscountedUsage', 'Usage', 'SavingsPlanCoveredUsage')
GROUP BY bill_payer_account_id, DATE_FORMAT((line_item_usage_start_date), '%Y-%m-%d'), SPLIT_PART(line_item_usage_type, '-', 2),
  product_region
ORDER BY cost DESC
