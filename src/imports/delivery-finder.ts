import { createHash } from 'node:crypto';
import type { Delivery, FoundDeliveries, Ignored, ImportProblem } from './delivery.ts';
import { type FoundManifest, findManifests, readManifest } from './delivery-finder/manifest.ts';
import { type FileType, fileTypeOf } from './file-type.ts';
import type { SourceFile, SourceFiles } from './source-files.ts';

/** `BILLING_PERIOD=2026-05`, which FOCUS exports write in lower case. */
const PERIOD_FOLDER = /(?:^|\/)billing_period=(\d{4}-\d{2})(?:\/|$)/i;

/** What lies at a source: the latest execution of every billing period, and what is in the way. Reads manifests, no data. */
export async function findDeliveries(source: SourceFiles): Promise<FoundDeliveries> {
  const files = await source.list();
  const manifests = findManifests(files);
  if (manifests.length === 0) return plainDeliveries(files);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const problems: ImportProblem[] = [];
  const ignored: Ignored[] = [];
  const deliveries: Delivery[] = [];
  for (const [, ofPeriod] of Map.groupBy(manifests, ({ root, period }) => `${root}\n${period}`)) {
    const [latest, ...earlier] = ofPeriod.toSorted(newestFirst);
    const found = await deliveryOf(latest!, byPath, source);
    const execution = EXECUTION.exec(found.delivery?.files[0]?.path ?? '')?.[1] ?? '';
    for (const one of earlier) {
      if (one.execution === execution) continue;
      ignored.push({ path: one.path, reason: `\`${latest!.path}\` names a later execution` });
    }
    problems.push(...found.problems);
    if (found.delivery) deliveries.push(found.delivery);
    ignored.push(...leftovers(files, latest!, found.delivery));
  }
  return { deliveries: deliveries.toSorted(byPeriod), ignored, problems };
}

/** The deliveries that are complete and not what was imported last. */
export function changed(
  deliveries: readonly Delivery[],
  imported: readonly { readonly fingerprint: string }[],
): readonly Delivery[] {
  const known = new Set(imported.map(({ fingerprint }) => fingerprint));
  return deliveries.filter(({ fingerprint, isSettled }) => isSettled && !known.has(fingerprint));
}

/** The manifest at the period itself names the latest complete execution; without it, that of the newest execution. */
function newestFirst(a: FoundManifest, b: FoundManifest): number {
  if (a.execution === b.execution) return 0;
  if (a.execution === '' || b.execution === '') return a.execution === '' ? -1 : 1;
  return a.execution < b.execution ? 1 : -1;
}

async function deliveryOf(
  found: FoundManifest,
  byPath: ReadonlyMap<string, SourceFile>,
  source: SourceFiles,
): Promise<{ readonly delivery?: Delivery; readonly problems: readonly ImportProblem[] }> {
  const problems: ImportProblem[] = [];
  const manifest = readManifest(await source.readText(found.path));
  if (!manifest)
    return { problems: [{ file: found.path, text: 'it is no manifest of AWS Data Exports or of a report' }] };
  const files: SourceFile[] = [];
  for (const uri of manifest.dataFiles) {
    const path = pathOf(uri, found.root);
    const file = path === undefined ? undefined : byPath.get(path);
    if (file) files.push(file);
    else problems.push({ file: path ?? uri, text: `\`${found.path}\` names it, and it is not there` });
  }
  const mixed = mixedTypes(files, found.path);
  problems.push(...doubled(files), ...mixed);
  const fileType = files[0] && fileTypeOf(files[0].path);
  if (mixed.length > 0 || !fileType) {
    if (problems.length === 0) problems.push({ file: found.path, text: 'it names no data file' });
    return { problems };
  }
  const isLegacy = !/(?:^|\/)metadata\//i.test(found.path);
  const layout = isLegacy
    ? 'legacy'
    : found.execution === '' && !manifest.dataFiles.some(isInExecution)
      ? 'overwrite'
      : 'create-new';
  const delivery: Delivery = {
    exportName: found.exportName,
    period: found.period,
    executionId: manifest.executionId,
    ...(manifest.exportArn !== undefined && { exportArn: manifest.exportArn }),
    ...{ layout, fileType, files },
    fingerprint: fingerprintOf(files, manifest.executionId),
    isSettled: files.every(({ modifiedAtMs }) => modifiedAtMs <= byPath.get(found.path)!.modifiedAtMs),
  };
  return { delivery, problems };
}

