import { SECOND_MS } from '../../kernel/time.ts';
import { BILL_LINE_TABLE } from '../../reports/bill-schema.ts';
import { LINE_ITEM_TABLE, USAGE_EVENT_TABLE } from '../../reports/cost-schema.ts';
import { type Comparison, completeToMs, type Grain } from '../comparison.ts';
import { NAME_TABLE } from '../reconciliation-schema.ts';

/** Parameters that every statement of a comparison may use. */
export function comparisonParameters(comparison: Comparison): Readonly<Record<string, unknown>> {
  const { sourceId, period, startMs, endMs, billThroughMs, isFinal, ledgerThroughMs } = comparison;
  return {
    source: sourceId,
    period,
    start: startMs / SECOND_MS,
    end: endMs / SECOND_MS,
    ledger_end: Math.min(endMs, ledgerThroughMs) / SECOND_MS,
    // Of a month that is final nothing more is to come.
    open_from: (isFinal ? endMs : completeToMs(comparison)) / SECOND_MS,
    upstreams: comparison.upstreams,
    log_upstreams: comparison.logUpstreams,
    accounts: comparison.accounts,
    tag_keys: comparison.tagKeys,
    bill_through: billThroughMs / SECOND_MS,
  };
}

export const AT_SQL: Readonly<Record<Grain, string>> = {
  HOUR: 'toStartOfHour(bucket_start)',
  DAY: 'toStartOfDay(bucket_start)',
  MONTH: "toDateTime({start:UInt32}, 'UTC')",
};

/** Bedrock's inference, by whoever sells it. AgentCore and other services are no subject of the ledger. */
export const IN_BILL = `source_id = {source:String} AND period = {period:UInt32}
  AND channel IN ('first-party', 'aws-sold', 'marketplace')`;
/** Usage that can be told from its keys; the rest of the bill has codes of its own. */
export const COMPARABLE = `record_type = 'Usage' AND is_recognised
  AND bucket_start >= {start:UInt32} AND bucket_start < {end:UInt32}`;

/** Keys of a comparison, beside the time. */
export const TERMS = ['route', 'tier', 'context', 'is_batch', 'region'] as const;
export const KEYS = ['at', 'account_id', 'principal_arn', 'tags', 'model_id', 'meter', ...TERMS] as const;

const ROUTE = "if(route = 'global', 'global', 'regional') AS route";
const TERM_COLUMNS = `model_id, meter, ${ROUTE}, tier, context, is_batch, region`;

/** `key=value` lines of the tags that are compared, in the order of the keys. */
const TAGS = `arrayStringConcat(arrayFilter(line -> line != '', arrayMap(key ->
    if(principal_tags[key] = '', '', concat(key, '=', principal_tags[key])), {tag_keys:Array(String)})), '\\n')`;

/** Roles in the form of sessions: bills and directories write both, with the role's path and without. */
export function asSession(arn: string): string {
  const role = "'^(arn:[^:]*):iam::([0-9]*):role/(?:.*/)?([^/]+)$'";
  return `multiIf(
    position(${arn}, ':role/') > 0, replaceRegexpOne(${arn}, ${role}, '\\\\1:sts::\\\\2:assumed-role/\\\\3'),
    position(${arn}, ':assumed-role/') > 0, replaceOne(${arn}, ':iam::', ':sts::'), ${arn})`;
}

/** Lines of the bill from one instant to another, with the keys of the comparison. */
export function billRows(grain: Grain): string {
  return `SELECT ${AT_SQL[grain]} AS at, account_id, ${asSession('toString(principal_arn)')} AS principal_arn, ${TAGS} AS tags,
  ${TERM_COLUMNS}, usage_type, quantity, cost, net_cost, list_cost
FROM ${BILL_LINE_TABLE}
WHERE ${IN_BILL} AND ${COMPARABLE} AND bucket_start >= {from:UInt32} AND bucket_start < {to:UInt32}`;
}

/** Usage of calls at Bedrock; what a correction or a charge of our own puts into the ledger is no line of AWS's. */
const IN_LEDGER = `record_type = 'Usage' AND charge_id = '' AND upstream IN {upstreams:Array(String)}
  AND NOT endsWith(usage_type, '-provisioned')`;

/** The principal in the bill and whether it is the gateway's own, by what calls of the same hours say. */
const NAMED = `if(empty(changes), (toDateTime(0, 'UTC'), '', toUInt8(0)),
    changes[greatest(1, arrayCount(change -> change.1 <= bucket_start, changes))])`;

