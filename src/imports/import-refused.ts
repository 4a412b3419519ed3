import { Fault } from '../kernel/fault.ts';
import type { ImportProblem } from './delivery.ts';
import { isTornArchive, tornArchive } from './file-head.ts';

/** A bill that is not imported, with everything that is in the way. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
  readonly problems: readonly ImportProblem[];

  constructor(problems: readonly ImportProblem[]) {
    super(problems.map(({ file, text }) => (file === undefined ? text : `\`${file}\`: ${text}`)).join('\n'));
    this.problems = problems;
  }

  /** What an error while a file is read says of the file; undefined when it says nothing of it. */
  static reasonOf(error: unknown): string | undefined {
    if (error instanceof Fault) return error.code === 'ValidationException' ? error.message : undefined;
    return isTornArchive(error) ? tornArchive(error) : undefined;
  }
}
