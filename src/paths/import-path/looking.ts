import type { FileColumn } from '../../imports/bill-store.ts';
import type { Delivery, Ignored, ImportProblem } from '../../imports/delivery.ts';
import { findDeliveries } from '../../imports/delivery-finder.ts';
import { type FileHead, readFileHead } from '../../imports/file-head.ts';
import type { ImportDelivery } from '../../imports/import-records.ts';
import type { SourceFile } from '../../imports/source-files.ts';
import { billFormatOf } from '../../reports/bill-columns.ts';
import { type BillHead, examineHead, exportRemedy } from '../../reports/bill-doctor.ts';
import type { BillFormat } from '../../reports/bill-row.ts';
import type { ImportPathParts, PlannedDelivery } from './import-parts.ts';

type LookParts = Pick<ImportPathParts, 'files' | 'unpack' | 'signal'>;

export interface Look {
  readonly plan: readonly PlannedDelivery[];
  /** What an import of them would be refused for, as far as heads of files tell. */
  readonly problems: readonly ImportProblem[];
}

/** Heads that are read at a time: most of a look is waiting for a bucket. */
const HEADS_AT_ONCE = 8;

/** What an import of a place would find, before any row is read. */
export interface CheckedPlace {
  readonly deliveries: readonly ImportDelivery[];
  readonly problems: readonly ImportProblem[];
  readonly ignored: readonly Ignored[];
}

/** What is there, what is in the way, and what is missing. */
export async function checkPlace(parts: LookParts): Promise<CheckedPlace> {
  const found = await findDeliveries(parts.files);
  const { plan, problems } = await lookAt(found.deliveries, parts);
  return {
    deliveries: plan.map(importDelivery),
    ignored: found.ignored,
    problems: [...found.problems, ...problems],
  };
}

/** Reads heads of the files of deliveries. */
export async function lookAt(deliveries: readonly Delivery[], parts: LookParts): Promise<Look> {
  const problems: ImportProblem[] = [];
  const plan: PlannedDelivery[] = [];
  for (const delivery of deliveries) {
    const heads: HeadOfFile[] = [];
    for (const { file, head } of await readHeads(delivery, parts)) {
      if (typeof head === 'string') problems.push({ file: file.path, text: head });
      else heads.push({ file, head });
    }
    const planned = planOf(delivery, heads, problems);
    if (planned) plan.push(planned);
  }
  return { plan, problems };
}

interface HeadOfFile {
  readonly file: SourceFile;
  readonly head: FileHead;
}

async function readHeads({ files, fileType }: Delivery, { files: source, unpack, signal }: LookParts) {
  const heads: { readonly file: SourceFile; readonly head: FileHead | string }[] = [];
  for (let at = 0; at < files.length; at += HEADS_AT_ONCE) {
    signal.throwIfAborted();
    const some = files.slice(at, at + HEADS_AT_ONCE);
    const read = some.map(async (file) => ({ file, head: await readFileHead(file, fileType, source, unpack) }));
    heads.push(...(await Promise.all(read)));
  }
  return heads;
}

const NO_BILL =
  'its columns are those of no bill: CUR 2.0 has `line_item_unblended_cost`, legacy CUR `lineItem/UnblendedCost`, FOCUS `BilledCost`';

/** Undefined where no file is one of a bill. Adds to `problems`. */
function planOf(
  delivery: Delivery,
  heads: readonly HeadOfFile[],
  problems: ImportProblem[],
): PlannedDelivery | undefined {
  const columns = new Map<string, FileColumn>();
  let first: { readonly path: string; readonly format: BillFormat } | undefined;
  for (const { file, head } of heads) {
    // Chunks that a smaller refresh left over are empty.
    if (head.rows === 0n && head.columns.length === 0) continue;
    const format = billFormatOf(head.columns.map(({ name }) => name));
    if (!format) problems.push({ file: file.path, text: NO_BILL });
    else if (first && first.format !== format) {
      problems.push({ file: file.path, text: `it is ${format.title} and \`${first.path}\` is ${first.format.title}` });
    } else first ??= { path: file.path, format };
    for (const column of head.columns) columns.set(column.name, column);
  }
  if (!first) return undefined;
  const counts = heads.map(({ head }) => head.rows);
  const rows = counts.every((count) => count !== undefined)
    ? Number(counts.reduce((sum, count) => sum + count, 0n))
    : undefined;
  const head = headOf(delivery, heads, { format: first.format.name, columns: [...columns.keys()] });
  const findings = rows === 0 ? [] : examineHead(head);
  const remedy = findings.some((one) => one.remedy) ? exportRemedy(head) : undefined;
  return {
    ...{ delivery, format: first.format, columns: [...columns.values()], findings },
    ...(rows !== undefined && { rows }),
    ...(remedy && { remedy }),
  };
}

/** What the heads of a delivery's files say together. */
function headOf(
  { period, exportArn }: Delivery,
  heads: readonly HeadOfFile[],
  file: Pick<BillHead, 'format' | 'columns'>,
): BillHead {
  const withRows = heads.map(({ head }) => head).filter(({ rows }) => rows !== 0n);
  const filled = new Set(
    withRows.flatMap(({ columns, emptyColumns }) => {
      const empty = new Set(emptyColumns);
      return columns.map(({ name }) => name).filter((name) => !empty.has(name));
    }),
  );
  const grains = withRows.flatMap(({ grainMs }) => grainMs ?? []);
  const [year, month] = period?.split('-').map(Number) ?? [];
  return {
    ...file,
    ...(exportArn !== undefined && { exportArn }),
    emptyColumns: [...new Set(withRows.flatMap((head) => head.emptyColumns))].filter((name) => !filled.has(name)),
    ...(grains.length > 0 && { grainMs: Math.min(...grains) }),
    ...(year !== undefined && month !== undefined && { endMs: Date.UTC(year, month, 1) }),
  };
}

/** As it is kept and shown. */
export function importDelivery({ delivery, format, columns, rows, findings, remedy }: PlannedDelivery): ImportDelivery {
  return {
    exportName: delivery.exportName,
    ...(delivery.period !== undefined && { period: delivery.period }),
    ...{ executionId: delivery.executionId, layout: delivery.layout, format: format.title },
    fingerprint: delivery.fingerprint,
    columns: columns.map(({ name }) => name),
    ...(rows !== undefined && { rows }),
    findings,
    ...(remedy && { remedy }),
    files: delivery.files.map(({ path, sizeBytes, version }) => ({ path, sizeBytes, version })),
  };
}
