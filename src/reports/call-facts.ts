import { SECOND_MS } from '../kernel/time.ts';
import { Parameters } from './compile-sql/parameters.ts';
import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';

/** What the calls of one principal in one bucket were like; a row of `compileCallFacts`. */
export interface CallFactsRow {
  /** Start of the bucket in Unix seconds. */
  readonly bucket: number;
  readonly principal: string;
  readonly calls: string;
  readonly failed: string;
  readonly networks: readonly string[];
  /** All input tokens of the last calls, in the order in which they were admitted; empty for few calls. */
  readonly inputs: readonly string[];
}

/** Networks of one principal in one bucket that are told apart. */
const NETWORKS_MAX = 16;
/** Calls whose input is looked at one by one. */
const INPUTS_MAX = 64;
const LEAST_INPUTS = 10;

/** Networks of 256 IPv4 addresses, and of one site in IPv6. */
const NETWORK_SQL = `multiIf(source_ip = '', '', position(source_ip, ':') > 0, concat(arrayStringConcat(arraySlice(splitByChar(':', source_ip), 1, 3), ':'), '::/48'), concat(arrayStringConcat(arraySlice(splitByChar('.', source_ip), 1, 3), '.'), '.0/24'))`;
const INPUT_SQL =
  'input_tokens + ifNull(cache_read_input_tokens, 0) + ifNull(cache_write_5m_input_tokens, 0) + ifNull(cache_write_1h_input_tokens, 0)';

/** By principal and bucket of 15 minutes or an hour, those with the most calls first. */
export function compileCallFacts(range: TimeRange, bucketMs: number, limit: number): CompiledQuery {
  const parameters = new Parameters();
  const at = (atMs: number) => `fromUnixTimestamp64Milli(${parameters.add('Int64', atMs)}, 'UTC')`;
  const seconds = parameters.add('UInt32', bucketMs / SECOND_MS);
  return parameters.statement(`SELECT
  intDiv(toUnixTimestamp(admitted_at), ${seconds}) * ${seconds} AS bucket,
  principal_arn AS principal,
  toString(count()) AS calls,
  toString(countIf(status != 'completed')) AS failed,
  arrayFilter(network -> network != '', groupUniqArray(${NETWORKS_MAX})(${NETWORK_SQL})) AS networks,
  if(count() < ${LEAST_INPUTS}, [], arrayMap(call -> toString(call.2), arraySort(groupArrayLast(${INPUTS_MAX})((admitted_at, ${INPUT_SQL}))))) AS inputs
FROM ${USAGE_EVENT_TABLE}
WHERE admitted_at >= ${at(range.startMs)} AND admitted_at < ${at(range.endMs)}
GROUP BY bucket, principal
ORDER BY count() DESC
LIMIT ${parameters.add('UInt32', limit)}`);
}
