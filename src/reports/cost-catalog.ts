import type { CostAllocationTag } from '../allocation/cost-allocation-tag.ts';
import type { CategoryCatalog } from '../allocation/cost-category.ts';
import type { MembershipStructures } from '../allocation/membership.ts';
import type { BilledModel } from '../rating/billed-model.ts';
import type { Books } from './book.ts';
import type { ReconciledPeriod } from './reconciled-period.ts';

/** What line items do not say by themselves: the projections that give them tags, cost categories and account names. */
export interface CostCatalog {
  readonly tags: TagCatalog;
  readonly categories: CategoryCatalog;
  /** Display names by account id. An account without one shows an empty name. */
  readonly accountNames: ReadonlyMap<string, string>;
  /** What bills say of a model, by its id. A model that is not listed goes by its id. */
  readonly models: ReadonlyMap<string, Pick<BilledModel, 'provider' | 'displayName'>>;
  /** Absent: the ledger is all there is. */
  readonly books?: Books;
  /** What of the ledger was compared with a bill. Absent: nothing. */
  readonly reconciled?: readonly ReconciledPeriod[];
  /** Who belongs where and when. Absent: no structure is known. */
  readonly memberships?: Memberships;
}

/** Structures, and the instant at which they are today's. */
export interface Memberships {
  readonly structures: MembershipStructures;
  readonly nowMs: number;
}

/** Cost allocation tags by their prefixed key. */
export type TagCatalog = ReadonlyMap<string, CostAllocationTag>;
