import type { AuditRecord } from './audit-record.ts';

/** Port: the append-only log of control-plane calls and refused calls. */
export interface AuditLog {
  /**
   * Throws ServiceUnavailableException while records cannot be written, having tried once more: a change that could not be
   * recorded is refused before it happens.
   */
  requireWritable(): Promise<void>;
  /** Resolves when the record is as durable as configured; throws ServiceUnavailableException when it could not be written. */
  append(record: AuditRecord): Promise<void>;
  /**
   * Newest first. Reads no more than a bounded part of the log for one page. Throws InvalidNextTokenException when `before`
   * is no place in the log.
   */
  lookup(query: AuditQuery): Promise<AuditPage>;
  /** Reads the whole log and checks that no record was changed, taken out, added or cut off. */
  verify(): Promise<AuditVerdict>;
}

export interface AuditQuery {
  /** First and last instant, both included. Absent: from the first record on, until now. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly matches: (record: AuditRecord) => boolean;
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: AuditPosition;
}

/** A place in the log, which stays where it is: `2026-11-24/12345`. */
export type AuditPosition = string;

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Where the next page begins; absent when everything was looked at. A page may be short, even empty, and not the last. */
  readonly next?: AuditPosition;
}

export interface AuditVerdict {
  readonly records: number;
  /** Number, counted from 1, and chain value of the newest record; 0 and empty when there is none. To be kept elsewhere. */
  readonly head: { readonly sequence: number; readonly chain: string };
  /** One sentence for each place where the log is not what was written; empty when all is well. At most 100. */
  readonly findings: readonly string[];
}