/** Files of the period that its manifest does not name: earlier executions, and chunks of a larger one. */
function leftovers(files: readonly SourceFile[], found: FoundManifest, delivery: Delivery | undefined): Ignored[] {
  const named = new Set(delivery?.files.map(({ path }) => path));
  const folder = `${found.root}data/`;
  return files
    .filter(({ path }) => path.startsWith(folder) && PERIOD_FOLDER.exec(path)?.[1] === found.period)
    .filter(({ path }) => fileTypeOf(path) !== undefined && !named.has(path))
    .map(({ path }) => ({ path, reason: `\`${found.path}\` does not name it` }));
}

/** Files without a manifest: what lies in a folder of a period is of that period. */
function plainDeliveries(files: readonly SourceFile[]): FoundDeliveries {
  const data = files.filter(({ path }) => fileTypeOf(path) !== undefined);
  if (data.length === 0) {
    const text = 'there is no bill here: no manifest and no file that ends with .parquet, .csv, .csv.gz or .zip';
    return { deliveries: [], ignored: [], problems: [{ text }] };
  }
  const problems: ImportProblem[] = [];
  const deliveries: Delivery[] = [];
  for (const [period, ofPeriod] of Map.groupBy(data, ({ path }) => PERIOD_FOLDER.exec(path)?.[1] ?? '')) {
    const executions = new Set(ofPeriod.map(({ path }) => EXECUTION.exec(path)?.[1] ?? ''));
    if (executions.size > 1) {
      const text = `these are files of ${executions.size} executions and no manifest says which counts; give the folder of one`;
      problems.push({ file: ofPeriod[0]!.path.slice(0, ofPeriod[0]!.path.lastIndexOf('/')), text });
      continue;
    }
    const mixed = mixedTypes(ofPeriod, period === '' ? 'the folder' : period);
    problems.push(...mixed, ...doubled(ofPeriod));
    if (mixed.length > 0) continue;
    deliveries.push({
      ...{ exportName: '', executionId: '', layout: 'plain', fileType: fileTypeOf(ofPeriod[0]!.path)! },
      ...(period !== '' && { period }),
      files: ofPeriod.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      fingerprint: fingerprintOf(ofPeriod, ''),
      isSettled: true,
    });
  }
  return { deliveries: deliveries.toSorted(byPeriod), ignored: [], problems };
}

/** `2026-06-01T23:48:02.356Z-<uuid>` as a folder; of legacy reports the uuid alone. */
const EXECUTION = /(?:^|\/)(\d{4}-\d{2}-\d{2}T[\d:.]+Z-[0-9a-z-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\//i;

function isInExecution(uri: string): boolean {
  return EXECUTION.test(uri);
}

/** From the export's folder on: of AWS Data Exports, of a legacy report, and of one for Athena. */
const WITHIN_EXPORT = /(?:^|\/)(data\/billing_period=.+|\d{8}-\d{8}\/.+|[^/]+\/year=\d{4}\/month=\d+\/.+)$/i;

/** Where a file of a manifest lies below the source's root, wherever the bucket was copied to. */
function pathOf(uri: string, root: string): string | undefined {
  const at = WITHIN_EXPORT.exec(uri)?.[1];
  return at === undefined ? undefined : `${root}${at}`;
}

/** Several files with one name, or one chunk twice. */
function doubled(files: readonly SourceFile[]): ImportProblem[] {
  const nameOf = ({ path }: SourceFile) => path.slice(path.lastIndexOf('/') + 1).replace(/( \(\d+\)|-copy)?\..*$/i, '');
  return [...Map.groupBy(files, nameOf)].flatMap(([, same]) => {
    if (same.length < 2) return [];
    return [{ file: same[1]!.path, text: `it is the same part of the bill as \`${same[0]!.path}\`; remove one` }];
  });
}

function mixedTypes(files: readonly SourceFile[], where: string): ImportProblem[] {
  const types = new Set<FileType | undefined>(files.map(({ path }) => fileTypeOf(path)));
  if (types.size < 2) return [];
  const names = [...types].map((type) => type ?? 'something else').join(' and ');
  return [{ text: `${where} has files of different formats: ${names}; give those of one export alone` }];
}

function fingerprintOf(files: readonly SourceFile[], executionId: string): string {
  const digest = createHash('sha256').update(executionId);
  for (const { path, sizeBytes, version } of files) digest.update(`\n${path}\t${sizeBytes}\t${version}`);
  return digest.digest('hex').slice(0, 32);
}

function byPeriod(a: Delivery, b: Delivery): number {
  return (a.period ?? '') < (b.period ?? '') ? -1 : 1;
}
