import type { ExportDefinition } from '../export-definition.ts';
import type { OutputFileRequest } from './output-file.ts';

/** What differs between the engines for which views are delivered. Everything else is written once. */
export interface Dialect {
  /** The file is `views/<name>.sql`. */
  readonly name: string;
  /** What the reader runs in the export's folder. */
  readonly command: string;
  /** How the file is changed to read from the bucket. */
  readonly readBucket: (definition: ExportDefinition) => string;
  readonly createSchema: (schema: string) => string;
  /**
   * SELECT of the export's columns and `billing_period` over exactly the files that the latest manifests name, so that
   * neither earlier refreshes nor one that is being written count.
   */
  readonly delivered: (request: OutputFileRequest) => string;
  /** First instant of the day of a timestamp, as a date. */
  readonly day: (timestamp: string) => string;
}

/** A view's name and its SELECT. */
export type View = readonly [name: string, select: string];
