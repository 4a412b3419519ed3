import { ImportRefused } from '../../imports/import-refused.ts';
import { added, type LogTally, NOTHING_READ, withNote } from '../../imports/log-tally.ts';
import { BOMB, type Packing } from '../../imports/packing.ts';
import type { SourceFile, SourceFiles, Unpack } from '../../imports/source-files.ts';
import { type LoggedUsage, readLoggedUsage } from '../../invocations/logged-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import { textLines } from '../../kernel/text-lines.ts';
import type { LoggedCallers } from './logged-callers.ts';

/** What a file of a log has. Of one that is torn nothing is taken: the tally names it. */
export interface LogFile {
  readonly file: SourceFile;
  readonly calls: readonly LoggedUsage[];
  /** Of what is no call, and of what is not known of calls. */
  readonly tally: LogTally;
}

export interface LogFileParts {
  readonly files: SourceFiles;
  readonly unpack: Unpack;
  readonly callers: LoggedCallers;
  readonly nowMs: number;
}

/** AWS logs bodies up to 100 KB within a record; a line that is longer than this is none. */
const LINE_BYTES_MAX = 16 * 2 ** 20;
/** All calls of a file are held. AWS's files have some thousands. */
const RECORDS_MAX = 200_000;

/** Reads a file as a whole. Throws what is no fault of the file. */
export async function readLogFile(file: SourceFile, { files, unpack, callers, nowMs }: LogFileParts): Promise<LogFile> {
  const calls: LoggedUsage[] = [];
  let tally: LogTally = { ...NOTHING_READ, files: 1 };
  const note = (isKept: boolean, reason: string, example: string) => {
    tally = { ...tally, notes: withNote(tally.notes, { isKept, reason, records: 1, examples: [example] }) };
  };
  const packing: Packing = { kind: file.path.endsWith('.gz') ? 'gzip' : 'none' };
  let records = 0;
  try {
    const content = unpack(await files.open(file.path), packing);
    for await (const line of textLines(content, LINE_BYTES_MAX, () => new LineTooLong())) {
      records += 1;
      if (records > RECORDS_MAX) return refused(file, `it has more than ${RECORDS_MAX} records; split it`);
      const place = `${file.path}:${records}`;
      const read = readLoggedUsage(jsonOf(line), callers.modelOf, nowMs);
      if ('skipped' in read) {
        note(false, read.skipped, place);
        continue;
      }
      const { event } = read;
      if (event.principalArn === '') note(true, 'no caller is named', place);
      if (!read.isKnownModel) note(true, `the model \`${event.requestedModelId}\` is not known here`, event.requestId);
      if (!read.isCounted && event.status === 'completed') {
        note(true, `no tokens are counted of \`${event.modelId}\``, event.requestId);
      }
      calls.push(read);
    }
  } catch (error) {
    if (error instanceof LineTooLong) return refused(file, `one of its lines is longer than ${LINE_BYTES_MAX} bytes`);
    const reason = ImportRefused.reasonOf(error);
    if (reason === undefined) throw error;
    // What cannot be fetched may be whole.
    if (error instanceof Fault && reason !== BOMB) throw new ImportRefused([{ file: file.path, text: reason }]);
    return refused(file, reason);
  }
  return { file, calls, tally: { ...tally, records } };
}

function refused(file: SourceFile, text: string): LogFile {
  const problem = { file: file.path, text };
  return { file, calls: [], tally: added(NOTHING_READ, { ...NOTHING_READ, refused: [problem], refusedFiles: 1 }) };
}

class LineTooLong extends Error {}

/** What is no JSON is undefined, which is no record. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
