import type { Present } from '../../../kernel/present.ts';
import type { ReportFilter } from '../../../reports/report-query.ts';
import type { Scope } from '../api/session.ts';
import type { TimeSpan } from '../time/range.ts';
import type { SubjectKind } from './subject.ts';

/** Whose spend a page shows, and when. */
export interface SubjectQuestion {
  readonly kind: SubjectKind;
  readonly value: string;
  readonly range: string;
  readonly span: TimeSpan;
  readonly before: TimeSpan;
  /** The range for pages of calls. */
  readonly callsRange: string;
  readonly scope: Scope;
  readonly present: Present;
  readonly teamTagKey: string;
  /** Keeps the spend of the subject alone, as operations and as addresses write it. */
  readonly filter: ReportFilter;
  readonly filterText: string;
}
