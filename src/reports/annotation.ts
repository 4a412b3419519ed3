import type { RecordStore } from '../kernel/record-store.ts';
import { type Owned, OwnedRecords } from './owned-records.ts';

/** Words on days, for whoever looks at the spend of those days. */
export interface Annotation extends Owned {
  /** `2026-04-09`, a day of whatever time zone the reader looks in. */
  readonly firstDay: string;
  /** The last day, itself counted; the first for a single day. */
  readonly lastDay: string;
  readonly text: string;
  /** What it is about: every one of them holds. Empty: all spend. */
  readonly scope: readonly AnnotationScope[];
}

/** One value of a key as GetReport groups by it. */
export interface AnnotationScope {
  readonly type: 'DIMENSION' | 'TAG' | 'COST_CATEGORY';
  readonly key: string;
  readonly value: string;
}

export function annotations(records: RecordStore): OwnedRecords<Annotation> {
  return new OwnedRecords({ records, kind: 'annotation', noun: 'annotation', ownerMax: 1_000, accountMax: 5_000 });
}
