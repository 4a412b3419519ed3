-- source: Cloud Intelligence Dashboards, https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework (MIT-0) cid/builtin/core/data/queries/cudos/resource_view.sql
-- dialect: athena
-- engines: duckdb clickhouse
-- adds up: cost to all
SELECT DISTINCT
  "date_trunc"('day', "line_item_usage_start_date") AS "usage_date",
  product['product_name'] AS "product_name", resource_tags['user_name'] AS "resource_name", "line_item_resource_id" AS "resource",
  "line_item_operation" AS "operation", "line_item_usage_type" AS "usage_type", "line_item_legal_entity" AS "legal_entity",
  "pricing_term" AS "term", product['database_engine'] AS "engine", "product_from_location" AS "from_location",
  "product_product_family" AS "family", "reservation_reservation_a_r_n" AS "reservation",
  "sum"("savings_plan_savings_plan_effective_cost") AS "plan_cost",
  "sum"("line_item_usage_amount") AS "quantity",
  "sum"("line_item_unblended_cost") AS "cost"
FROM "cur2"."cur"
WHERE (current_date - INTERVAL '30' DAY) <= line_item_usage_start_date
  AND line_item_resource_id <> ''
  AND coalesce("line_item_operation", '') NOT IN ('EKSPod-EC2', 'ECSTask-EC2')
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
