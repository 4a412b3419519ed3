import { visible } from '../table.ts';
import { count } from './row-count.ts';

export interface BillProblem {
  readonly File?: string;
  readonly Text: string;
}

export interface IgnoredFile {
  readonly Path: string;
  readonly Reason: string;
}

/** Ignored files that are named; the others are counted. */
const SHOWN_IGNORED = 10;

/** Why a bill is not imported, every reason on a line of its own. Names are whoever's who may write into the bucket. */
export function problemLines(problems: readonly BillProblem[]): string[] {
  return problems.map(({ File, Text }) => `  ${visible(File === undefined ? Text : `${File}: ${Text}`)}`);
}

export function ignoredLines(ignored: readonly IgnoredFile[]): string[] {
  const lines = ignored.slice(0, SHOWN_IGNORED).map(({ Path, Reason }) => visible(`ignored: ${Path}, for ${Reason}`));
  const rest = ignored.length - SHOWN_IGNORED;
  return rest > 0 ? [...lines, `ignored: ${count(rest)} more`] : lines;
}
