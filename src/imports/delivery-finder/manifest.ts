import type { SourceFile } from '../source-files.ts';

/** A manifest of AWS Data Exports, or of a legacy report, by its place. */
export interface FoundManifest {
  readonly path: string;
  /** Folder of the export, with a slash at its end or empty. */
  readonly root: string;
  readonly exportName: string;
  /** `2026-05`. */
  readonly period: string;
  /** Folder of the execution; empty for the manifest that stands for the latest. */
  readonly execution: string;
}

/** What is read of it: AWS's five members without the columns, which the files say themselves. */
export interface Manifest {
  readonly executionId: string;
  /** Absent on bills of others than AWS Data Exports, and where it is none: it stands in commands that people paste. */
  readonly exportArn?: string;
  readonly dataFiles: readonly string[];
}

/** What legacy reports call the same. */
interface LegacyManifest {
  readonly assemblyId: string;
  readonly reportKeys: readonly string[];
}

const MANIFEST =
  /^(?<root>.*\/|)metadata\/billing_period=(?<period>\d{4}-\d{2})\/(?:(?<execution>[^/]+)\/)?(?<name>[^/]+)-manifest\.json$/i;

/** `report/20260501-20260601/<assembly id>/report-Manifest.json`, and the same without the assembly for the latest. */
const LEGACY_MANIFEST =
  /^(?<root>.*\/|)(?<year>\d{4})(?<month>\d{2})\d{2}-\d{8}\/(?:(?<execution>[^/]+)\/)?(?<name>[^/]+)-manifest\.json$/i;

export function findManifests(files: readonly SourceFile[]): FoundManifest[] {
  return files.flatMap(({ path }) => {
    const legacy = LEGACY_MANIFEST.exec(path)?.groups;
    if (legacy) {
      const { root, year, month, execution = '', name } = legacy;
      return [{ path, root: root!, period: `${year}-${month}`, execution, exportName: name! }];
    }
    const { root, period, execution = '', name } = MANIFEST.exec(path)?.groups ?? {};
    return name === undefined ? [] : [{ path, root: root!, period: period!, execution, exportName: name }];
  });
}

/** Of an export (Data Exports API reference, `ExportArn`): nothing in it that a shell understands. */
const EXPORT_ARN = /^arn:aws[-a-z0-9]*:bcm-data-exports:[-a-z0-9]*:\d{12}:[-a-zA-Z0-9/:_]{1,1024}$/;

/** Undefined for what is none. */
export function readManifest(text: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  const { exportArn, assemblyId, reportKeys, ...own } = (value ?? {}) as Partial<Manifest & LegacyManifest>;
  const { executionId = assemblyId, dataFiles = reportKeys } = own;
  if (typeof executionId !== 'string' || !Array.isArray(dataFiles)) return undefined;
  if (!dataFiles.every((file) => typeof file === 'string')) return undefined;
  return { executionId, dataFiles, ...(isExportArn(exportArn) && { exportArn }) };
}

function isExportArn(value: unknown): value is string {
  return typeof value === 'string' && EXPORT_ARN.test(value);
}
