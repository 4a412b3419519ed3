-- source: CUR Query Library, https://github.com/awslabs/aws-well-architected-labs static/Cost/300_CUR_Queries/Code/Global/billservice.sql (sample code MIT-0)
-- dialect: athena
-- engines: duckdb
-- adds up: cost to all
SELECT
  DATE_FORMAT((line_item_usage_start_date), '%Y-%m-01') AS usage_month, bill_bill_type,
  CASE WHEN "product_product_family" = 'Data Transfer' THEN 'Data Transfer'
    ELSE replace(replace(replace("product_product_name", 'Amazon '), 'Amazon'), 'AWS ') END AS "product_product_name",
  product_location, line_item_line_item_description,
  sum(line_item_unblended_cost) AS cost, sum(line_item_usage_amount) AS amount
FROM cur2.cur1
GROUP BY 1, bill_bill_type, 3, product_location, line_item_line_item_description
HAVING sum(line_item_usage_amount) > 0
ORDER BY usage_month, bill_bill_type, product_product_name, product_location, line_item_line_item_description
