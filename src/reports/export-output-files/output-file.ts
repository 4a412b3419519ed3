import type { ExportDefinition, ExportPlan } from '../export-definition.ts';

/** A file beside the data that sets up a query service or a local tool; manifests list it. */
export interface OutputFile {
  /** Relative to `<prefix>/<export name>/`. */
  readonly path: string;
  readonly content: string;
}

/** What the files of an export are made from. */
export interface OutputFileRequest {
  readonly definition: ExportDefinition;
  readonly plan: ExportPlan;
  /** Keys of active cost allocation tags, with their prefix: the CUR 1.0 views have a column for each resource tag. */
  readonly tagKeys: readonly string[];
}
