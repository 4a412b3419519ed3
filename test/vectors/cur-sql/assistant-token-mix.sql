-- source: Public assistant set-up for AWS cost management: three Athena queries for Bedrock by principal
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: total to all
SELECT
  line_item_iam_principal,
  SUM(CASE WHEN line_item_usage_type LIKE '%-input-tokens%' AND line_item_usage_type NOT LIKE '%cache%' THEN line_item_unblended_cost
    ELSE 0 END) AS input_cost,
  SUM(CASE WHEN line_item_usage_type LIKE '%-output-tokens%' THEN line_item_unblended_cost ELSE 0 END) AS output_cost,
  SUM(line_item_unblended_cost) AS total
FROM cur2.cur
WHERE line_item_product_code LIKE 'AmazonBedrock%' AND billing_period = date_format(current_date, '%Y-%m')
GROUP BY 1
ORDER BY (input_cost + output_cost) DESC
