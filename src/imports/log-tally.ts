import type { ImportProblem } from './delivery.ts';

/** Records of one kind that somebody should know of. */
export interface LogNote {
  /** Whether they are in the ledger. */
  readonly isKept: boolean;
  /** In a few words: `already imported`. */
  readonly reason: string;
  readonly records: number;
  /** Request ids or places in files, the first few. */
  readonly examples: readonly string[];
}

/** What an import, or all of a source, has read of a model invocation log. */
export interface LogTally {
  readonly files: number;
  /** Lines of files; each is a record. */
  readonly records: number;
  /** Records that have become calls of the ledger. */
  readonly calls: number;
  /** Of these calls. */
  readonly tokens: number;
  /** First and last of these calls; absent without any. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Most records first. */
  readonly notes: readonly LogNote[];
  /** Files of which nothing was taken, the first few. */
  readonly refused: readonly ImportProblem[];
  readonly refusedFiles: number;
}

export const NOTHING_READ: LogTally = {
  ...{ files: 0, records: 0, calls: 0, tokens: 0 },
  ...{ notes: [], refused: [], refusedFiles: 0 },
};

const EXAMPLES_MAX = 3;
/** Kinds of records; what a hostile or broken log has beyond is counted under one. */
const NOTES_MAX = 50;
const REFUSED_MAX = 50;

/** Both together. */
export function added(one: LogTally, other: LogTally): LogTally {
  const times = [one.fromMs, one.toMs, other.fromMs, other.toMs].filter((at) => at !== undefined);
  return {
    files: one.files + other.files,
    records: one.records + other.records,
    calls: one.calls + other.calls,
    tokens: one.tokens + other.tokens,
    ...(times.length > 0 && { fromMs: Math.min(...times), toMs: Math.max(...times) }),
    notes: other.notes.reduce(withNote, one.notes).toSorted((a, b) => b.records - a.records),
    refused: [...one.refused, ...other.refused].slice(0, REFUSED_MAX),
    refusedFiles: one.refusedFiles + other.refusedFiles,
  };
}

/** With one more record of a kind, or several. */
export function withNote(notes: readonly LogNote[], note: LogNote): readonly LogNote[] {
  const isSame = (one: LogNote) => one.isKept === note.isKept && one.reason === note.reason;
  const at = notes.findIndex(isSame);
  if (at === -1) {
    if (notes.length < NOTES_MAX) return [...notes, note];
    return withNote(notes.slice(0, NOTES_MAX - 1), {
      ...note,
      reason: 'other reasons',
      records: note.records + notes.at(-1)!.records,
    });
  }
  const known = notes[at]!;
  return notes.with(at, {
    ...known,
    records: known.records + note.records,
    examples: [...known.examples, ...note.examples].slice(0, EXAMPLES_MAX),
  });
}
