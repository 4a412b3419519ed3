-- Questions to a delivered CUR 2.0 export, over a view `cur` of its Parquet files. Make the view first:
--
--   ClickHouse   CREATE VIEW cur AS SELECT * FROM file('exports/finops/cur2/llm-cur2/data/*/*.parquet', Parquet)
--   DuckDB       CREATE VIEW cur AS SELECT * FROM read_parquet('exports/finops/cur2/llm-cur2/data/*/*.parquet')
--
-- The statements are the same in both. In Athena write element_at(tags, 'key') for tags['key']: Athena fails where a key
-- is missing. Amounts are doubles, as CUR 2.0 has them, so sums are rounded.

-- who: spend by principal
SELECT line_item_iam_principal AS principal, round(sum(line_item_unblended_cost), 6) AS usd
FROM cur
GROUP BY 1
ORDER BY usd DESC, principal;

-- which team: spend by a cost allocation tag
SELECT coalesce(nullif(tags['iamPrincipal/team'], ''), '(untagged)') AS team, round(sum(line_item_unblended_cost), 6) AS usd
FROM cur
GROUP BY 1
ORDER BY usd DESC, team;

-- what: spend and thousands of tokens by model and kind of token
SELECT
  product['model'] AS model,
  product['inference_type'] AS kind,
  round(sum(line_item_usage_amount), 6) AS thousand_tokens,
  round(sum(line_item_unblended_cost), 6) AS usd
FROM cur
GROUP BY 1, 2
ORDER BY usd DESC, model, kind;

-- which role: all sessions of a role together (users have no role)
SELECT
  regexp_extract(line_item_iam_principal, 'assumed-role/([^/]+)/', 1) AS role_name,
  count(DISTINCT line_item_iam_principal) AS principals,
  round(sum(line_item_unblended_cost), 6) AS usd
FROM cur
GROUP BY 1
ORDER BY usd DESC, role_name;

-- when: spend by day, UTC
SELECT date_trunc('day', line_item_usage_start_date) AS usage_day, round(sum(line_item_unblended_cost), 6) AS usd
FROM cur
GROUP BY 1
ORDER BY usage_day;

-- unpriced: tokens that no price was found for (their cost is 0 because it is not known)
SELECT line_item_usage_type AS usage_type, round(sum(line_item_usage_amount), 6) AS thousand_tokens
FROM cur
WHERE line_item_unblended_rate = ''
GROUP BY 1
ORDER BY usage_type;
