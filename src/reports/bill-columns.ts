import { CUR1_CSV, CUR1_PARQUET } from './bill-columns/cur1.ts';
import { CUR2 } from './bill-columns/cur2.ts';
import { FOCUS } from './bill-columns/focus.ts';
import type { BillFormat } from './bill-row.ts';

/** The formats that are read. */
export const BILL_FORMATS: readonly BillFormat[] = [CUR2, CUR1_CSV, CUR1_PARQUET, FOCUS];

/** The format whose required columns are all there, and most of whose columns are. Undefined: no bill that is known. */
export function billFormatOf(columnNames: readonly string[]): BillFormat | undefined {
  const found = new Set(columnNames);
  const fitting = BILL_FORMATS.filter(({ required }) => required.every((name) => found.has(name)));
  const known = ({ kindOf }: BillFormat) => columnNames.filter((name) => kindOf(name) !== undefined).length;
  return fitting.toSorted((a, b) => known(b) - known(a))[0];
}
