import type { BillFinding, Remedy } from '../reports/bill-doctor.ts';
import type { Ignored, ImportProblem } from './delivery.ts';
import type { LogTally } from './log-tally.ts';

/** Where bills are imported from. One source has one delivery of each billing period. */
export interface BillSource {
  readonly id: string;
  /** `s3://bucket/prefix/`, or a folder of the server's machine. */
  readonly location: string;
  readonly createdAtMs: number;
  /** ARN of who started the first import. */
  readonly createdBy: string;
  /** True: rows of all services are kept. */
  readonly allServices: boolean;
  /** True: the server looks for new deliveries by itself. */
  readonly isWatched: boolean;
}

/** One file of an import, in the order in which files are read. */
export interface ImportFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly version: string;
  /** Rows that are in the staging, kept and left out. Absent: it has not been read. */
  readonly rows?: number;
}

/** A billing period of an import. */
export interface ImportDelivery {
  readonly exportName: string;
  /** Absent until the rows were read, where nothing but the rows says it. */
  readonly period?: string;
  readonly executionId: string;
  readonly layout: string;
  /** In sentences: `CUR 2.0`. */
  readonly format: string;
  readonly fingerprint: string;
  readonly columns: readonly string[];
  /** As the files' heads say. Absent where only reading tells. */
  readonly rows?: number;
  /** What its columns alone say that it cannot answer, before any row is read. Absent: of an import from before they were looked at. */
  readonly findings?: readonly BillFinding[];
  /** What turns all of it on at once. Absent: nothing would. */
  readonly remedy?: Remedy;
  readonly files: readonly ImportFile[];
}

export type ImportState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** One run of an import. */
export interface BillImport {
  readonly id: string;
  readonly sourceId: string;
  readonly state: ImportState;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** `watch`: the server looked by itself. */
  readonly cause: 'asked' | 'watch';
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** What is being imported; empty before anything was found. */
  readonly deliveries: readonly ImportDelivery[];
  readonly ignored: readonly Ignored[];
  /** Why nothing was changed. */
  readonly problems: readonly ImportProblem[];
  /** Periods that were replaced, in order. */
  readonly periods: readonly string[];
  /** True: this import made the bill the primary book. */
  readonly madePrimary?: boolean;
  /** What was read of a model invocation log. Absent for bills. */
  readonly log?: LogTally;
}

/** Rows of a product that were left out. */
export interface NotImported {
  readonly product: string;
  readonly rows: number;
  readonly usd: string;
}

/** A kind of Bedrock's usage that was not understood: kept, and shown. */
export interface UnrecognisedUsage {
  readonly usageType: string;
  readonly productCode: string;
  /** `meter: Crystals`. */
  readonly unread: readonly string[];
  readonly rows: number;
  readonly usd: string;
}

/** A billing period as it is in the store now. */
export interface ImportedPeriod {
  readonly sourceId: string;
  /** `2026-05`. */
  readonly period: string;
  readonly importId: string;
  readonly importedAtMs: number;
  readonly exportName: string;
  readonly executionId: string;
  readonly layout: string;
  readonly format: string;
  readonly fingerprint: string;
  readonly columns: readonly string[];
  readonly files: number;
  readonly bytes: number;
  readonly rows: number;
  /** Rows whose cost the bill does not say. */
  readonly rowsWithoutCost: number;
  readonly payerAccountId: string;
  readonly currency: string;
  readonly usd: string;
  readonly netUsd: string;
  /** Exact sum of the bill's doubles less `usd`. */
  readonly residueUsd: string;
  readonly usageFromMs: number;
  readonly usageToMs: number;
  readonly tagKeys: readonly string[];
  readonly accountNames: Readonly<Record<string, string>>;
  readonly notImported: readonly NotImported[];
  readonly unrecognised: readonly UnrecognisedUsage[];
  /** What the bill cannot answer. */
  readonly findings: readonly BillFinding[];
}
