import type { FileType } from './file-type.ts';
import type { SourceFile } from './source-files.ts';

/** Something that keeps a bill from being imported. */
export interface ImportProblem {
  /** Path of the file below the source's root. Absent: it is about no file. */
  readonly file?: string;
  /** In one sentence, with what to do. */
  readonly text: string;
}

/** One billing period as a source has it: one execution of an export, and the files that belong to it. */
export interface Delivery {
  /** Name of the export; empty where there is no manifest. */
  readonly exportName: string;
  /** `2026-05`. Absent: what the rows say. */
  readonly period?: string;
  /** Empty without a manifest. */
  readonly executionId: string;
  /** Of the export, where a manifest names it. */
  readonly exportArn?: string;
  readonly layout: 'overwrite' | 'create-new' | 'legacy' | 'plain';
  readonly fileType: FileType;
  /** In the order of the manifest. */
  readonly files: readonly SourceFile[];
  /** Changes when the delivery does. */
  readonly fingerprint: string;
  /** False while files are newer than the manifest that names them: a refresh is under way, or a copy. */
  readonly isSettled: boolean;
}

/** What lies there and was not taken, and why. */
export interface Ignored {
  readonly path: string;
  readonly reason: string;
}

export interface FoundDeliveries {
  readonly deliveries: readonly Delivery[];
  readonly ignored: readonly Ignored[];
  readonly problems: readonly ImportProblem[];
}

/** Of all files, as they lie there. */
export function bytesOf({ files }: Pick<Delivery, 'files'>): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
