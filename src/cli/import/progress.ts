import type { BillImportAnswer } from './answer.ts';
import { count } from './row-count.ts';

/** Of the work, as measured with files of CUR 2.0: what reading takes, and the rest checking and publishing. */
const READING = 0.65;

/** `reading 3 of 12 files: 4,200,000 of 10,000,000 rows, 130,000 rows/s, 12 MB/s, 0:52 left`. */
export function progressLine(
  { Import, Progress }: Pick<BillImportAnswer, 'Import' | 'Progress'>,
  elapsedMs: number,
): string {
  if (!Progress) return Import.State === 'queued' ? 'waiting for another import' : 'beginning';
  const { Step, FilesDone, FilesTotal, BytesDone, BytesTotal, RowsDone, RowsTotal, PeriodsDone, PeriodsTotal } =
    Progress;
  if (Step === 'looking') return 'looking at the files';
  if (Step === 'checking') return `checking ${count(RowsDone)} rows`;
  const left = remaining(fractionDone(Progress), elapsedMs);
  if (Step === 'publishing') return `publishing ${PeriodsDone} of ${PeriodsTotal} billing periods${left}`;
  const seconds = Math.max(elapsedMs, 1) / 1_000;
  const rows = RowsTotal === undefined ? `${count(RowsDone)} rows` : `${count(RowsDone)} of ${count(RowsTotal)} rows`;
  const bytes =
    RowsTotal === undefined
      ? Number(BytesDone)
      : (Number(BytesTotal) * Number(RowsDone)) / Math.max(Number(RowsTotal), 1);
  const rates = `${count(Math.round(Number(RowsDone) / seconds))} rows/s, ${(bytes / seconds / 1e6).toFixed(1)} MB/s`;
  return `reading file ${Math.min(FilesDone + 1, FilesTotal)} of ${FilesTotal}: ${rows}, ${rates}${left}`;
}

function fractionDone(progress: NonNullable<BillImportAnswer['Progress']>): number {
  const { BytesDone, BytesTotal, RowsDone, RowsTotal, Step, PeriodsDone, PeriodsTotal } = progress;
  const read = RowsTotal === undefined ? ratio(BytesDone, BytesTotal) : ratio(RowsDone, RowsTotal);
  if (Step === 'reading') return READING * read;
  return READING + (1 - READING) * ratio(PeriodsDone, PeriodsTotal);
}

function ratio(done: string | number, total: string | number): number {
  return Number(total) === 0 ? 0 : Math.min(Number(done) / Number(total), 1);
}

function remaining(fraction: number, elapsedMs: number): string {
  if (fraction < 0.02 || elapsedMs < 2_000) return '';
  const seconds = Math.ceil((elapsedMs / fraction - elapsedMs) / 1_000);
  return `, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
}
