import type { BillStore, FileColumn } from '../../imports/bill-store.ts';
import type { Delivery } from '../../imports/delivery.ts';
import type { ImportLedger } from '../../imports/import-ledger.ts';
import type { SourceFiles, Unpack } from '../../imports/source-files.ts';
import type { Clock } from '../../kernel/time.ts';
import type { ModelNames } from '../../rating/billed-usage.ts';
import type { BillFinding, Remedy } from '../../reports/bill-doctor.ts';
import type { BillFormat } from '../../reports/bill-row.ts';

export interface ImportPathParts {
  readonly bills: BillStore;
  readonly ledger: ImportLedger;
  readonly files: SourceFiles;
  readonly unpack: Unpack;
  readonly models: () => ModelNames;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: ImportProgress;
}

/** What an import has done so far; changed as it goes. */
export interface ImportProgress {
  step: 'looking' | 'reading' | 'checking' | 'publishing';
  filesDone: number;
  filesTotal: number;
  /** Of files, as they lie there. */
  bytesDone: number;
  bytesTotal: number;
  rowsDone: number;
  /** Absent where only reading tells. */
  rowsTotal?: number;
  periodsDone: number;
  periodsTotal: number;
}

/** A delivery whose files were looked at. */
export interface PlannedDelivery {
  readonly delivery: Delivery;
  readonly format: BillFormat;
  readonly columns: readonly FileColumn[];
  /** Absent where only reading tells. */
  readonly rows?: number;
  /** What its columns alone say that it cannot answer. */
  readonly findings: readonly BillFinding[];
  /** Absent: nothing turns it on. */
  readonly remedy?: Remedy;
}
