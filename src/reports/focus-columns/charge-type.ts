/** SQL over the columns of CUR 2.0: whether a row is metered, and whether it is bought once at its own price. */
export const IS_USAGE = "line_item_line_item_type = 'Usage'";
export const IS_FEE = "line_item_line_item_type = 'Fee'";

/** `sql` for fees, another for the rest. */
export function forFees(sql: string, otherwise: string): string {
  return `if(${IS_FEE}, ${sql}, ${otherwise})`;
}
