import type { JournalPosition } from '../metering/usage-journal.ts';
import type { RatingChange } from '../paths/rerate-path.ts';
import type { LineItem } from '../rating/line-item.ts';
import type { PriceSettings } from './price-data.ts';

/** How the store is reached; the embedded engine comes back on another port after a crash, so it is asked for each time. */
export interface StoreConnection {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** What the thread is started with. */
export interface CostThreadData {
  readonly journalFolder: string;
  readonly firstSegment: number;
  readonly database: string;
  readonly prices: PriceSettings;
  readonly firstOpenPeriod: string;
  /** The first period that has a bill. */
  readonly firstPeriod?: string;
  /** How long usage gathers before it is shipped. */
  readonly gatherMs: number;
}

/** Work on the ledger that must not meet a batch: it is done between two. */
export type CostJob =
  | { readonly kind: 'rerate'; readonly period: string; readonly apply: boolean }
  /** Stores line items of charges, once. */
  | { readonly kind: 'book'; readonly lineItems: readonly LineItem[] }
  /** Removes the calls of an upstream and their line items. */
  | { readonly kind: 'removeUpstream'; readonly upstream: string }
  /** Ships what is durable now. */
  | { readonly kind: 'ship' }
  /** Ships what is durable; usage of the periods before it that comes later is billed there. */
  | { readonly kind: 'seal'; readonly firstOpenPeriod: string };

export interface CostJobAnswers {
  readonly rerate: RatingChange;
  readonly book: undefined;
  readonly removeUpstream: undefined;
  readonly ship: undefined;
  readonly seal: undefined;
}

export type ToCostThread =
  /** The answer to `connect`; absent while the store is down. */
  | { readonly type: 'connection'; readonly connection?: StoreConnection }
  /** Everything before the position may be read. */
  | { readonly type: 'durable'; readonly position: JournalPosition }
  /** Sent before any usage of a later slice becomes durable. */
  | { readonly type: 'sliceInstants'; readonly instants: readonly number[] }
  | { readonly type: 'job'; readonly id: number; readonly job: CostJob }
  /** Ship what is durable, then end. */
  | { readonly type: 'finish' };

export type FromCostThread =
  | { readonly type: 'connect' }
  | { readonly type: 'shipped'; readonly position: JournalPosition; readonly events: number }
  | { readonly type: 'trouble'; readonly message: string }
  /** What the job answers, as `CostJobAnswers` says. */
  | { readonly type: 'done'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly code: string; readonly message: string };
