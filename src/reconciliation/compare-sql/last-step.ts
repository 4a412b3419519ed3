import { BILL_LINE_TABLE } from '../../reports/bill-schema.ts';
import type { Grain } from '../comparison.ts';
import { RECONCILIATION_COLUMNS, RESULT_TABLE, WORK_TABLE } from '../reconciliation-schema.ts';
import { AT_SQL, asSession, COMPARABLE, TERMS } from './book-rows.ts';

const COLUMNS = Object.keys(RECONCILIATION_COLUMNS);
const OF_MATCHED = {
  at: 'toStartOfDay(at)',
  callers: 'arraySort(groupUniqArrayArray(10)(callers))',
  ...{ bill_tags: "''", ledger_tags: "''", usage_type: "''", other: "''" },
};

const SUMS: ReadonlySet<string> = new Set(['bill_quantity', 'ledger_quantity', 'bill_pico_usd', 'ledger_pico_usd']);

/** Gives a code to what no step has paired. */
export function insertLeft(grain: Grain, stage: number): string {
  const code = `multiIf(code != '', toString(code),
    bill_quantity > 0, if(is_paired, 'QUANTITY_DIFFERENCE', 'MISSING_IN_LEDGER'),
    ledger_quantity <= 0, 'REST',
    at >= {open_from:UInt32}, 'LATE',
    is_paired, 'QUANTITY_DIFFERENCE',
    (at, toString(principal_arn), toString(model_id), toString(meter)) IN (${inOtherDelivery(grain)}), 'LATE',
    'MISSING_IN_BILL')`;
  return `INSERT INTO ${RESULT_TABLE} (${COLUMNS.join(', ')})
SELECT ${COLUMNS.map((name) => (name === 'code' ? code : name)).join(', ')}
FROM ${WORK_TABLE} WHERE code NOT IN ('', 'MATCHED') OR (stage = ${stage} AND code = '')`;
}

/** Matched rows by day, of the days from `from` to `to`: what agrees is not looked at hour by hour. */
export const INSERT_MATCHED = `INSERT INTO ${RESULT_TABLE} (${COLUMNS.join(', ')})
SELECT ${COLUMNS.map((name) => OF_MATCHED[name as keyof typeof OF_MATCHED] ?? (SUMS.has(name) ? `sum(${name})` : name)).join(', ')}
FROM ${WORK_TABLE} WHERE code = 'MATCHED' AND at >= {from:UInt32} AND at < {to:UInt32}
GROUP BY source_id, period, code, toStartOfDay(at), account_id, principal_arn, model_id, meter, ${TERMS.join(', ')}`;

/** Usage of the month that the delivery of another one has. */
function inOtherDelivery(grain: Grain): string {
  return `SELECT ${AT_SQL[grain]}, ${asSession('toString(principal_arn)')}, toString(model_id), toString(meter) FROM ${BILL_LINE_TABLE}
    WHERE source_id = {source:String} AND period != {period:UInt32} AND ${COMPARABLE}`;
}
