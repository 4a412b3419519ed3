-- Functions that queries written for Athena call and ClickHouse does not have. Load this once, and such queries run on the
-- delivered views as they are, but for date_add('month', n, t), which is date_add(month, n, t) here, and for replace with two
-- arguments, which wants the third. Names of functions are told apart by their case, so they are there twice.
SET prefer_column_name_to_alias = 1;
CREATE OR REPLACE FUNCTION element_at AS (m, k) -> nullIf(m[k], '');
CREATE OR REPLACE FUNCTION ELEMENT_AT AS (m, k) -> nullIf(m[k], '');
CREATE OR REPLACE FUNCTION date_parse AS (s, f) -> parseDateTime(s, f);
CREATE OR REPLACE FUNCTION DATE_PARSE AS (s, f) -> parseDateTime(s, f);
CREATE OR REPLACE FUNCTION approx_distinct AS x -> uniq(x);
CREATE OR REPLACE FUNCTION APPROX_DISTINCT AS x -> uniq(x);
CREATE OR REPLACE FUNCTION json_format AS j -> toString(j);
CREATE OR REPLACE FUNCTION JSON_FORMAT AS j -> toString(j);
CREATE OR REPLACE FUNCTION split AS (s, d) -> splitByString(d, s);
CREATE OR REPLACE FUNCTION SPLIT AS (s, d) -> splitByString(d, s);
CREATE OR REPLACE FUNCTION split_part AS (s, d, n) -> arrayElement(splitByString(d, s), n);
CREATE OR REPLACE FUNCTION SPLIT_PART AS (s, d, n) -> arrayElement(splitByString(d, s), n);
CREATE OR REPLACE FUNCTION regexp_like AS (s, p) -> match(s, p);
CREATE OR REPLACE FUNCTION REGEXP_LIKE AS (s, p) -> match(s, p);
