import type { Statement } from '../statements/statement.ts';

export interface ToPaperThread {
  readonly id: number;
  readonly statement: Statement;
}

export interface FromPaperThread {
  readonly id: number;
  /** Absent: it could not be written, for the reason in `failure`. */
  readonly pdf?: Uint8Array;
  readonly failure?: string;
}
