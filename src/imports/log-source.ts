import type { LogMarks } from './log-marks.ts';
import type { LogTally } from './log-tally.ts';

/**
 * What is on record of a source that holds a model invocation log. Where the source is removed while `handingOverAt` is another node, the
 * record stays until that one has taken its calls out of the ledger again.
 */
export interface LogSource {
  readonly sourceId: string;
  /** Of all its imports. */
  readonly tally: LogTally;
  readonly marks: LogMarks;
  /** The import that began the marks: one that is asked for reads everything. */
  readonly markedBy: string;
  /** Node whose journal may hold calls of it that are not in the store yet. Absent: none does. */
  readonly handingOverAt?: string;
}

/** Upstreams of calls that logs say. */
export const LOG_UPSTREAM_PREFIX = 'invocation-log:';

/** `upstream` of the calls of a source. */
export function logUpstream(sourceId: string): string {
  return `${LOG_UPSTREAM_PREFIX}${sourceId}`;
}

export function isLogUpstream(upstream: string): boolean {
  return upstream.startsWith(LOG_UPSTREAM_PREFIX);
}
