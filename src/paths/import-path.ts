import type { ImportScope, LandingFile } from '../imports/bill-store.ts';
import { bytesOf } from '../imports/delivery.ts';
import { changed, findDeliveries } from '../imports/delivery-finder.ts';
import { readFileHead } from '../imports/file-head.ts';
import type { BillImport, BillSource, ImportedPeriod } from '../imports/import-records.ts';
import { ImportRefused } from '../imports/import-refused.ts';
import { checkStaged } from './import-path/checks.ts';
import { countedBytes } from './import-path/counted-bytes.ts';
import type { ImportPathParts, PlannedDelivery } from './import-path/import-parts.ts';
import { importDelivery, lookAt } from './import-path/looking.ts';
import { publishPeriods } from './import-path/publishing.ts';

export type { ImportProgress } from './import-path/import-parts.ts';
export { type CheckedPlace, checkPlace } from './import-path/looking.ts';

/**
 * One import: find > look at the files > read them into a staging > check > understand > publish, period by period. Nothing
 * that reports see changes before all of it has been read and checked. An import that was cut off goes on with the file
 * that it was at. Throws ImportRefused with everything that is in the way.
 */
export async function runImport(
  one: BillImport,
  source: BillSource,
  parts: ImportPathParts,
): Promise<readonly ImportedPeriod[]> {
  const scope: ImportScope = { importId: one.id, allServices: source.allServices };
  const plan = await look(one, source, parts);
  const begun = await resume(one, plan, parts);
  await parts.bills.open(scope);
  await read(scope, begun, plan, parts);
  await lookAgain(plan, parts);
  parts.progress.step = 'checking';
  const staged = await checkStaged(one, source, plan, parts);
  return publishPeriods(one, source, plan, staged, parts);
}

/** Finds the deliveries and reads heads of files. */
async function look(
  { id, cause }: BillImport,
  source: BillSource,
  { files, unpack, ledger, progress, signal }: ImportPathParts,
): Promise<readonly PlannedDelivery[]> {
  const found = await findDeliveries(files);
  await ledger.changeImport(id, (before) => ({ ...before, ignored: found.ignored }));
  const wanted = cause === 'watch' ? changed(found.deliveries, ledger.periods(source.id)) : found.deliveries;
  const { plan, problems } = await lookAt(wanted, { files, unpack, signal });
  progress.filesTotal = plan.reduce((sum, { delivery }) => sum + delivery.files.length, 0);
  progress.bytesTotal = plan.reduce((sum, { delivery }) => sum + bytesOf(delivery), 0);
  const rows = plan.map((one) => one.rows);
  if (rows.every((count) => count !== undefined)) progress.rowsTotal = rows.reduce((sum, count) => sum + count, 0);
  if (found.problems.length + problems.length > 0) throw new ImportRefused([...found.problems, ...problems]);
  return plan;
}

/** A source that is rewritten while it is read shows two executions. */
async function lookAgain(plan: readonly PlannedDelivery[], { files }: ImportPathParts): Promise<void> {
  const found = new Set((await findDeliveries(files)).deliveries.map(({ fingerprint }) => fingerprint));
  if (plan.every(({ delivery }) => found.has(delivery.fingerprint))) return;
  const text = 'the files changed while they were read: a refresh is under way; import again when it is done';
  throw new ImportRefused([{ text }]);
}

/** Notes what is going to be read. What an earlier run has read of the same files stays. */
async function resume(
  one: BillImport,
  plan: readonly PlannedDelivery[],
  { ledger, bills }: ImportPathParts,
): Promise<BillImport> {
  const isSame =
    one.deliveries.length === plan.length &&
    plan.every(({ delivery }, index) => delivery.fingerprint === one.deliveries[index]!.fingerprint);
  if (isSame && plan.length > 0) return one;
  await bills.close(one.id);
  const deliveries = plan.map(importDelivery);
  return (await ledger.changeImport(one.id, (before) => ({ ...before, deliveries })))!;
}

/** Reads every file that is not in the staging yet. */
async function read(
  scope: ImportScope,
  begun: BillImport,
  plan: readonly PlannedDelivery[],
  parts: ImportPathParts,
): Promise<void> {
  const { bills, files, unpack, progress, signal } = parts;
  progress.step = 'reading';
  for (const [index, { delivery, format }] of plan.entries()) {
    for (const [at, file] of delivery.files.entries()) {
      const known = begun.deliveries[index]!.files[at]!.rows;
      const rowsBefore = progress.rowsDone;
      if (known === undefined) {
        signal.throwIfAborted();
        const head = await readFileHead(file, delivery.fileType, files, unpack);
        if (typeof head === 'string') throw new ImportRefused([{ file: file.path, text: head }]);
        const landing: LandingFile = {
          ...{ delivery: index, number: at + 1, format, columns: head.columns },
          encoding: delivery.fileType === 'parquet' ? 'Parquet' : 'CSVWithNames',
          ...(delivery.period !== undefined && { period: delivery.period }),
        };
        const bytes = countedBytes(await files.open(file.path), progress);
        const onRows = (rows: number) => {
          progress.rowsDone = rowsBefore + rows;
        };
        const landed = await bills
          .land(scope, landing, unpack(bytes, head.packing), { signal, onRows })
          .catch((error) => {
            throw refusedFile(file.path, error);
          });
        const rows = landed.kept + landed.skipped;
        if (head.rows !== undefined && rows !== Number(head.rows)) {
          const text = `its footer says ${head.rows} rows and it has ${rows}; get it anew`;
          throw new ImportRefused([{ file: file.path, text }]);
        }
        await noteRead(begun.id, index, at, rows, parts);
        progress.rowsDone = rowsBefore + rows;
      } else {
        progress.rowsDone += known;
        progress.bytesDone += file.sizeBytes;
      }
      progress.filesDone += 1;
    }
  }
}

async function noteRead(
  id: string,
  index: number,
  at: number,
  rows: number,
  { ledger }: ImportPathParts,
): Promise<void> {
  await ledger.changeImport(id, (before) => ({
    ...before,
    deliveries: before.deliveries.with(index, {
      ...before.deliveries[index]!,
      files: before.deliveries[index]!.files.with(at, { ...before.deliveries[index]!.files[at]!, rows }),
    }),
  }));
}

/** What is wrong with a file is a reason to refuse the import; what is wrong with the store is not. */
function refusedFile(path: string, error: unknown): unknown {
  const reason = ImportRefused.reasonOf(error);
  return reason === undefined ? error : new ImportRefused([{ file: path, text: reason }]);
}
