import type { RecordStore } from '../kernel/record-store.ts';
import { type Owned, OwnedRecords } from './owned-records.ts';

/** A page of the console as somebody left it. */
export interface SavedView extends Owned {
  readonly name: string;
  /** Path below `/console/`: `explorer`, `cost-categories`. */
  readonly page: string;
  /** What stands behind the `?` of its address. */
  readonly state: string;
}

export function savedViews(records: RecordStore): OwnedRecords<SavedView> {
  return new OwnedRecords({ records, kind: 'saved-view', noun: 'saved view', ownerMax: 200, accountMax: 2_000 });
}
