import type { Grain } from '../comparison.ts';
import { WORK_TABLE } from '../reconciliation-schema.ts';
import { ledgerRows, TERMS } from './book-rows.ts';
import { DONE, WORK_INSERT } from './exact-step.ts';

/** The step after the exact one. */
const STAGE = 2;

const CACHE_OR_ESTIMATE = `meter IN ('cache_read', 'cache_write_5m', 'cache_write_1h') OR is_estimated`;
const SHARED = ['at', 'principal_arn', 'model_id', ...TERMS];

/**
 * What caches and estimates of the same calls say of what the bill has beyond the ledger, and what the bill says of logged calls
 * that it has under other meters: of the usage from `from` to `to`.
 */
export function insertByEvidence(grain: Grain): string {
  const inTime = 'at >= {from:UInt32} AND at < {to:UInt32}';
  const here = `stage = ${STAGE} AND code = '' AND ${inTime}`;
  const isBilled = `(${SHARED.join(', ')}) IN (SELECT ${SHARED.join(', ')} FROM ${WORK_TABLE} WHERE ${inTime} AND bill_quantity > 0)`;
  return `INSERT INTO ${WORK_TABLE} (${WORK_INSERT.join(', ')})
SELECT ${WORK_INSERT.map((name) => (name === 'code' ? 'cause' : name === 'stage' ? `if(cause = '', ${STAGE + 1}, ${DONE})` : name)).join(', ')}
FROM (
  SELECT remaining.*, multiIf(
    bill_quantity = 0, if(has(logged_meters, toString(meter)) AND ${isBilled}, 'ESTIMATE_REPLACED', ''),
    meter = 'input' AND (bill_quantity = cache_read OR bill_quantity = cache_written OR bill_quantity = cache_read + cache_written),
      'CACHE_DOUBLE_CHARGED',
    estimated > 0, 'ESTIMATE_REPLACED', '') AS cause
  FROM (SELECT * FROM ${WORK_TABLE} WHERE ${here}) AS remaining
  LEFT JOIN (
    SELECT ${SHARED.join(', ')}, sumIf(quantity, meter = 'cache_read') AS cache_read,
      sumIf(quantity, startsWith(meter, 'cache_write')) AS cache_written, max(is_estimated) AS estimated,
      groupUniqArrayIf(toString(meter), is_logged) AS logged_meters
    FROM (${ledgerRows(grain, CACHE_OR_ESTIMATE)})
    WHERE (at, principal_arn, model_id) IN (SELECT at, principal_arn, model_id FROM ${WORK_TABLE} WHERE ${here})
    GROUP BY ${SHARED.join(', ')}
  ) AS evidence USING (${SHARED.join(', ')})
)`;
}
