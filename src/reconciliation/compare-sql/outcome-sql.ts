/** A part of what two sides have, as a tuple: code, quantity and amount of the bill, quantity and amount of the ledger. */
type Outcome = string;

/** What is left to the next step. */
export const LEFT = "''";

/** Less than a cent, and no more than a digit of each row of the bill or a ten-thousandth of the amount. */
const ROUNDING_PICO = '10000000000';
const ROW_DIGIT_PICO = '1000000';

function outcome(
  code: string,
  billQuantity: string,
  billPico: string,
  ledgerQuantity: string,
  ledgerPico: string,
): Outcome {
  const quantity = (sql: string) => `toInt64(${sql})`;
  const pico = (sql: string) => `toInt128(${sql})`;
  return `(${code}, ${quantity(billQuantity)}, ${pico(billPico)}, ${quantity(ledgerQuantity)}, ${pico(ledgerPico)})`;
}

/** True for amounts that differ by digits alone. */
export function isRounding(one: string, other: string, rows: string): string {
  const apart = `abs(${one} - ${other})`;
  return `(${apart} < ${ROUNDING_PICO} AND (${apart} <= ${ROW_DIGIT_PICO} * ${rows}
    OR ${apart} * 10000 <= greatest(abs(${one}), abs(${other}))))`;
}

/** A share of an amount, rounded towards zero: what is over stays with the rest. */
function share(amount: string, part: string, whole: string): string {
  return `toInt128(intDiv(toInt256(${amount}) * ${part}, toInt256(greatest(${whole}, 1))))`;
}

/** True where both sides have the same price for a piece, but for digits. */
const SAME_PRICE = `abs(toInt256(bill_pico) * ledger_quantity - toInt256(ledger_pico) * bill_quantity) * 10000
    <= abs(toInt256(ledger_pico) * bill_quantity)`;

/**
 * The parts of two sides that have the same keys, as an array. Columns: `bill_quantity`, `bill_pico`, `ledger_quantity`,
 * `ledger_pico`, `bill_rows`, `list_pico`; quantities of both sides are above zero. `code` is what agrees; the quantity that
 * one side has beyond the other's is left.
 */
export function pairOutcomes(code: string): string {
  const isDiscounted = 'bill_pico < ledger_pico AND list_pico > bill_pico';
  const isListed = isRounding('ledger_pico', 'list_pico', 'bill_rows');
  const otherPrice = `if(${isDiscounted} AND ${isListed}, 'DISCOUNT', 'PRICE_DIFFERENCE')`;
  /** Money that differs where quantities agree: beside what agrees if that has a name of its own. */
  const priced = (billPico: string, ledgerPico: string, quantity: string) => `if(${code} = 'MATCHED',
      [${outcome(otherPrice, quantity, billPico, quantity, ledgerPico)}],
      [${outcome(code, quantity, ledgerPico, quantity, ledgerPico)},
       ${outcome(otherPrice, '0', `${billPico} - ${ledgerPico}`, '0', '0')}])`;
  const ofBill = share('bill_pico', 'ledger_quantity', 'bill_quantity');
  const ofLedger = share('ledger_pico', 'bill_quantity', 'ledger_quantity');
  const moreBilled = (pico: string) =>
    outcome(LEFT, 'bill_quantity - ledger_quantity', `bill_pico - ${pico}`, '0', '0');
  const moreMetered = (pico: string) =>
    outcome(LEFT, '0', '0', 'ledger_quantity - bill_quantity', `ledger_pico - ${pico}`);
  const isNear = `abs(bill_quantity - ledger_quantity) * 10000 <= greatest(bill_quantity, ledger_quantity)
    AND ${isRounding('bill_pico', 'ledger_pico', 'bill_rows')}`;
  return `multiIf(
    bill_quantity = ledger_quantity AND bill_pico = ledger_pico,
      [${outcome(code, 'bill_quantity', 'bill_pico', 'ledger_quantity', 'ledger_pico')}],
    ${isNear},
      [${outcome(code, 'ledger_quantity', 'ledger_pico', 'ledger_quantity', 'ledger_pico')},
       ${outcome("'ROUNDING'", 'bill_quantity - ledger_quantity', 'bill_pico - ledger_pico', '0', '0')}],
    bill_quantity = ledger_quantity, ${priced('bill_pico', 'ledger_pico', 'ledger_quantity')},
    bill_quantity > ledger_quantity AND ${SAME_PRICE},
      [${outcome(code, 'ledger_quantity', 'ledger_pico', 'ledger_quantity', 'ledger_pico')}, ${moreBilled('ledger_pico')}],
    bill_quantity > ledger_quantity,
      arrayPushBack(${priced(ofBill, 'ledger_pico', 'ledger_quantity')}, ${moreBilled(ofBill)}),
    ${SAME_PRICE},
      [${outcome(code, 'bill_quantity', 'bill_pico', 'bill_quantity', 'bill_pico')}, ${moreMetered('bill_pico')}],
    arrayPushBack(${priced('bill_pico', ofLedger, 'bill_quantity')}, ${moreMetered(ofLedger)}))`;
}

/** One part alone, whatever there is on either side. */
export function wholeOutcome(code: string): string {
  return `[${outcome(code, 'bill_quantity', 'bill_pico', 'ledger_quantity', 'ledger_pico')}]`;
}

/** Discounts of both sides: what lies between gross and net. */
export function discountOutcomes(): string {
  const code = `multiIf(bill_off = ledger_off, 'MATCHED', ${isRounding('bill_off', 'ledger_off', 'bill_rows')}, 'ROUNDING', 'DISCOUNT')`;
  return `if(bill_off = 0 AND ledger_off = 0, [], [${outcome(code, '0', 'bill_off', '0', 'ledger_off')}])`;
}
