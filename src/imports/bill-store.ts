import type { BilledUsage, BilledUsageText } from '../rating/billed-usage.ts';
import type { ProfileRow } from '../reports/bill-doctor.ts';
import type { BillFormat } from '../reports/bill-row.ts';

/** A column as a file has it. */
export interface FileColumn {
  readonly name: string;
  /** `map` for a native map, `text` where the file holds text, whatever it means; `other` for numbers and instants. */
  readonly type: 'map' | 'text' | 'other';
}

/** One file on its way into the store. */
export interface LandingFile {
  /** Counted from 0 among the deliveries of the import. */
  readonly delivery: number;
  /** Counted from 1 in the delivery. */
  readonly number: number;
  readonly encoding: 'Parquet' | 'CSVWithNames';
  readonly format: BillFormat;
  /** Of the delivery, for rows that do not say: `2026-05`. Absent: the month of their usage. */
  readonly period?: string;
  readonly columns: readonly FileColumn[];
}

export interface ImportScope {
  readonly importId: string;
  /** True: rows of all services are kept. Otherwise those of Bedrock. */
  readonly allServices: boolean;
}

/** Rows of a file that are in the staging, and that were left out. */
export interface FileRows {
  readonly kept: number;
  readonly skipped: number;
}

export interface LandingWatch {
  readonly signal: AbortSignal;
  /** Called now and then with the rows that have arrived so far. */
  readonly onRows: (rows: number) => void;
}

/** Rows that were left out. */
export interface SkippedProduct {
  readonly delivery: number;
  readonly product: string;
  readonly rows: number;
  /** USD in decimal notation. */
  readonly usd: string;
}

/** One kind of usage in a period of a delivery. */
export interface StagedUsage {
  readonly key: string;
  readonly text: BilledUsageText;
  readonly rows: number;
  readonly delivery: number;
  readonly period: string;
  readonly usd: string;
}

/** What a delivery's staged rows come to. */
export interface StagedSums {
  readonly delivery: number;
  /** `2026-05`. */
  readonly period: string;
  /** Of some files that have such rows. */
  readonly fileNumbers: readonly number[];
  readonly rows: number;
  readonly rowsWithoutCost: number;
  /** Rows that do not say when. */
  readonly rowsWithoutTime: number;
  readonly payers: readonly string[];
  readonly currencies: readonly string[];
  /** Sum of the rows' costs as they are kept. */
  readonly usd: string;
  /** Exact sum of the doubles' shortest decimals less `usd`: what rounding each row to 1e-12 USD took off. */
  readonly residueUsd: string;
  readonly netUsd: string;
  /** First and last instant of usage, in ms. */
  readonly usageFromMs: number;
  readonly usageToMs: number;
}

export interface DuplicateLine {
  readonly delivery: number;
  readonly lineId: string;
  readonly fileNumbers: readonly number[];
}

export interface PublishedPeriod {
  readonly sourceId: string;
  /** `2026-05`. */
  readonly period: string;
  readonly delivery: number;
}

/** What the imported lines of a period say of tags and accounts. */
export interface PeriodNames {
  /** Prefixed keys. */
  readonly tagKeys: readonly string[];
  readonly accountNames: Readonly<Record<string, string>>;
}

/** Port: imported bills in the analytical store, and the staging beside them. Throws StoreUnavailable. */
export interface BillStore {
  /** Makes the staging of an import. What a killed one has left is kept, to be completed. */
  open(scope: ImportScope): Promise<void>;
  /** Takes in a file, in the place of what is staged of it. Throws ValidationException for what cannot be read. */
  land(scope: ImportScope, file: LandingFile, bytes: AsyncIterable<Uint8Array>, watch: LandingWatch): Promise<FileRows>;
  skipped(importId: string): Promise<readonly SkippedProduct[]>;
  sums(importId: string): Promise<readonly StagedSums[]>;
  /** Ids that more than one row of a delivery has; the first few. */
  duplicates(importId: string): Promise<readonly DuplicateLine[]>;
  usage(importId: string): Promise<readonly StagedUsage[]>;
  /** What each kind of usage is; all before `publish`. */
  understand(importId: string, usage: readonly { readonly key: string; readonly usage: BilledUsage }[]): Promise<void>;
  /** What the rows of a period can answer. */
  profile(importId: string, delivery: number, period: string): Promise<ProfileRow>;
  names(importId: string, delivery: number, period: string): Promise<PeriodNames>;
  /** Puts a delivery's rows in the place of the source's period, in one step, and sums them by day. */
  publish(importId: string, period: PublishedPeriod, signal: AbortSignal): Promise<void>;
  /** Drops the staging. */
  close(importId: string): Promise<void>;
  /** Drops stagings of all imports but these. */
  closeOthers(importIds: readonly string[]): Promise<void>;
  remove(sourceId: string, period: string): Promise<void>;
}
