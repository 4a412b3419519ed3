-- Functions that queries written for Athena call and DuckDB does not have, or has with other arguments. Load this once, and
-- such queries run on the delivered views as they are. Formats of dates agree in %Y, %m and %d.
CREATE OR REPLACE MACRO element_at(m, k) AS m[k];
CREATE OR REPLACE MACRO date_format(t, f) AS strftime(t, f);
CREATE OR REPLACE MACRO date_parse(s, f) AS strptime(s, f);
CREATE OR REPLACE MACRO date_add(u, n, t) AS t + n * CAST('1 ' || u AS INTERVAL);
CREATE OR REPLACE MACRO approx_distinct(x) AS approx_count_distinct(x);
CREATE OR REPLACE MACRO json_format(j) AS CAST(j AS VARCHAR);
CREATE OR REPLACE MACRO replace(s, a) AS array_to_string(string_split(s, a), ''), (s, a, b) AS array_to_string(string_split(s, a), b);
CREATE OR REPLACE MACRO regexp_like(s, p) AS regexp_matches(s, p);
