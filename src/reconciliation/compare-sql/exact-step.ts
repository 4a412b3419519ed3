import { BILL_LINE_TABLE } from '../../reports/bill-schema.ts';
import type { Grain } from '../comparison.ts';
import { WORK_TABLE } from '../reconciliation-schema.ts';
import { billRows, COMPARABLE, IN_BILL, KEYS, ledgerRows, TERMS } from './book-rows.ts';
import { discountOutcomes, LEFT, pairOutcomes, wholeOutcome } from './outcome-sql.ts';

/** Stage of the rows that have their code. */
export const DONE = 99;

const PICO = (sum: string) => `reinterpretAsInt128(${sum})`;

/** Several callers under one name, or a name that is nobody's. */
const SAME_WHO = `if(is_gateway OR principal_arn = '' OR length(callers) > 1, 'IDENTITY_COLLAPSED', 'MATCHED')`;

const HAS_BILL = 'bill_rows > 0';
const HAS_LEDGER = 'ledger_rows > 0';

/**
 * The first step: both sides summed by all keys. What agrees has its code; what is on one side alone, or more on it, goes on.
 * Estimates are replaced by whatever the bill says, and by nothing where it says nothing, unless a log says that the call was
 * made. Sums that are not above zero follow no rule.
 */
const OUTCOMES = `multiIf(
    (${HAS_BILL} AND bill_quantity <= 0) OR (${HAS_LEDGER} AND ledger_quantity <= 0), ${wholeOutcome("'REST'")},
    NOT (${HAS_BILL}) AND at >= {open_from:UInt32}, ${wholeOutcome("'LATE'")},
    is_estimated AND bill_quantity != ledger_quantity AND (${HAS_BILL} OR NOT is_logged), ${wholeOutcome("'ESTIMATE_REPLACED'")},
    NOT (${HAS_BILL}) OR NOT (${HAS_LEDGER}), ${wholeOutcome(LEFT)},
    ${pairOutcomes(SAME_WHO)})`;

const SUMMED = ['bill_quantity', 'bill_cost', 'bill_net', 'list_cost', 'bill_rows'];
const METERED = ['ledger_quantity', 'ledger_cost', 'ledger_net', 'ledger_rows'];

/** Of the usage from `from` to `to`: a stretch that no hour, day or month of the bill goes beyond. */
export function insertExact(grain: Grain): string {
  const keys = KEYS.join(', ');
  return `INSERT INTO ${WORK_TABLE} (${WORK_INSERT.join(', ')})
SELECT {source:String}, {period:UInt32}, part.1, if(part.1 = '', 2, ${DONE}), at, account_id, principal_arn, callers,
  if(bill_rows > 0, tags, ''), if(ledger_rows > 0, tags, ''), model_id, meter, ${TERMS.join(', ')}, usage_type, '',
  part.2, part.4, part.3, part.5, ${HAS_BILL} AND ${HAS_LEDGER},
  toInt128(intDiv(toInt256(list_pico) * part.2, toInt256(greatest(bill_quantity, 1))))
FROM (
  SELECT *, arrayConcat(${OUTCOMES}, ${discountOutcomes()}) AS parts
  FROM (
    SELECT ${keys}, any(usage_type) AS usage_type, arraySort(groupUniqArrayIf(10)(caller, caller != '')) AS callers,
      max(estimated) AS is_estimated, max(logged) AS is_logged, max(gateway) AS is_gateway,
      ${[...SUMMED, ...METERED].map((name) => `sum(${name}_part) AS ${name}`).join(', ')},
      ${PICO('bill_cost')} AS bill_pico, ${PICO('ledger_cost')} AS ledger_pico, ${PICO('list_cost')} AS list_pico,
      ${PICO('bill_net')} - bill_pico AS bill_off, ${PICO('ledger_net')} - ledger_pico AS ledger_off
    FROM (
      SELECT ${keys}, usage_type, '' AS caller, 0 AS estimated, 0 AS logged, 0 AS gateway,
        ${sides(SUMMED, ['quantity', 'cost', 'net_cost', 'list_cost', '1'])}, ${sides(METERED, ZEROES)}
      FROM (${billRows(grain)})
      UNION ALL
      SELECT ${keys}, usage_type, caller, is_estimated, is_logged, is_gateway,
        ${sides(SUMMED, ZEROES)}, ${sides(METERED, ['quantity', 'cost', 'net_cost', '1'])}
      FROM (${ledgerRows(grain)})
    )
    GROUP BY ${keys}
  )
)
ARRAY JOIN parts AS part`;
}

const ZEROES = Array<string>(SUMMED.length).fill('0');

/** Both halves of the union have the same types. */
function sides(names: readonly string[], values: readonly string[]): string {
  return names
    .map((name, index) => {
      const type = /_(cost|net)$/.test(name) ? 'toDecimal128($, 12)' : 'toInt64($)';
      return `${type.replace('$', values[index]!)} AS ${name}_part`;
    })
    .join(', ');
}

/** Columns of the table of work in the order in which every step writes them. */
export const WORK_INSERT = [
  ...[
    'source_id',
    'period',
    'code',
    'stage',
    'at',
    'account_id',
    'principal_arn',
    'callers',
    'bill_tags',
    'ledger_tags',
  ],
  ...['model_id', 'meter', ...TERMS, 'usage_type', 'other'],
  ...['bill_quantity', 'ledger_quantity', 'bill_pico_usd', 'ledger_pico_usd', 'is_paired', 'list_pico_usd'],
];

/** What of the bill is no usage that could be told from its keys: charges, and what was not understood. */
export const INSERT_CHARGES = `INSERT INTO ${WORK_TABLE} (${WORK_INSERT.join(', ')})
SELECT {source:String}, {period:UInt32},
  multiIf(record_type IN ('Tax', 'Fee'), 'TAX_OR_FEE', record_type IN ('Credit', 'Refund'), 'CREDIT', record_type = 'Discount', 'DISCOUNT',
    record_type != 'Usage', 'REST', NOT is_recognised, 'UNRECOGNISED', bucket_start < {start:UInt32}, 'LATE', 'REST') AS cause,
  ${DONE}, toStartOfDay(bucket_start) AS day, account_id, toString(principal_arn) AS principal, [], '', '',
  if(cause = 'LATE', toString(model_id), '') AS model, if(cause = 'LATE', toString(meter), '') AS counted, '', '', '', 0, toString(region) AS place,
  toString(usage_type) AS kind, toString(description) AS words,
  sum(quantity), 0, reinterpretAsInt128(sum(net_cost)), 0, 0, 0
FROM ${BILL_LINE_TABLE}
WHERE ${IN_BILL} AND NOT (${COMPARABLE})
GROUP BY cause, day, account_id, principal, model, counted, place, kind, words`;