/** The same of the ledger. */
export function ledgerRows(grain: Grain, condition = '1'): string {
  return `SELECT ${AT_SQL[grain]} AS at, splitByChar(':', billed)[5] AS account_id, ${asSession('billed')} AS principal_arn,
  ${TAGS} AS tags, ${TERM_COLUMNS}, usage_type, caller, quantity, cost, net_cost, is_estimated, upstream IN {log_upstreams:Array(String)} AS is_logged, named.3 AS is_gateway
FROM (
  SELECT lines.*, lines.principal_arn AS caller, ${NAMED} AS named, named.2 AS billed
  FROM (
    SELECT bucket_start, upstream, principal_arn, principal_tags, model_id, meter, route, tier, context, is_batch, region, usage_type,
      quantity, cost, net_cost, is_estimated
    FROM ${LINE_ITEM_TABLE}
    WHERE bucket_start >= {from:UInt32} AND bucket_start < least({to:UInt32}, {ledger_end:UInt32})
      AND ${IN_LEDGER} AND (${condition})
  ) AS lines
  LEFT JOIN ${NAME_TABLE} AS names ON lines.upstream = names.upstream AND lines.principal_arn = names.principal_arn
)
WHERE account_id IN {accounts:Array(String)} OR account_id = ''`;
}

const NAMED_CALLS = `${USAGE_EVENT_TABLE}
WHERE admitted_at >= toDateTime({start:UInt32}, 'UTC') AND admitted_at < toDateTime({end:UInt32}, 'UTC')
  AND upstream IN {upstreams:Array(String)} AND upstream_principal_arn != ''`;

/**
 * Who has which name in the bill: first those who have one in all of the time, whose hours need not be looked at one by one; then
 * of the others, of every hour the one under which most was used.
 */
export const INSERT_NAMES: readonly string[] = [
  `INSERT INTO ${NAME_TABLE} (upstream, principal_arn, changes)
SELECT upstream, principal_arn, [(toStartOfHour(min(admitted_at)), toString(min(upstream_principal_arn)), min(is_gateway_principal))]
FROM ${NAMED_CALLS}
GROUP BY upstream, principal_arn
HAVING min(upstream_principal_arn) = max(upstream_principal_arn) AND min(is_gateway_principal) = max(is_gateway_principal)`,
  `INSERT INTO ${NAME_TABLE} (upstream, principal_arn, changes)
SELECT upstream, principal_arn,
  arrayFilter((change, index) -> index = 1 OR (change.2, change.3) != (hours[index - 1].2, hours[index - 1].3), hours, arrayEnumerate(hours))
FROM (
  SELECT upstream, principal_arn, arraySort(groupArray((hour, billed, is_gateway))) AS hours
  FROM (
    SELECT upstream, principal_arn, toStartOfHour(admitted_at) AS hour,
      argMax((toString(upstream_principal_arn), is_gateway_principal), (input_tokens + output_tokens, upstream_principal_arn)) AS most,
      most.1 AS billed, most.2 AS is_gateway
    FROM ${NAMED_CALLS} AND (upstream, principal_arn) NOT IN (SELECT upstream, principal_arn FROM ${NAME_TABLE})
    GROUP BY upstream, principal_arn, hour
  )
  GROUP BY upstream, principal_arn
)`,
];

/** What the ledger has in the time, by whether it is compared and why not. */
export const LEDGER_SCOPE = `SELECT
  multiIf(NOT (upstream IN {upstreams:Array(String)}), concat('upstream ', if(upstream = '', 'none', toString(upstream))),
    record_type != 'Usage' OR charge_id != '', 'charges and corrections',
    endsWith(usage_type, '-provisioned'), 'models paid for by the hour',
    account != '' AND NOT (account IN {accounts:Array(String)}), concat('account ', account), '') AS reason,
  sum(net_cost) AS cost, count() AS lines
FROM (
  SELECT lines.*, splitByChar(':', (${NAMED}).2)[5] AS account
  FROM (
    SELECT bucket_start, upstream, principal_arn, record_type, charge_id, usage_type, net_cost FROM ${LINE_ITEM_TABLE}
    WHERE bucket_start >= {start:UInt32} AND bucket_start < {ledger_end:UInt32}
  ) AS lines
  LEFT JOIN ${NAME_TABLE} AS names ON lines.upstream = names.upstream AND lines.principal_arn = names.principal_arn
)
GROUP BY reason ORDER BY reason`;

/** The same of the bill. */
export const BILL_SCOPE = `SELECT if(channel IN ('first-party', 'aws-sold', 'marketplace'), '', concat('channel ', toString(channel))) AS reason,
  sum(net_cost) AS cost, count() AS lines
FROM ${BILL_LINE_TABLE}
WHERE source_id = {source:String} AND period = {period:UInt32}
GROUP BY reason ORDER BY reason`;

/** Of both books, whatever is compared of them: how much there is to read, hour by hour. */
export const LINES_BY_HOUR = `SELECT toUnixTimestamp(toStartOfHour(bucket_start)) AS hour, count() AS lines
FROM (
  SELECT bucket_start FROM ${LINE_ITEM_TABLE} WHERE bucket_start >= {start:UInt32} AND bucket_start < {ledger_end:UInt32}
  UNION ALL
  SELECT bucket_start FROM ${BILL_LINE_TABLE} WHERE ${IN_BILL} AND ${COMPARABLE}
)
GROUP BY hour ORDER BY hour`;
